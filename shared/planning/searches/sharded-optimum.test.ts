/** Laws of plans whose voxels lie in shards. */
import { inlineExecutor } from '@isola/kernels/backends';
import { fromBytes, toBytes } from '@isola/optimizers/islands';
import { describe, expect, it } from 'vitest';
import { sumsMerged } from '../objectives/index.js';
import { roundsOf, shardedProblem } from '../problem/index.js';
import {
  advanceSharded,
  BUILD,
  type FluenceSpec,
  PlanShards,
  planFluence,
  type ShardedState,
  shardedOptimum,
  shardedPlan,
} from './index.js';
import { planCosts } from './plan-costs.js';
import { shardSizes } from './plan-shards.js';
import { toyFluence } from './toy-fluence.js';

const spec: FluenceSpec = {
  ...toyFluence,
  angles: [0, 90, 200].map((gantryDeg) => ({ gantryDeg, couchDeg: 0, collimatorDeg: 0 })),
  objectives: [
    ...toyFluence.objectives,
    { structure: 'Organ', weight: 3, objective: { type: 'geud', exponent: 4 } },
    {
      ...{ structure: 'Target', weight: 20 },
      objective: { type: 'min-dvh', dosePerFractionGy: 1.95, volumePercent: 95 },
    },
  ],
  shards: 4,
};
const executor = inlineExecutor();
const planOf = (of: FluenceSpec) => shardedPlan(of, executor);
const shardsOf = (of: FluenceSpec) => new PlanShards(planOf(of));

describe('a plan in shards', () => {
  it('costs what it costs in one piece, but for the rounding of the dose influence', async () => {
    const sharded = await planFluence(spec, executor);
    const whole = await planFluence({ ...spec, shards: 1 }, executor);
    expect(sharded.minimum.status).toBe('converged');
    expect(Math.abs(sharded.minimum.value / whole.minimum.value - 1)).toBeLessThan(2e-3);
    expect(sharded.influence.rows).toBe(whole.influence.rows);
    expect(sharded.influence.columns).toBe(whole.influence.columns);
    const sum = sharded.terms.reduce((all, { value }) => all + value, 0);
    expect(sum).toBeCloseTo(sharded.minimum.value, 12);
    sharded.terms.forEach(({ structure, type, weight }, t) => {
      expect({ structure, type, weight }).toEqual({
        ...{ structure: whole.terms[t].structure, type: whole.terms[t].type },
        weight: whole.terms[t].weight,
      });
    });
  });

  it('has a gradient that agrees with its values', async () => {
    const { run } = await advanceSharded(planOf(spec), null, 3, shardsOf(spec));
    const shards = shardsOf(spec);
    const built = await shards.ask(BUILD, new Float64Array(0));
    const { reach } = shardSizes(built, run.x.length);
    const problem = shardedProblem(run.x.length, planCosts(spec).main.terms, shards, reach);
    const gradient = new Float64Array(run.x.length);
    const value = await problem.valueAndGradient(run.x, gradient);
    expect(await problem.value(run.x)).toBe(value);
    const direction = run.x.map((_x, j) => (j % 3) - 1);
    const h = 1e-3;
    const at = (t: number) => problem.value(run.x.map((x, j) => x + t * direction[j]));
    const slope = ((await at(h)) - (await at(-h))) / (2 * h);
    const expected = direction.reduce((sum, d, j) => sum + d * gradient[j], 0);
    expect(Math.abs(slope / expected - 1)).toBeLessThan(1e-3);
  });

  it('has one gradient, whichever shards are merged first', async () => {
    const shards = shardsOf(spec);
    const { terms } = planCosts(spec).main;
    const columns = planOf(spec).beams.reduce((sum, { xMm }) => sum + xMm.length, 0);
    const x = Float64Array.from({ length: columns }, (_, j) => 1 + (j % 7));
    const { reach } = shardSizes(await shards.ask(BUILD, new Float64Array(0)), columns);
    let unit = Number.NaN;
    let largest = Number.NaN;
    const gradientBy = async (pairs: readonly (readonly [number, number])[]) => {
      const ask = async (step: number, brought: Float64Array) => {
        if (step < roundsOf(terms)) return shards.ask(step, brought);
        unit = brought[brought.length - 1];
        const parts: Float64Array[] = [];
        for (const shard of [0, 1, 2, 3]) {
          const range = { from: shard, to: shard + 1 };
          parts.push((await shards.answer(range, step, brought))[0].numbers);
        }
        const sizes = parts.map((part): Float64Array => part.map(Math.abs)).reduce(sumsMerged);
        largest = Math.max(...sizes);
        for (const [to, from] of pairs) parts[to] = sumsMerged(parts[from], parts[to]);
        return parts[0];
      };
      const gradient = new Float64Array(columns);
      await shardedProblem(columns, terms, { ask }, reach).valueAndGradient(x, gradient);
      return gradient;
    };
    const expected = new Float64Array(columns);
    await shardedProblem(columns, terms, shards, reach).valueAndGradient(x, expected);
    const fromTheLast = [
      [2, 3],
      [1, 2],
      [0, 1],
    ] as const;
    expect(await gradientBy(fromTheLast)).toEqual(expected);
    expect(
      await gradientBy([
        [1, 3],
        [0, 2],
        [0, 1],
      ]),
    ).toEqual(expected);
    // The limit that the unit is for is at least twice what `reach` says.
    expect(largest).toBeLessThan(unit * 2 ** 50);
    // What is lost to the unit is far below what float32 derivatives have lost before.
    expect(unit).toBeLessThan(1e-12 * Math.max(...expected.map(Math.abs)));
  });

  it.each(['lbfgsb', 'projected-gradient'] as const)(
    'ends the same in parts that are saved and loaded, with %s',
    async (method) => {
      const plan: FluenceSpec = { ...spec, method, maxIterations: 23, tolerance: 1e-9 };
      const once = await advanceSharded(
        planOf(plan),
        null,
        Number.POSITIVE_INFINITY,
        shardsOf(plan),
      );
      let state: ShardedState | null = null;
      while (state === null || state.run.status === 'running') {
        state = await advanceSharded(planOf(plan), state, 5, shardsOf(plan));
        state = fromBytes(toBytes(state), 'a state') as ShardedState;
      }
      expect(toBytes(state)).toEqual(toBytes(once));
      expect(shardedOptimum(plan, state).minimum.status).toBe('budget-spent');
    },
  );

  it('was cancelled where it is still running', async () => {
    const state = await advanceSharded(planOf(spec), null, 2, shardsOf(spec));
    expect(shardedOptimum(spec, state).minimum.status).toBe('cancelled');
    expect(state.run.iterations).toBe(2);
  });
});
