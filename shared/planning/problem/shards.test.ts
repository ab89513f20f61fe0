/** Laws of shards: however voxels are divided, and wherever parts are merged. */
import type { Grid } from '@isola/kernels/grid';
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import {
  createObjective,
  type ObjectiveSpec,
  type ObjectiveType,
  objectiveCatalogue,
  sumsMerged,
  type VoxelSet,
} from '../objectives/index.js';
import {
  mergedLeaves,
  mergedNodes,
  mergedRanges,
  nodesOf,
  type ShardAnswer,
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
    const limit = 3 * objective.slopeLimit(heard, voxels.total);
    rows.forEach((row, i) => {
      const weight = voxels.weights?.[i] ?? 1;
      expect(Math.abs(gradient[row])).toBeLessThanOrEqual(1.000001 * limit * weight);
    });
    // A limit far above all slopes would cost digits.
    const steepest = rows.reduce((most, row) => Math.max(most, Math.abs(gradient[row])), 0);
    expect(limit).toBeLessThanOrEqual(1.000001 * steepest);
    const scale = Math.max(1e-30, ...expected.map(Math.abs));
    gradient.forEach((slope, row) => {
      expect(Math.abs(slope - expected[row])).toBeLessThanOrEqual(1e-6 * scale);
    });
  });
});

describe('answers of shards', () => {
  const COUNT = 16;
  const all = { from: 0, to: COUNT };
  const leaf = async (shard: number) =>
    Float64Array.of(stream.uniform(1, 0, 0, shard) * 10 ** (shard % 7));
  const answersOf = (parts: readonly ShardRange[]): Promise<ShardAnswer[]> =>
    Promise.all(
      parts.map(async (part) => ({ ...part, numbers: await mergedLeaves(part, leaf, sumsMerged) })),
    );
  const rangesOf = (places: number): ShardRange[] => {
    const cuts = Array.from({ length: places + 1 }, (_, i) => Math.floor((i * COUNT) / places));
    return cuts.slice(1).map((to, i) => ({ from: cuts[i], to }));
  };

  it.each([1, 2, 3, 5, 16])('have one sum, whichever of %i places merges which part', async (n) => {
    const answers = await answersOf(rangesOf(n).flatMap((range) => nodesOf(range, COUNT)));
    const sum = await mergedLeaves(all, leaf, sumsMerged);
    expect(mergedNodes(all, answers, sumsMerged)).toEqual(sum);
    expect(answers.length).toBeLessThanOrEqual(n === 16 ? 16 : 3 * n);
    answers.splice(n >> 1, 1);
    expect(mergedNodes(all, answers, sumsMerged)).toBeNull();
  });

  it.each([1, 3, 7])('of %i ranges are merged from shard to shard, all or none', async (n) => {
    const answers = (await answersOf(rangesOf(n))).reverse();
    const merged = mergedRanges(all, answers, sumsMerged);
    expect(merged?.[0]).toBeCloseTo((await mergedLeaves(all, leaf, sumsMerged))[0], 6);
    answers.splice(n >> 1, 1);
    expect(mergedRanges(all, answers, sumsMerged)).toBeNull();
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
