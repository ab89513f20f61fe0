import { allocate, createArena, inlineExecutor, sparseMatrix } from '@isola/kernels/backends';
import { RandomStream } from '@isola/kernels/random';
import { packBlock } from '@isola/kernels/sparse';
import { describe, expect, it } from 'vitest';
import { doseMap } from '../dose/index.js';
import {
  createObjective,
  type ObjectiveSpec,
  type ObjectiveType,
  objectiveCatalogue,
  type VoxelSet,
} from '../objectives/index.js';
import { costOfDose, fluenceProblem, type Term, uniformStart } from './index.js';

const [ROWS, COLUMNS] = [400, 12];
const stream = new RandomStream(8, 'fluence problem');
const u = (purpose: number, k: number, i: number) => stream.uniform(purpose, 0, k, i);

/** Doses of about 1.5 Gy for weights of about 0.5. */
const map = (() => {
  const rows = Uint32Array.from({ length: ROWS }, (_, r) => r);
  const columns = Array.from({ length: COLUMNS }, (_, j) => ({
    rows,
    values: Float32Array.from(rows, (r) => 0.5 * u(0, j, r)),
  }));
  const arena = createArena();
  const bytes = new Uint8Array(packBlock(ROWS, columns));
  const offset = allocate(arena, bytes.length);
  new Uint8Array(arena.memory.buffer, offset).set(bytes);
  const place = { offset, firstColumn: 0, columns: COLUMNS, nonzeros: 0, byteLength: bytes.length };
  return doseMap(sparseMatrix(arena, ROWS, [place], inlineExecutor()));
})();

const target: VoxelSet = {
  rows: Uint32Array.from({ length: 150 }, (_, i) => 2 * i),
  weights: null,
  total: 150,
};
const organ: VoxelSet = {
  rows: Uint32Array.from({ length: 120 }, (_, i) => 280 + i),
  weights: Float64Array.from({ length: 120 }, (_, i) => 1 + (i % 4)),
  total: 300,
};
const weightsOf = (k: number) => Float64Array.from({ length: COLUMNS }, (_, j) => u(1, k, j));

/** Objectives that are not 0 at these doses; every type of the catalogue has some. */
const specs: Record<ObjectiveType, ObjectiveSpec[]> = {
  'squared-deviation': [{ type: 'squared-deviation', dosePerFractionGy: 2 }],
  'squared-overdosing': [{ type: 'squared-overdosing', dosePerFractionGy: 1.2 }],
  'squared-underdosing': [{ type: 'squared-underdosing', dosePerFractionGy: 1.8 }],
  mean: [{ type: 'mean' }, { type: 'mean', dosePerFractionGy: 0.5, form: 'quadratic' }],
  geud: [
    { type: 'geud', exponent: 6 },
    { type: 'geud', exponent: -8, dosePerFractionGy: 2 },
  ],
  'max-dvh': [{ type: 'max-dvh', dosePerFractionGy: 1.2, volumePercent: 30 }],
  'min-dvh': [{ type: 'min-dvh', dosePerFractionGy: 1.8, volumePercent: 80 }],
};

const term = (objective: ObjectiveSpec, voxels: VoxelSet, weight = 70): Term => ({
  structure: 'any',
  objective: createObjective(objective),
  weight,
  voxels,
});
const inner = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);

const allTerms = Object.values(specs).flatMap((some) =>
  some.flatMap((spec) => [term(spec, target, 40), term(spec, organ, 7)]),
);

async function expectGradientToAgree(terms: readonly Term[]) {
  const problem = fluenceProblem(map, terms);
  for (let k = 0; k < 4; k++) {
    const x = weightsOf(k);
    const gradient = new Float64Array(COLUMNS).fill(Number.NaN);
    const value = await problem.valueAndGradient(x, gradient);
    expect(await problem.value(x)).toBe(value);
    // Central differences: doses are float32, so smaller steps drown in their rounding.
    const h = 1e-3;
    const direction = weightsOf(k + 10).map((w) => w - 0.5);
    const at = (by: number) => problem.value(x.map((xj, j) => xj + by * direction[j]));
    const slope = ((await at(h)) - (await at(-h))) / (2 * h);
    const size = Math.sqrt(inner(gradient, gradient) * inner(direction, direction));
    expect(size).toBeGreaterThan(0);
    expect(Math.abs(slope - inner(gradient, direction))).toBeLessThan(2e-3 * size);
  }
}

describe('the fluence problem', () => {
  it('is walked through with every objective of the catalogue', () => {
    expect(Object.keys(specs).sort()).toEqual(Object.keys(objectiveCatalogue).sort());
  });

  it.each(Object.values(specs).flat())('has the gradient of its cost: %j', async (spec) => {
    await expectGradientToAgree([term(spec, target)]);
    await expectGradientToAgree([term(spec, organ)]);
  });

  it('has the gradient of its cost with many terms', () => expectGradientToAgree(allTerms));

  it('costs the weighted sum of its terms', async () => {
    const problem = fluenceProblem(map, allTerms);
    const x = weightsOf(3);
    const dose = new Float32Array(ROWS);
    await map.apply(x, dose);
    const sum = allTerms.reduce(
      (total, { weight, objective, voxels }) => total + weight * objective.value(dose, voxels),
      0,
    );
    expect(await problem.value(x)).toBe(sum);
    expect(costOfDose(allTerms, dose)).toBe(sum);
    expect(costOfDose([], dose)).toBe(0);
  });

  it.each([1, 3, 4, 9])('costs %i candidates at once as one by one', async (count) => {
    const problem = fluenceProblem(map, allTerms);
    const candidates = Array.from({ length: count }, (_, k) => weightsOf(k));
    const out = new Float64Array(count);
    await problem.batchValue(candidates, out);
    for (let k = 0; k < count; k++) expect(out[k]).toBe(await problem.value(candidates[k]));
  });

  it('keeps weights at 0 or more', () => {
    const { size, lower, upper } = fluenceProblem(map, []);
    expect(size).toBe(COLUMNS);
    expect([lower, upper]).toEqual([
      new Float64Array(COLUMNS),
      new Float64Array(COLUMNS).fill(Number.POSITIVE_INFINITY),
    ]);
  });
});

describe('the uniform start', () => {
  it('gives the target its prescription on average', async () => {
    const unitDose = new Float32Array(ROWS);
    await map.apply(new Float64Array(COLUMNS).fill(1), unitDose);
    const start = uniformStart(COLUMNS, unitDose, target.rows, 1.85);
    expect(new Set(start).size).toBe(1);
    const dose = new Float32Array(ROWS);
    await map.apply(start, dose);
    const mean = target.rows.reduce((sum, row) => sum + dose[row], 0) / target.total;
    expect(mean).toBeCloseTo(1.85, 6);
  });
});
