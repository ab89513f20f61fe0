import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discDose, nyholmKernel, squareDose } from './nyholm.js';

const dataFolder = process.env.ISOLA_DATA ?? join(import.meta.dirname, '../../../../shared');
const publishedFile = join(dataFolder, 'params/nyholm2006.json');

/** Ratio of the doses of a 10 x 10 cm field at 200 and 100 mm depth, both at the isocentre. */
function tpr2010(quality: number): number {
  const kernelAt = nyholmKernel(quality);
  return squareDose(kernelAt(200), 100) / squareDose(kernelAt(100), 100);
}

describe('nyholmKernel', () => {
  it('has the parameters that the published coefficients give at TPR 0.67, z = 10 cm', () => {
    const kernel = nyholmKernel(0.67)(100);
    expect(kernel.primary).toBeCloseTo(2.6e-3, 5);
    expect(kernel.primaryPerMm).toBeCloseTo(0.4786, 4);
    expect(kernel.scatter).toBeCloseTo(1.06e-3, 5);
    expect(kernel.scatterPerMm).toBeCloseTo(0.01288, 5);
  });

  it('reproduces the beam quality that is entered, within 0.02', () => {
    for (const quality of [0.62, 0.67, 0.68, 0.7, 0.74, 0.78]) {
      expect(Math.abs(tpr2010(quality) - quality)).toBeLessThan(0.022);
    }
    expect(tpr2010(0.675)).toBeCloseTo(0.667, 3);
  });

  it.skipIf(!existsSync(publishedFile))('agrees with params/nyholm2006.json', () => {
    const { coefficients } = JSON.parse(readFileSync(publishedFile, 'utf8'));
    for (const quality of [0.6, 0.675, 0.81]) {
      const p = (name: string) =>
        coefficients[name].reduce((s: number, c: number, k: number) => s + c * quality ** k, 0);
      const form = (x: string, z: number) =>
        p(`${x}1`) *
        (1 - Math.exp(p(`${x}2`) * Math.hypot(z, p(`${x}5`)))) *
        Math.exp(p(`${x}3`) * z + p(`${x}4`) * z * z);
      for (const z of [0, 0.5, 1.5, 10, 30, 50]) {
        const kernel = nyholmKernel(quality)(10 * z);
        expect(kernel.primary / form('A', z)).toBeCloseTo(1, 8);
        expect(kernel.scatter / form('B', z)).toBeCloseTo(1, 8);
        expect((10 * kernel.scatterPerMm) / form('b', z)).toBeCloseTo(1, 8);
        expect((10 * kernel.primaryPerMm) / (p('a2') + p('a1') * z)).toBeCloseTo(1, 8);
      }
    }
  });
});

describe('integrals of the kernel', () => {
  const kernel = nyholmKernel(0.675)(50);
  const { primary, primaryPerMm: a, scatter, scatterPerMm: b } = kernel;
  /** K(r) r: what a ring of radius r adds per radian and mm. */
  const ring = (r: number) => primary * a * Math.exp(-a * r) + scatter * b * Math.exp(-b * r);

  it('discDose is the integral over the disc', () => {
    const steps = 20000;
    let sum = 0;
    for (let k = 0; k < steps; k++) sum += ring((50 * (k + 0.5)) / steps) * (50 / steps);
    expect(discDose(kernel, 50) / (2 * Math.PI * sum)).toBeCloseTo(1, 6);
  });

  it('squareDose is the integral over the square', () => {
    // In polar coordinates about the centre; an eighth of the directions, 0 to 45 degrees.
    const steps = 4000;
    let sum = 0;
    for (let k = 0; k < steps; k++) {
      const angle = ((k + 0.5) / steps) * (Math.PI / 4);
      sum += discDose(kernel, 20 / Math.cos(angle)) / steps;
    }
    expect(squareDose(kernel, 40) / sum).toBeCloseTo(1, 7);
  });

  it('a square lies between its inner and its outer circle', () => {
    expect(squareDose(kernel, 100)).toBeGreaterThan(discDose(kernel, 50));
    expect(squareDose(kernel, 100)).toBeLessThan(discDose(kernel, 50 * Math.SQRT2));
  });
});
