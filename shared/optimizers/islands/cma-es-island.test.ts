import { describe, expect, it } from 'vitest';
import { type Best, cmaEs } from '../algorithms/index.js';
import * as costs from '../algorithms/toy-costs.js';
import { runArchipelago } from './archipelago.js';
import { cmaEsIsland } from './cma-es-island.js';
import { countedProblem } from './counted-problem.js';
import { bestLeave } from './emigration.js';
import { routesOf } from './exchange.js';
import { islandCell } from './island-cell.js';
import { toBytes } from './plain-bytes.js';
import { replaceWorst } from './replacement.js';
import { ring } from './ring.js';

const SIZE = 5;
const problemOf = (cost: costs.Cost) => costs.boxProblem(SIZE, -5.12, 4, cost);
const sphere = problemOf(costs.sphere);
const rastrigin = problemOf(costs.rastrigin);
const start = () => new Float64Array(SIZE).fill(3);
const origin: Best = { x: new Float64Array(SIZE), value: 0 };

const optimizer = cmaEs({ populationSize: 8 });
const island = cmaEsIsland(optimizer);

async function after(steps: number) {
  let state = await optimizer.init(sphere, start(), 2);
  for (let k = 0; k < steps; k++) state = await optimizer.step(sphere, state);
  return state;
}

/** The state with points in the last places of its individuals. */
function joined(state: Awaited<ReturnType<typeof after>>, points: readonly Best[]) {
  const kept = island.individuals(state).slice(0, -points.length);
  return island.withIndividuals(state, [...kept, ...points]);
}

describe('CMA-ES as an island', () => {
  it('shows its last samples and always its best', async () => {
    let state = await after(0);
    for (let k = 0; k < 30; k++) {
      const individuals = island.individuals(state);
      expect(individuals).toHaveLength(k === 0 ? 1 : 8);
      expect(individuals).toContainEqual(optimizer.best(state));
      for (const { x, value } of individuals) expect(await sphere.value(x)).toBe(value);
      state = await optimizer.step(sphere, state);
    }
  });

  it('goes its way unmoved where nobody comes', async () => {
    const state = await after(5);
    const same = island.withIndividuals(state, island.individuals(state));
    expect(await optimizer.step(sphere, same)).toEqual(await optimizer.step(sphere, state));
  });

  it('takes who comes for samples, half of them at most: so many less are evaluated', async () => {
    const state = await after(5);
    for (const [count, evaluated] of [
      [1, 7],
      [3, 5],
      [4, 4],
      [7, 4],
    ]) {
      const { problem, count: evaluations } = countedProblem(sphere);
      const next = joined(state, new Array<Best>(count).fill(origin));
      expect(optimizer.best(next)).toEqual(origin);
      const done = await optimizer.step(problem, next);
      expect(evaluations()).toBe(evaluated);
      expect(optimizer.best(done)).toEqual(origin);
      expect(done.injected).toEqual([]);
    }
  });

  it('is drawn towards a better point, but not further than its own samples lead', async () => {
    const state = await after(100);
    const { sigma, mean, covariance } = state.run;
    expect(sigma).toBeLessThan(1e-3);
    const far: Best = { x: new Float64Array(SIZE).fill(-5), value: -1 };
    const { run } = await optimizer.step(sphere, joined(state, [far]));
    const alone = await optimizer.step(sphere, state);
    // All variables look alike, and in each the point lies below.
    const shift = (to: Float64Array) => to.reduce((sum, m, i) => sum + m - mean[i], 0);
    expect(shift(run.mean)).toBeLessThan(shift(alone.run.mean));
    // sqrt(trace) is no less than the longest axis; samples are of normal numbers below 4.
    const trace = covariance.reduce((sum, c, k) => sum + (k % (SIZE + 1) === 0 ? c : 0), 0);
    const length = Math.sqrt(run.mean.reduce((sum, m, i) => sum + (m - mean[i]) ** 2, 0));
    expect(length).toBeLessThan(4 * Math.sqrt(SIZE) * sigma * Math.sqrt(trace));
  });

  it('stands still at points that are all its mean', async () => {
    const state = await after(3);
    // The mean of a run from the start is the start.
    const first = await after(0);
    const here = { x: start(), value: await sphere.value(start()) };
    const fresh = island.withIndividuals({ ...state, run: first.run }, [
      ...island.individuals(state).slice(4),
      ...[0, 1, 2, 3].map((k) => ({ x: here.x.slice(), value: here.value + k * 100 })),
    ]);
    const { run } = await optimizer.step(sphere, fresh);
    for (const numbers of [run.covariance, run.mean, run.sigmaPath]) {
      expect(numbers.every(Number.isFinite)).toBe(true);
    }
  });

  it('wakes up from convergence for whoever comes', async () => {
    const flat = problemOf(() => 1);
    let state = await optimizer.init(flat, start(), 1);
    while (optimizer.status(state) === 'running') state = await optimizer.step(flat, state);
    expect(optimizer.status(state)).toBe('converged');
    expect(optimizer.status(joined(state, [origin]))).toBe('running');
  });
});

describe.each(['none', 'bipop'] as const)('an archipelago of CMA-ES, restarts: %s', (restarts) => {
  const cells = islandCell(cmaEsIsland(cmaEs({ restarts })), rastrigin, {
    ...{ migration: { topology: ring, leave: bestLeave(2), enter: replaceWorst }, start },
    generations: 20,
  });
  const options = { seed: 4, epochs: 10, ...routesOf(ring, 4, 1) };

  it('comes to the same bytes whatever runs at a time; its best never worsens', async () => {
    const alone = await runArchipelago(cells, { ...options, concurrency: 1 });
    const together = await runArchipelago(cells, { ...options, concurrency: 4 });
    expect(toBytes(together)).toEqual(toBytes(alone));
    for (let e = 1; e < alone.trace.length; e++) {
      expect(alone.trace[e]).toBeLessThanOrEqual(alone.trace[e - 1]);
    }
    // The ring carries the best of one island to all others in three epochs.
    for (const state of alone.states) {
      expect(optimizer.best(state).value).toBeLessThanOrEqual(alone.trace[6]);
    }
  });
});
