import { describe, expect, it } from 'vitest';
import { type DifferentiableProblem, InputError } from '../problem/index.js';
import {
  atPenalty,
  type GroupSparseOptions,
  type GroupSparseState,
  groupNormSum,
  groupNorms,
  groupSparse,
  minimise,
  projectedGradient,
  selectGroups,
  shrinkGroups,
  type VariableGroups,
  zeroingPenalty,
} from './index.js';
import { uniforms } from './toy-numbers.js';

interface LeastSquares extends DifferentiableProblem {
  readonly evaluated: Float64Array[];
}

/** |A x - b|^2 / 2 over x >= 0. */
function leastSquares(rows: readonly number[][], b: readonly number[]): LeastSquares {
  const size = rows[0].length;
  const evaluated: Float64Array[] = [];
  const valueAndGradient = async (x: Float64Array, gradient: Float64Array) => {
    evaluated.push(x.slice());
    let sum = 0;
    gradient.fill(0);
    rows.forEach((row, k) => {
      const r = row.reduce((total, a, i) => total + a * x[i], -b[k]);
      sum += (r * r) / 2;
      row.forEach((a, i) => {
        gradient[i] += a * r;
      });
    });
    return sum;
  };
  return {
    size,
    lower: new Float64Array(size),
    upper: new Float64Array(size).fill(Infinity),
    value: (x) => valueAndGradient(x, new Float64Array(size)),
    valueAndGradient,
    evaluated,
  };
}

const times = (rows: readonly number[][], x: readonly number[]) =>
  rows.map((row) => row.reduce((sum, a, i) => sum + a * x[i], 0));

function randomRows(count: number, size: number, seed: number): number[][] {
  const next = uniforms(seed);
  return Array.from({ length: count }, () => Array.from({ length: size }, () => 2 * next() - 1));
}

/** Groups of 1, 2, 3, 4, 5, 1, 2, ... variables with uneven weights. */
function unevenGroups(count: number): VariableGroups {
  const groupStarts = new Uint32Array(count + 1);
  for (let g = 0; g < count; g++) groupStarts[g + 1] = groupStarts[g] + 1 + (g % 5);
  const weights = Float64Array.from({ length: count }, (_, g) => 0.5 + ((g * 7) % 5) / 4);
  return { groupStarts, weights };
}

async function solve(problem: DifferentiableProblem, options: GroupSparseOptions, start?: number) {
  const optimizer = groupSparse({
    generalisedGradientTolerance: 1e-9,
    relativeReductionTolerance: 0,
    ...options,
  });
  let state = await optimizer.init(problem, new Float64Array(problem.size).fill(start ?? 1), 0);
  const trace = [state];
  while (optimizer.status(state) === 'running' && trace.length < 5000) {
    state = await optimizer.step(problem, state);
    trace.push(state);
  }
  return { optimizer, state, trace };
}

/**
 * How far -v (v the gradient of a smooth cost at z) is from penalty times the subdifferential of
 * the group norm plus the normal cone of z >= 0, the largest over the groups: 0 at a minimum.
 */
function kktResidual(
  z: Float64Array,
  v: Float64Array,
  { groupStarts, weights }: VariableGroups,
  penalty: number,
): number {
  const norms = groupNorms(z, { groupStarts, weights });
  let largest = 0;
  norms.forEach((norm, g) => {
    const threshold = penalty * weights[g];
    let downhill = 0;
    for (let i = groupStarts[g]; i < groupStarts[g + 1]; i++) {
      if (norm === 0) downhill += Math.max(-v[i], 0) ** 2;
      else {
        const slope = v[i] + (threshold * z[i]) / norm;
        largest = Math.max(largest, z[i] > 0 ? Math.abs(slope) : -slope);
      }
    }
    if (norm === 0) largest = Math.max(largest, Math.sqrt(downhill) - threshold);
  });
  return largest;
}

const groups = unevenGroups(10);
const size = groups.groupStarts[10];
const rows = randomRows(60, size, 3);
const noisy = uniforms(8);
const b = times(
  rows,
  Array.from({ length: size }, () => Math.max(0, 2 * noisy() - 1)),
).map((bk) => bk + noisy() - 0.5);

describe('the proximal operator of the group norm over x >= 0', () => {
  const next = uniforms(1);
  const points = Array.from({ length: 20 }, () =>
    Float64Array.from({ length: size }, () => 4 * next() - 2),
  );

  it.each([0, 0.1, 1, 2.5])('satisfies the subgradient conditions at penalty %d', (penalty) => {
    for (const x of points) {
      const z = shrinkGroups(x.slice(), groups, penalty);
      expect(Math.min(...z)).toBeGreaterThanOrEqual(0);
      const gradient = z.map((zi, i) => zi - x[i]);
      expect(kktResidual(z, gradient, groups, penalty)).toBeLessThan(1e-14);
    }
  });

  it('beats every nearby point', () => {
    for (const x of points) {
      const cost = (z: Float64Array) =>
        z.reduce((sum, zi, i) => sum + (zi - x[i]) ** 2 / 2, 0) + groupNormSum(z, groups);
      const z = shrinkGroups(x.slice(), groups, 1);
      for (let trial = 0; trial < 50; trial++) {
        const other = z.map((zi) => Math.max(0, zi + 0.2 * (next() - 0.5)));
        expect(cost(other)).toBeGreaterThanOrEqual(cost(z));
      }
    }
  });

  it('is the soft threshold where groups are single variables', () => {
    const single = { groupStarts: Uint32Array.of(0, 1, 2, 3), weights: Float64Array.of(1, 2, 1) };
    expect(shrinkGroups(Float64Array.of(3, 3, -3), single, 1)).toEqual(Float64Array.of(2, 1, 0));
  });

  it('zeroes a group whose clipped norm is at the threshold, and none above it', () => {
    const one = { groupStarts: Uint32Array.of(0, 3), weights: Float64Array.of(2.5) };
    expect(shrinkGroups(Float64Array.of(3, 4, -9), one, 2)).toEqual(new Float64Array(3));
    const left = shrinkGroups(Float64Array.of(3, 4, -9), one, 1);
    for (const [i, expected] of [1.5, 2, 0].entries()) expect(left[i]).toBeCloseTo(expected, 15);
  });
});

describe('the group-sparse optimiser', () => {
  it('agrees with the projected gradient method at penalty 0', async () => {
    const problem = leastSquares(rows, b);
    const { state } = await solve(problem, { ...groups, penalty: 0 });
    const reference = await minimise(
      projectedGradient({ projectedGradientTolerance: 1e-9, relativeReductionTolerance: 0 }),
      problem,
      new Float64Array(size).fill(1),
      { maxIterations: 5000 },
    );
    expect(state.value).toBeCloseTo(reference.value, 10);
    state.x.forEach((xi, i) => {
      expect(xi).toBeCloseTo(reference.x[i], 6);
    });
  });

  it.each([0.3, 1, 3, 8])('ends at a point that satisfies KKT at penalty %d', async (penalty) => {
    const problem = leastSquares(rows, b);
    const { state } = await solve(problem, { ...groups, penalty });
    const gradient = new Float64Array(size);
    const smooth = await problem.valueAndGradient(state.x, gradient);
    expect(kktResidual(state.x, gradient, groups, penalty)).toBeLessThan(1e-6);
    expect(state.value).toBeCloseTo(smooth + penalty * groupNormSum(state.x, groups), 12);
    // The conditions decide both ways: at zero just where the downhill part is short enough.
    const { groupStarts, weights } = groups;
    groupNorms(state.x, groups).forEach((norm, g) => {
      const part = gradient.subarray(groupStarts[g], groupStarts[g + 1]);
      const downhill = Math.hypot(...part.map((v) => Math.max(-v, 0)));
      if (norm === 0) expect(downhill).toBeLessThanOrEqual(penalty * weights[g] + 1e-6);
      else expect(downhill).toBeCloseTo(penalty * weights[g], 5);
    });
  });

  it('holds all at zero from the zeroing penalty on, and not below it', async () => {
    const problem = leastSquares(rows, b);
    const gradient = new Float64Array(size);
    await problem.valueAndGradient(new Float64Array(size), gradient);
    const top = zeroingPenalty(gradient, groups);
    const above = await solve(problem, { ...groups, penalty: 1.001 * top });
    const below = await solve(problem, { ...groups, penalty: 0.999 * top });
    expect(above.state.x).toEqual(new Float64Array(size));
    expect(above.state.status).toBe('converged');
    expect(groupNorms(below.state.x, groups).filter((norm) => norm > 0).length).toBe(1);
  });

  it('takes a start for another penalty without an evaluation, and ends the same', async () => {
    const problem = leastSquares(rows, b);
    const first = await solve(problem, { ...groups, penalty: 3 });
    const evaluations = problem.evaluated.length;
    const settings = { ...groups, penalty: 1 };
    let state = atPenalty(first.state, settings);
    expect(problem.evaluated.length).toBe(evaluations);
    expect(state.value).toBeLessThan(first.state.value);
    const cold = await solve(problem, settings);
    while (state.status === 'running') state = await cold.optimizer.step(problem, state);
    expect(state.value).toBeCloseTo(cold.state.value, 7);
  });
});

describe('the laws of an optimiser, for the group-sparse one', () => {
  it('the best value never rises', async () => {
    const { optimizer, trace } = await solve(leastSquares(rows, b), { ...groups, penalty: 1 });
    const values = trace.map((state) => optimizer.best(state).value);
    for (let k = 1; k < values.length; k++) {
      expect(values[k]).toBeLessThanOrEqual(values[k - 1]);
    }
    expect(values.length).toBeGreaterThan(10);
  });

  it('every point evaluated is within the bounds, from a start outside them too', async () => {
    const problem = leastSquares(rows, b);
    await solve(problem, { ...groups, penalty: 1 }, -2);
    expect(problem.evaluated.every((x) => x.every((xi) => xi >= 0))).toBe(true);
  });

  it('a step leaves its state unchanged, and a state saved and loaded goes on alike', async () => {
    const problem = leastSquares(rows, b);
    const { optimizer, trace } = await solve(problem, { ...groups, penalty: 1 });
    for (const state of trace.slice(0, 12)) {
      const saved: GroupSparseState = structuredClone(state);
      const next = await optimizer.step(problem, state);
      expect(state).toEqual(saved);
      expect(await optimizer.step(problem, saved)).toEqual(next);
    }
  });

  it.each([
    ['groupSparse.penalty', {}, { penalty: -1 }],
    ['groupSparse.generalisedGradientTolerance', {}, { generalisedGradientTolerance: Number.NaN }],
    ['weights[1]', {}, { weights: Float64Array.of(1, 0) }],
    ['weights', {}, { weights: Float64Array.of(1) }],
    ['groupStarts[1]', {}, { groupStarts: Uint32Array.of(0, 0, 2) }],
    ['groupStarts', {}, { groupStarts: Uint32Array.of(0, 1, 3) }],
    ['lower[1]', { lower: Float64Array.of(0, -1) }, {}],
    ['upper[0]', { upper: Float64Array.of(4, Infinity) }, {}],
  ])('names the bad input: %s', async (place, problem, options) => {
    const fine = { groupStarts: Uint32Array.of(0, 1, 2), weights: Float64Array.of(1, 1) };
    const start = async () => {
      const optimizer = groupSparse({ ...fine, penalty: 1, ...options });
      await optimizer.init(
        { ...leastSquares([[1, 1]], [1]), ...problem },
        new Float64Array(2).fill(1),
        0,
      );
    };
    await expect(start()).rejects.toThrow(InputError);
    await expect(start()).rejects.toMatchObject({ place });
  });
});

describe('the selection of groups', () => {
  // 30 groups of 4 variables, 60 rows: fewer equations than unknowns.
  const wide: VariableGroups = {
    groupStarts: Uint32Array.from({ length: 31 }, (_, g) => 4 * g),
    weights: new Float64Array(30).fill(1),
  };
  const wideRows = randomRows(60, 120, 21);
  const planted = [3, 11, 17, 26];
  const solution = Array.from({ length: 120 }, (_, i) =>
    planted.includes(Math.floor(i / 4)) ? 1 + (i % 3) : 0,
  );
  const exact = times(wideRows, solution);
  const problem = leastSquares(wideRows, exact);
  // Noise needs the other groups too, the more of them the lower the penalty.
  const noise = uniforms(4);
  const withNoise = leastSquares(
    wideRows,
    exact.map((bk) => bk + 4 * noise() - 2),
  );

  it('recovers the groups of a planted solution', async () => {
    const { groups: found } = await selectGroups(problem, wide, 4);
    expect(Array.from(found).sort((a, z) => a - z)).toEqual(planted);
  });

  it.each([1, 2, 6, 12])('leaves %d groups where asked to, largest first', async (count) => {
    const { groups: found, x, penalty } = await selectGroups(withNoise, wide, count);
    const norms = groupNorms(x, wide);
    expect(found.length).toBe(count);
    expect(norms.filter((norm) => norm > 0).length).toBe(count);
    for (let k = 1; k < count; k++) {
      expect(norms[found[k]]).toBeLessThanOrEqual(norms[found[k - 1]]);
    }
    expect(penalty).toBeGreaterThan(0);
  });

  it('leaves fewer where the cost needs no more, however low the penalty', async () => {
    const { groups: found, penalty } = await selectGroups(problem, wide, 20);
    expect(found.length).toBeGreaterThanOrEqual(4);
    expect(found.length).toBeLessThan(20);
    expect(found.slice(0, 4).sort((a, z) => a - z)).toEqual(planted);
    expect(penalty).toBeLessThan(1e-2);
  });

  it('is the same every time', async () => {
    const once = await selectGroups(problem, wide, 5);
    expect(await selectGroups(problem, wide, 5)).toEqual(once);
  });

  it('returns all of groups that only enter together', async () => {
    // Two equal columns: symmetry keeps their groups equal at every penalty.
    const twins = { groupStarts: Uint32Array.of(0, 1, 2), weights: Float64Array.of(1, 1) };
    const { groups: found } = await selectGroups(leastSquares([[1, 1]], [1]), twins, 1);
    expect(found).toEqual([0, 1]);
  });

  it('returns none where zero is best without a penalty', async () => {
    const uphill = leastSquares([[1, 2]], [-1]);
    const pair = { groupStarts: Uint32Array.of(0, 1, 2), weights: Float64Array.of(1, 1) };
    expect(await selectGroups(uphill, pair, 1)).toEqual({
      ...{ groups: [], penalty: 0 },
      x: new Float64Array(2),
    });
  });

  it('stops after the solves it is allowed', async () => {
    const before = problem.evaluated.length;
    await selectGroups(problem, wide, 30, { maxSolves: 2, maxIterations: 3 });
    // Two at the start; six steps of one gradient and at most 60 trials each.
    expect(problem.evaluated.length - before).toBeLessThan(2 + 6 * 61);
  });

  it.each([0, 31, 2.5])('refuses to select %d of 30', async (count) => {
    await expect(selectGroups(problem, wide, count)).rejects.toThrow(InputError);
  });
});
