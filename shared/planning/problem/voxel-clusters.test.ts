import type { Grid } from '@isola/kernels/grid';
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import type { Structure } from '../case/index.js';
import { createObjective } from '../objectives/index.js';
import { type ClusterTerm, clusterTerms, DEFAULT_CLUSTERS, type TermSpec } from './index.js';

const SIZE = [26, 22, 18] as const;
const grid: Grid = { size: [...SIZE], spacingMm: [2, 2, 3], originMm: [0, 0, 0] };
const all = Uint32Array.from({ length: SIZE[0] * SIZE[1] * SIZE[2] }, (_, v) => v);
const ball = (x: number, y: number, z: number, radius: number) =>
  all.filter((v) => {
    const p = [v % SIZE[0], Math.floor(v / SIZE[0]) % SIZE[1], Math.floor(v / (SIZE[0] * SIZE[1]))];
    return Math.hypot(p[0] - x, p[1] - y, 1.5 * (p[2] - z)) < radius;
  });
const target = ball(9, 10, 8, 5);
const organ = ball(17, 10, 8, 6).filter((v) => !target.includes(v));
const rest = all.filter((v) => !target.includes(v) && !organ.includes(v));
const structures: Structure[] = [
  { name: 'Target', kind: 'target', voxels: target },
  { name: 'Organ', kind: 'organ', voxels: organ },
  { name: 'Rest', kind: 'external', voxels: rest },
];
const specs: TermSpec[] = [
  term('Target', 'squared-deviation', 2),
  term('Organ', 'squared-overdosing', 0.5),
  term('Rest', 'squared-overdosing', 0.3),
  { structure: 'Organ', weight: 2, objective: { type: 'mean' } },
];
const clustered = clusterTerms(structures, specs, grid, {
  ...DEFAULT_CLUSTERS,
  smallestClustered: 200,
});
const { voxels, clusterOf, clusters, sizes, coarseOf, coarseClusters } = clustered;

function term(structure: string, type: 'squared-deviation' | 'squared-overdosing', gy: number) {
  return { structure, weight: 10, objective: { type, dosePerFractionGy: gy } } satisfies TermSpec;
}

const cost = (terms: readonly ClusterTerm[], dose: Float32Array) =>
  terms.reduce((sum, { objective, weight, voxels: set }) => {
    return sum + weight * createObjective(objective).value(dose, set);
  }, 0);

describe('clusters of voxels', () => {
  it('hold every voxel of the structures once', () => {
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(all.length);
    for (const { voxels: set, structure } of clustered.terms) {
      const own = structures.find(({ name }) => name === structure)?.voxels.length;
      expect(set.weights?.reduce((sum, weight) => sum + weight, 0)).toBe(own);
      expect(set.total).toBe(own);
    }
  });

  it('mix no structures, and are far fewer than voxels', () => {
    const owners = new Map<number, Set<string>>();
    for (const { structure, voxels: set } of clustered.terms) {
      for (const row of set.rows) owners.set(row, (owners.get(row) ?? new Set()).add(structure));
    }
    expect(owners.size).toBe(clusters);
    for (const names of owners.values()) expect(names.size).toBe(1);
    expect(clusters).toBeLessThan(all.length / 3);
  });

  it('keep every voxel of a target for itself', () => {
    const rows = clustered.terms[0].voxels;
    expect(rows.rows.length).toBe(target.length);
    expect(rows.weights?.every((weight) => weight === 1)).toBe(true);
  });

  it('look at one voxel of each cluster at least', () => {
    const seen = new Set(clusterOf);
    expect(seen.size).toBe(clusters);
    expect(voxels.voxels.length).toBe(clusterOf.length);
    expect(voxels.voxels.every((v, i) => i === 0 || voxels.voxels[i - 1] < v)).toBe(true);
  });

  it('cost no more on coarse clusters, whatever the dose (Jensen)', () => {
    expect(new Set(coarseOf).size).toBe(coarseClusters);
    const stream = new RandomStream(1, 'doses');
    for (let trial = 0; trial < 20; trial++) {
      const dose = Float32Array.from({ length: clusters }, (_, c) => {
        return 2 * stream.uniform(trial, 0, 0, c) + (c % 7 === 0 ? 1 : 0);
      });
      const sums = new Float64Array(coarseClusters);
      const counts = new Float64Array(coarseClusters);
      coarseOf.forEach((coarse, c) => {
        sums[coarse] += sizes[c] * dose[c];
        counts[coarse] += sizes[c];
      });
      const coarseDose = Float32Array.from(sums, (sum, c) => sum / counts[c]);
      const fine = cost(clustered.terms, dose);
      const coarse = cost(clustered.coarseTerms, coarseDose);
      expect(coarse).toBeLessThanOrEqual(fine * (1 + 1e-6));
      expect(coarse).toBeGreaterThan(0);
    }
  });
});
