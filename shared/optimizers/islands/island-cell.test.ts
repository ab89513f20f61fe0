import { describe, expect, it } from 'vitest';
import {
  type Best,
  type DifferentialEvolutionState,
  differentialEvolution,
  lbfgsb,
  populationMethod,
} from '../algorithms/index.js';
import * as costs from '../algorithms/toy-costs.js';
import type { Problem } from '../problem/index.js';
import { runArchipelago } from './archipelago.js';
import { broadcastBest } from './broadcast-best.js';
import type { Cell } from './cell.js';
import { countedProblem } from './counted-problem.js';
import { bestLeave, randomLeave } from './emigration.js';
import { routesOf } from './exchange.js';
import { islandCell } from './island-cell.js';
import { fromBytes, toBytes } from './plain-bytes.js';
import { replaceRandom, replaceWorst, replaceWorstIfBetter } from './replacement.js';
import { ring } from './ring.js';

const SIZE = 4;
const rastrigin = costs.boxProblem(SIZE, -5.12, 4, costs.rastrigin);
const start = () => new Float64Array(SIZE).fill(3);
const algorithm = populationMethod(differentialEvolution({ populationSize: 10 }));
const migration = { topology: ring, leave: bestLeave(2), enter: replaceWorst };
const advance = islandCell(algorithm, rastrigin, { migration, generations: 4, start });
const go = { aborted: false };

type EvolutionCell = Cell<DifferentialEvolutionState, Best>;
const firstCell: EvolutionCell = { seed: 9, island: 2, epoch: 0, state: null, immigrants: [] };

describe('a cell of an algorithm', () => {
  it('is pure: same cell, same bytes, and the cell is as it was', async () => {
    const first = await advance(firstCell, go);
    const cell: EvolutionCell = {
      ...{ seed: 9, island: 2, epoch: 1, state: first.state },
      immigrants: [{ island: 1, emigrants: [{ x: start(), value: 36 }] }],
    };
    const before = structuredClone(cell);
    const result = toBytes(await advance(cell, go));
    expect(cell).toEqual(before);
    expect(toBytes(await advance(cell, go))).toEqual(result);
    const loaded = fromBytes(toBytes(cell), 'cell') as EvolutionCell;
    expect(toBytes(await advance(loaded, go))).toEqual(result);
  });

  it('counts its costs and tells its best', async () => {
    const { state, statistics } = await advance(firstCell, go);
    expect(statistics.evaluations).toBe(10 + 4 * 10);
    expect(statistics.value).toBe(Math.min(...state.values));
  });

  it('lets in who comes, and sends away its best', async () => {
    const origin = { x: new Float64Array(SIZE), value: 0 };
    const { state } = await advance(firstCell, go);
    const immigrants = [{ island: 1, emigrants: [origin] }];
    const result = await advance({ ...firstCell, epoch: 1, state, immigrants }, go);
    expect(result.statistics.value).toBe(0);
    expect(result.emigrants[0]).toEqual(origin);
    expect(result.emigrants).toHaveLength(2);
  });

  it('begins elsewhere on every island', async () => {
    const results = [0, 1, 2, 3].map((island) => advance({ ...firstCell, island }, go));
    const values = (await Promise.all(results)).map(({ statistics }) => statistics.value);
    expect(new Set(values).size).toBe(4);
  });

  it('needs a generation in an epoch', () => {
    expect(() => islandCell(algorithm, rastrigin, { migration, generations: 0, start })).toThrow(
      'generations: is 0; allowed: an integer of 1 or more',
    );
  });
});

describe.each([
  ['best, worst', bestLeave(1), replaceWorst, ring],
  ['best, worst if better, broadcast', bestLeave(3), replaceWorstIfBetter, broadcastBest],
  ['random, random', randomLeave(2), replaceRandom, ring],
] as const)('an archipelago of differential evolution: %s', (_name, leave, enter, topology) => {
  const cells = islandCell(algorithm, rastrigin, {
    ...{ migration: { topology, leave, enter }, generations: 6, start },
  });
  const options = { seed: 4, epochs: 12, ...routesOf(topology, 5, 1) };

  it('comes to the same bytes whatever runs at a time; its best never worsens', async () => {
    const alone = await runArchipelago(cells, { ...options, concurrency: 1 });
    const together = await runArchipelago(cells, { ...options, concurrency: 5 });
    expect(toBytes(together)).toEqual(toBytes(alone));
    for (let e = 1; e < alone.trace.length; e++) {
      expect(alone.trace[e]).toBeLessThanOrEqual(alone.trace[e - 1]);
    }
    expect(alone.best?.value).toBeLessThan(5);
  });
});

describe('countedProblem', () => {
  it('is the problem, and counts what is computed', async () => {
    const gradients: Problem = {
      ...rastrigin,
      valueAndGradient: async () => 3,
      batchValue: async (candidates, out) => {
        out.fill(candidates.length);
      },
    };
    const { problem, count } = countedProblem(gradients);
    const x = start();
    expect(await problem.value(x)).toBe(await rastrigin.value(x));
    expect(await problem.valueAndGradient?.(x, x)).toBe(3);
    const out = new Float64Array(2);
    await problem.batchValue?.([x, x], out);
    expect(out).toEqual(new Float64Array([2, 2]));
    expect(count()).toBe(4);
    expect('batchValue' in countedProblem(rastrigin).problem).toBe(false);
    await expect(lbfgsb().init(problem as never, x, 0)).resolves.toMatchObject({ value: 3 });
  });
});
