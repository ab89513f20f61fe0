import { describe, expect, it } from 'vitest';
import { fixed, significant } from './numbers.js';

describe('fixed', () => {
  it('has that many decimals, a true minus sign, and no minus zero', () => {
    expect([fixed(1.005, 1), fixed(-2, 2), fixed(-0.001, 1)]).toEqual(['1.0', '−2.00', '0.0']);
  });

  it('shows a dash for what is not a number', () => {
    expect([fixed(Number.NaN, 1), significant(Infinity)]).toEqual(['–', '–']);
  });
});

describe('significant', () => {
  it('has four digits, all digits of whole thousands, and powers of ten at the ends', () => {
    expect([0, 1.23456, 12345.6, 0.000012, 1.5e9, -3].map(significant)).toEqual([
      '0',
      '1.235',
      '12346',
      '1.20e−5',
      '1.50e9',
      '−3',
    ]);
  });
});
