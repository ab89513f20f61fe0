import { describe, expect, it } from 'vitest';
import { classicFunctions } from './functions.js';
import { comparison, resultOf, runningTimes } from './profile.js';
import { type Run, tasks } from './runs.js';

describe.each([10, 30])('the classic functions in %d variables', (n) => {
  const minimisers: Record<string, number> = { rosenbrock: 1, schwefel: 420.968746 };

  it.each(classicFunctions(n))('are 0 at the known place and more elsewhere: $name', (classic) => {
    const { name, lower, upper, value } = classic;
    const least = new Float64Array(n).fill(minimisers[name] ?? 0);
    expect(Math.abs(value(least))).toBeLessThan(1e-8);
    for (let k = 0; k < 100; k++) {
      const x = least.map((_, i) => lower + ((0.61803 * (i + 1) * (k + 1)) % 1) * (upper - lower));
      expect(value(x)).toBeGreaterThan(0.1);
    }
  });

  it('turn the ellipsoid by a rotation or a reflection', () => {
    const { rotation } = classicFunctions(n).find(({ name }) => name === 'ellipsoid') ?? {};
    if (!rotation) throw new Error('no rotation');
    for (const [k, row] of rotation.entries()) {
      for (const [j, other] of rotation.entries()) {
        const product = row.reduce((sum, r, i) => sum + r * other[i], 0);
        expect(product).toBeCloseTo(j === k ? 1 : 0, 12);
      }
    }
  });
});

const run = (hits: Run['hits'], more: Partial<Run> = {}): Run => ({
  ...{ function: 'sphere', dimension: 10, method: 'm', library: 'l', seed: 0, best: 0 },
  ...{ hits, failure: null, ...more },
});

describe('the running time', () => {
  const [task] = tasks(100).filter(({ classic }) => classic.name === 'sphere');

  it('is what all runs spend, over the runs that come to the target', () => {
    const runs = [run([100, 300]), run([200, null]), run([null, null])];
    // Budget 1000: (100 + 200 + 1000) / 2 and (300 + 1000 + 1000) / 1.
    expect(runningTimes(runs, [task])).toEqual([650, 2300]);
    expect(runningTimes([run([null])], [task])).toEqual([Infinity]);
  });
});

describe('the comparison', () => {
  const [task] = tasks(100).filter(({ classic }) => classic.name === 'sphere');
  const compared = (ours: Run['hits'], theirs: Run['hits']) =>
    comparison([run(ours)], [run(theirs)], [task]);

  it('is a tie of a method and itself, whether or not it solves all', () => {
    const tie = { oursFirst: 0.75, theirsFirst: 0.75, leastMargin: 0, atLeastTheirs: 'yes' };
    expect(compared([1, 3, 7, null], [1, 3, 7, null])).toMatchObject(tie);
  });

  it('gives the parts of the problems solved within multiples of the better cost', () => {
    expect(compared([10, 10, 10, null], [20, 5, null, 4])).toMatchObject({
      ...{ oursFirst: 0.5, oursWithin2: 0.75, oursSolved: 0.75 },
      ...{ theirsFirst: 0.5, theirsWithin2: 0.75, theirsSolved: 0.75, atLeastTheirs: 'yes' },
    });
  });

  it('finds where the profiles cross', () => {
    // Ours is first on two of three, but the third takes 5 times what theirs takes.
    const crossing = compared([1, 1, 5], [2, 2, 1]);
    expect(crossing.leastMargin).toBeCloseTo(-1 / 3, 12);
    expect(crossing.oursFirst).toBe(2 / 3);
  });

  it('tells what is worse from what chance makes of equals', () => {
    const all = tasks(100);
    const runsOf = (cost: (place: number) => number) =>
      all.flatMap(({ classic, dimension }, k) =>
        [0, 1, 2].map((seed) =>
          run([cost(3 * k + seed)], { function: classic.name, dimension, seed }),
        ),
      );
    const varied = runsOf((place) => 50 + ((place * 7) % 12));
    const same = runsOf((place) => 50 + ((place * 5) % 12));
    expect(comparison(same, varied, all)).toMatchObject({ atLeastTheirs: 'within chance' });
    const worse = runsOf((place) => 70 + ((place * 5) % 12));
    expect(comparison(worse, varied, all)).toMatchObject({
      ...{ atLeastTheirs: 'no', chance: 1 / 401 },
    });
    expect(comparison(varied, worse, all)).toMatchObject({ atLeastTheirs: 'yes' });
  });
});

describe('the result of runs', () => {
  it('counts those that failed', () => {
    const runs = [
      run([5, 9], { best: 1 }),
      run([5, null], { best: 3 }),
      run([null, null], { best: null, failure: 'ValueError: no' }),
    ];
    expect(resultOf(runs)).toMatchObject({ seeds: 3, medianValue: 3, solved: 1, failed: 1 });
    expect(resultOf(runs).medianEvaluations).toBeNull();
  });
});
