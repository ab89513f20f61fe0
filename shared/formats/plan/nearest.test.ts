import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.js';

describe('edit distance', () => {
  const words = ['', 'a', 'ab', 'ba', 'dose', 'does', 'doseGy', 'kitten', 'sitting'];

  it('is 0 for equal words only, and symmetric', () => {
    for (const a of words) {
      for (const b of words) {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }
    }
  });

  it('counts inserts, deletes, replacements and swaps of neighbours', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'dose')).toBe(4);
    expect(editDistance('dose', 'does')).toBe(1);
  });
});

describe('nearest', () => {
  const known = ['gantryDeg', 'couchDeg', 'bixelMm', 'a'];

  it('finds the word that was meant', () => {
    expect(nearest('ganrtyDeg', known)).toBe('gantryDeg');
    expect(nearest('couchdeg', known)).toBe('couchDeg');
    expect(nearest('bixel', known)).toBe(undefined);
  });
});
