import { describe, expect, it } from 'vitest';
import { differenceOf, intersectionOf, unionOf } from './voxel-sets.js';

const sets = [[], [0], [3], [0, 1, 2], [2, 3, 9], [1, 5, 9, 4294967295], [0, 2, 4, 6, 8]].map(
  (voxels) => Uint32Array.from(voxels),
);

describe('voxel sets', () => {
  it('agree with the sets of mathematics, ascending and without repeats', () => {
    const all = [...new Set(sets.flatMap((set) => [...set]))].sort((p, q) => p - q);
    for (const a of sets) {
      for (const b of sets) {
        expect([...unionOf(a, b)]).toEqual(all.filter((v) => a.includes(v) || b.includes(v)));
        expect([...intersectionOf(a, b)]).toEqual(
          all.filter((v) => a.includes(v) && b.includes(v)),
        );
        expect([...differenceOf(a, b)]).toEqual(all.filter((v) => a.includes(v) && !b.includes(v)));
      }
    }
  });
});
