/** Laws of shards: however voxels are divided, and wherever parts are merged. */
import type { Grid } from '@isola/kernels/grid';
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import {
  createObjective,
  type ObjectiveSpec,
  type ObjectiveType,
  objectiveCatalogue,
  type VoxelSet,
} from '../objectives/index.js';
import {
  mergedLeaves,
  mergedNodes,
  nodeKey,
  nodesOf,
  type ShardRange,
  shardTerms,
} from './index.js';

const ROWS = 300;
const stream = new RandomStream(3, 'shards');
const doses: Readonly<Record<string, Float32Array>> = {
  mixed: Float32Array.from({ length: ROWS }, (_, i) => 3 * stream.uniform(0, 0, 0, i)),
  'many equal': Float32Array.from({ length: ROWS }, (_, i) => (i % 5) / 2),
  zero: new Float32Array(ROWS),
};
const rows = Uint32Array.from({ length: 200 }, (_, i) => i + 50);
const sets: Readonly<Record<string, VoxelSet>> = {
  whole: { rows, weights: null, total: 200 },
  sampled: {
    rows,
    weights: Float64Array.from(rows, (row) => 1 + (row % 3)),
    total: rows.reduce((sum, row) => sum + 1 + (row % 3), 0),
  },
};

const specs: Record<ObjectiveType, ObjectiveSpec[]> = {
  'squared-deviation': [{ type: 'squared-deviation', dosePerFractionGy: 2 }],
  'squared-overdosing': [{ type: 'squared-overdosing', dosePerFractionGy: 1.2 }],
  'squared-underdosing': [{ type: 'squared-underdosing', dosePerFractionGy: 1.8 }],
  mean: [{ type: 'mean' }, { type: 'mean', dosePerFractionGy: 0.5, form: 'quadratic' }],
  geud: [
    { type: 'geud', exponent: 1 },
    { type: 'geud', exponent: 6.5 },
    { type: 'geud', exponent: -8, dosePerFractionGy: 2 },
  ],
  'max-dvh': [0, 20, 100].map((volumePercent) => ({
    ...{ type: 'max-dvh', dosePerFractionGy: 1.2, volumePercent },
  })),
  'min-dvh': [0, 33, 95].map((volumePercent) => ({
    ...{ type: 'min-dvh', dosePerFractionGy: 1.8, volumePercent },
  })),
};

/** The set in parts, one of which may have no voxel. */
function parts(voxels: VoxelSet, count: number): VoxelSet[] {
  return Array.from({ length: count }, (_, part) => {
    const isOwn = (_row: number, i: number) => (i * i) % count === part;
    const weights = voxels.weights?.filter(isOwn) ?? null;
    return { rows: voxels.rows.filter(isOwn), weights, total: voxels.total };
  });
}

const cases = Object.keys(objectiveCatalogue).flatMap((type) =>
  specs[type as ObjectiveType].flatMap((spec) =>
    Object.keys(doses).flatMap((dose) => Object.keys(sets).map((set) => ({ spec, dose, set }))),
  ),
);

describe.each(cases)('$spec of $dose doses in a $set structure', ({ spec, dose: name, set }) => {
  const objective = createObjective(spec);
  const dose = doses[name];
  const voxels = sets[set];

  it.each([1, 2, 7])('is the same in %i shards', (count) => {
    const all = parts(voxels, count);
    const heard: Float64Array[] = [];
    objective.told.forEach((numbers, round) => {
      const told = all.map((part) => objective.tell(heard, dose, part));
      expect(told.every(({ length }) => length === numbers)).toBe(true);
      heard.push(told.reduce((one, other) => objective.merge(round, one, other)));
    });
    const expected = new Float32Array(ROWS);
    const value = objective.valueAndGradient(dose, voxels, 3, expected);
    const tolerance = 1e-12 * Math.max(1, value);
    expect(Math.abs(objective.valueOf(heard, voxels.total) - value)).toBeLessThan(tolerance);
    const gradient = new Float32Array(ROWS);
    for (const part of all) objective.addGradient(heard, dose, part, 3, gradient);
    const scale = Math.max(1e-30, ...expected.map(Math.abs));
    gradient.forEach((slope, row) => {
      expect(Math.abs(slope - expected[row])).toBeLessThanOrEqual(1e-6 * scale);
    });
  });
});

describe('the tree of shards', () => {
  const COUNT = 16;
  const leaf = async (shard: number) => stream.uniform(1, 0, 0, shard) * 10 ** (shard % 7);
  const add = (one: number, other: number) => one + other;

  it.each([1, 2, 3, 5, 16])('has one sum, whichever of %i places merges which part', async (n) => {
    const cuts = Array.from({ length: n + 1 }, (_, i) => Math.floor((i * COUNT) / n));
    const ranges = cuts.slice(1).map((to, i) => ({ from: cuts[i], to }));
    const nodes = ranges.flatMap((range) => nodesOf(range, COUNT));
    const sums = new Map<string, number>();
    for (const node of nodes) sums.set(nodeKey(node), await mergedLeaves(node, leaf, add));
    const all = { from: 0, to: COUNT };
    const known = (node: ShardRange) => sums.get(nodeKey(node));
    expect(mergedNodes(all, known, add)).toBe(await mergedLeaves(all, leaf, add));
    sums.delete(nodeKey(nodes[n >> 1]));
    expect(mergedNodes(all, known, add)).toBeNull();
    expect(nodes.length).toBeLessThanOrEqual(n === 16 ? 16 : 3 * n);
  });
});

describe('terms of shards', () => {
  const grid: Grid = { size: [4, 6, 5], spacingMm: [1, 1, 1], originMm: [0, 0, 0] };
  const voxels = Uint32Array.from({ length: 100 }, (_, i) => i + 9);
  const terms = [
    {
      ...{ structure: 'A', weight: 2, objective: createObjective({ type: 'mean' }) },
      voxels: {
        rows: Uint32Array.from({ length: 40 }, (_, i) => 2 * i),
        weights: Float64Array.from({ length: 40 }, (_, i) => 1 + i),
        total: 820,
      },
    },
  ];

  it('have every voxel once, with its weight, and keep lines whole', () => {
    const shards = [0, 1, 2, 3].map((shard) =>
      shardTerms({ voxels: { grid, voxels }, terms }, shard, 4),
    );
    const own = shards.map((shard) => shard.voxels.voxels);
    expect(own.flatMap((some) => [...some]).sort((a, b) => a - b)).toEqual([...voxels]);
    const lines = own.map((some) => new Set(some.map((voxel) => Math.floor(voxel / 4))));
    expect(new Set(lines.flatMap((some) => [...some])).size).toBe(
      lines.reduce((sum, { size }) => sum + size, 0),
    );
    const weightOf = new Map<number, number>();
    for (const {
      voxels: shard,
      terms: [term],
    } of shards) {
      expect(term.voxels.total).toBe(820);
      term.voxels.rows.forEach((row, i) => {
        weightOf.set(shard.voxels[row], term.voxels.weights?.[i] ?? 0);
      });
    }
    expect(weightOf).toEqual(
      new Map(Array.from({ length: 40 }, (_, i) => [voxels[2 * i], 1 + i] as const)),
    );
  });
});
