import { describe, expect, it } from 'vitest';
import {
  type ConformityFormula,
  conformityFormulas,
  conformityIndex,
  type HomogeneityFormula,
  homogeneityFormulas,
  homogeneityIndex,
} from './conformity.js';

const target = Uint32Array.of(0, 1, 2, 3);
const conformity = Object.keys(conformityFormulas) as ConformityFormula[];
const homogeneity = Object.keys(homogeneityFormulas) as HomogeneityFormula[];

describe('conformity', () => {
  it.each(conformity)('%s is 1 where exactly the target is treated', (formula) => {
    expect(conformityIndex(formula, Float32Array.of(10, 10, 10, 10, 9, 0), target, 10)).toBe(1);
  });

  it.each(conformity)('%s is 0 where nothing is treated', (formula) => {
    expect(conformityIndex(formula, new Float32Array(6), target, 10)).toBe(0);
  });

  it('follows the formulas where the target is missed in part and tissue is treated', () => {
    // target: 3 of 4 at 10 Gy, one at 9.6; elsewhere one at 10, one at 9.5
    const dose = Float32Array.of(10, 10.5, 11, 9.6, 10, 9.5);
    expect(conformityIndex('Paddick', dose, target, 10)).toBe(9 / (4 * 4));
    expect(conformityIndex('RTOG', dose, target, 10)).toBe(4 / 4);
    expect(conformityIndex('matRad', dose, target, 10)).toBe(16 / (4 * 6));
  });
});

describe('homogeneity', () => {
  const uniform = new Float64Array(50).fill(20);

  it.each(homogeneity)('%s of a uniform dose at the prescription is the ideal', (formula) => {
    expect(homogeneityIndex(formula, uniform, 20)).toBe(formula === 'RTOG' ? 1 : 0);
  });

  it('follows the formulas on 101 doses from 50 to 60 Gy in equal steps', () => {
    const ramp = Float64Array.from({ length: 101 }, (_, i) => 50 + i / 10);
    expect(homogeneityIndex('ICRU83', ramp, Number.NaN)).toBeCloseTo(9.6 / 55, 12);
    expect(homogeneityIndex('matRad', ramp, 50)).toBeCloseTo(18, 12);
    expect(homogeneityIndex('RTOG', ramp, 50)).toBeCloseTo(1.2, 12);
  });
});
