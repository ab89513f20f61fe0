/** What selection, crossover and mutation do, as laws and as distributions. */
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import {
  blended,
  blendFactor,
  type Crossover,
  checkCrossover,
  checkMutation,
  checkSelection,
  crossed,
  type Draws,
  drawsAt,
  drawsOfCrossover,
  drawsOfPick,
  type Mutation,
  mutated,
  mutatedPoint,
  type Pair,
  pickerOf,
  qualities,
  rangesOf,
  type Selection,
  spreadFactor,
} from './index.js';

const random = new RandomStream(5, 'variation.test');
const drawsOf = (k: number) => drawsAt(random, 0, 0, k);
const TRIALS = 20_000;

/** Pearson's statistic of counts against how often each was expected. */
function chiSquare(counts: readonly number[], parts: readonly number[]): number {
  return counts.reduce((sum, count, i) => {
    const expected = parts[i] * TRIALS;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

/** Of the lowest four binary digits. */
const ones = (mask: number) => [1, 2, 4, 8].filter((bit) => (mask & bit) > 0).length;

describe('selection', () => {
  const values = Float64Array.of(3, 0, 1, 0.25);
  const counts = (selection: Selection) => {
    const pick = pickerOf(selection, values);
    const found = [0, 0, 0, 0];
    for (let k = 0; k < TRIALS; k++) found[pick(drawsOf(k), 0)]++;
    return found;
  };
  /** Exceeded by chance once in a thousand times, at three degrees of freedom. */
  const MOST = 16.27;

  it('in proportion takes each as often as its part of all 1 / (1 + F)', () => {
    const all = 1 / 4 + 1 + 1 / 2 + 4 / 5;
    const parts = [1 / 4, 1, 1 / 2, 4 / 5].map((quality) => quality / all);
    expect(chiSquare(counts({ kind: 'proportional' }), parts)).toBeLessThan(MOST);
  });

  it.each([1, 2, 3])(
    'by a tournament of %i takes the k-th best of n as often as it wins',
    (size) => {
      // Of all sets of so many, those with the k-th best and none that is better.
      const sets = [1, 2, 4, 8].map((own) => {
        const masks = Array.from({ length: 16 }, (_, mask) => mask);
        return masks.filter((mask) => ones(mask) === size && mask % (2 * own) === own).length;
      });
      const all = sets.reduce((sum, count) => sum + count);
      const byRank = (taken: readonly number[]) => [1, 3, 2, 0].map((place) => taken[place]);
      const found = byRank(counts({ kind: 'tournament', size }));
      const can = sets.flatMap((count, k) => (count > 0 ? [k] : []));
      const [seen, parts] = [can.map((k) => found[k]), can.map((k) => sets[k] / all)];
      expect(chiSquare(seen, parts)).toBeLessThan(MOST);
      expect(seen.reduce((sum, count) => sum + count)).toBe(TRIALS);
    },
  );

  it('in proportion shifts costs below 0 by the worst, which is never taken', () => {
    const shifted = Float64Array.of(2, -1, 1);
    expect([...qualities(shifted)]).toEqual([0, 3, 1]);
    const pick = pickerOf({ kind: 'proportional' }, shifted);
    for (let k = 0; k < 1000; k++) expect(pick(drawsOf(k), 0)).not.toBe(0);
  });

  it('in proportion takes any where all are alike, and ends with the last that has quality', () => {
    const last: Draws = { ...drawsOf(0), uniform: () => 1 - 2 ** -53 };
    expect(pickerOf({ kind: 'proportional' }, Float64Array.of(-1, -1, -1))(last, 0)).toBe(2);
    expect(pickerOf({ kind: 'proportional' }, Float64Array.of(-1, -1, 0))(last, 0)).toBe(1);
  });

  it('takes as many draws as it says', () => {
    for (const selection of [{ kind: 'proportional' }, { kind: 'tournament', size: 3 }] as const) {
      const seen = new Set<number>();
      pickerOf(selection, values)(noted(drawsOf(0), seen), 7);
      expect(Math.max(...seen)).toBe(7 + drawsOfPick(selection) - 1);
    }
  });
});

/** The draws, but the number of each is added to `seen`. */
function noted({ uniform, normal, integer }: Draws, seen: Set<number>): Draws {
  return {
    uniform: (draw) => uniform(seen.add(draw) && draw),
    normal: (draw) => normal(seen.add(draw) && draw),
    integer: (bound, draw) => integer(bound, seen.add(draw) && draw),
  };
}

const lower = Float64Array.of(-1, 0, 2, -Infinity, 0.1, -1e-9);
const upper = Float64Array.of(1, Infinity, 2, Infinity, 0.3, 1e-9);
const ranges = rangesOf({ lower, upper }, 'radius', 3);
const point = (k: number) =>
  lower.map((low, i) => {
    const [from, to] = [Math.max(low, -3), Math.min(upper[i], 3)];
    const u = random.uniform(1, k, 0, i);
    // Often right at a bound.
    return u < 0.2 ? from : u > 0.8 ? to : Math.min(to, from + u * (to - from));
  });

const CROSSOVERS: readonly Crossover[] = [
  { kind: 'uniform' },
  { kind: 'one-point' },
  { kind: 'two-point' },
  { kind: 'blend' },
  { kind: 'simulated-binary', index: 0 },
  { kind: 'simulated-binary', index: 15 },
  { kind: 'simulated-binary', index: 1, variableProbability: 1 },
];

describe.each(CROSSOVERS)('crossover %o', (crossover) => {
  it('gives children within the bounds, of its draws alone, and leaves parents alone', () => {
    for (let k = 0; k < 500; k++) {
      const parents: Pair = [point(2 * k), point(2 * k + 1)];
      const saved = structuredClone(parents);
      const seen = new Set<number>();
      const children = crossed(crossover, parents, ranges, noted(drawsOf(k), seen), 9);
      for (const child of children) {
        expect(child.every((x, i) => x >= lower[i] && x <= upper[i])).toBe(true);
      }
      expect(parents).toEqual(saved);
      expect(crossed(crossover, parents, ranges, drawsOf(k), 9)).toEqual(children);
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(9);
      expect(Math.max(...seen)).toBeLessThan(9 + drawsOfCrossover(lower.length));
    }
  });

  it('of equal parents gives their like', () => {
    const x = point(3);
    expect(crossed(crossover, [x, x], ranges, drawsOf(1), 0)).toEqual([x, x]);
  });

  it('keeps the sum of the parents, where there are no bounds', () => {
    const free = new Float64Array(6).fill(Infinity);
    const open = rangesOf({ lower: free.map((x) => -x), upper: free }, 'radius', 1);
    for (let k = 0; k < 200; k++) {
      const [a, b] = [point(2 * k), point(2 * k + 1)];
      const [c, d] = crossed(crossover, [a, b], open, drawsOf(k), 0);
      for (const [i, ci] of c.entries()) expect(ci + d[i]).toBeCloseTo(a[i] + b[i], 12);
    }
  });
});

describe('crossover', () => {
  const [a, b] = [new Float64Array(5).fill(0), new Float64Array(5).fill(1)];
  const open = rangesOf({ lower: a, upper: b }, 'radius', undefined);
  const swaps = (kind: 'uniform' | 'one-point' | 'two-point') =>
    Array.from({ length: TRIALS }, (_, k) => crossed({ kind }, [a, b], open, drawsOf(k), 0)[0]);

  it('uniform swaps half of the variables', () => {
    const total = swaps('uniform').reduce((sum, c) => sum + c.reduce((s, x) => s + x), 0);
    expect(total / (5 * TRIALS)).toBeCloseTo(0.5, 2);
  });

  it('at points swaps one piece, never nothing or all, and cuts at all places alike', () => {
    for (const [kind, pieces] of [
      ['one-point', /^0+1+$/],
      ['two-point', /^0*1+0*$/],
    ] as const) {
      const found = new Map<string, number>();
      for (const c of swaps(kind)) {
        expect(c.join('')).toMatch(pieces);
        found.set(c.join(''), (found.get(c.join('')) ?? 0) + 1);
      }
      expect(found.has('11111') || found.has('00000')).toBe(false);
      const ways = kind === 'one-point' ? 4 : 10;
      expect(found.size).toBe(ways);
      const parts = new Array<number>(ways).fill(1 / ways);
      // Exceeded by chance once in a thousand times, at nine degrees of freedom.
      expect(chiSquare([...found.values()], parts)).toBeLessThan(27.88);
    }
  });

  it('blend takes any linear image along', () => {
    const matrix = Array.from({ length: 4 }, (_, r) => point(100 + r));
    const image = (x: Float64Array) =>
      Float64Array.from(matrix, (row) => row.reduce((sum, m, i) => sum + m * x[i], 0));
    for (let k = 0; k < 100; k++) {
      const parents: Pair = [point(2 * k), point(2 * k + 1)];
      const [child] = crossed({ kind: 'blend' }, parents, ranges, drawsOf(k), 0);
      const factor = blendFactor(drawsOf(k), 0);
      const wanted = blended(image(parents[0]), image(parents[1]), factor);
      for (const [r, y] of image(child).entries()) expect(y).toBeCloseTo(wanted[r], 12);
    }
  });

  it.each([0, 2, 20])('SBX of index %d spreads by its density', (index) => {
    // Below a spread of 1 the density is (index + 1) s^index / 2, above it the same of 1 / s over
    // s^2 (Deb and Agrawal 1995): the distribution function is s^(index + 1) / 2 up to 1.
    for (const u of [0.01, 0.3, 0.5]) {
      expect(spreadFactor(u, Infinity, index) ** (index + 1) / 2).toBeCloseTo(u, 12);
      // A spread and its inverse are as likely.
      expect(spreadFactor(1 - u, Infinity, index) * spreadFactor(u, Infinity, index)).toBeCloseTo(
        1,
      );
    }
    // Cut off where the bound is.
    expect(spreadFactor(1, 1.5, index)).toBeCloseTo(1.5, 9);
    expect(spreadFactor(1, 1, index)).toBeCloseTo(1, 12);
  });
});

describe('simulated binary crossover', () => {
  const [a, b] = [new Float64Array(5).fill(-1), new Float64Array(5).fill(1)];
  const infinite = new Float64Array(5).fill(Infinity);
  const open = rangesOf({ lower: infinite.map((x) => -x), upper: infinite }, 'radius', 1);
  const children = (index: number, probability?: { variableProbability: number }) =>
    Array.from({ length: TRIALS / 5 }, (_, k) => {
      const crossover = { kind: 'simulated-binary', index, ...probability } as const;
      return crossed(crossover, [a, b], open, drawsOf(k), 0)[0];
    });
  const part = (values: readonly Float64Array[], isCounted: (x: number) => boolean) =>
    values.reduce((sum, x) => sum + x.filter(isCounted).length, 0) / TRIALS;

  it.each([0, 0.3, 1])('crosses each variable with its probability, %d', (variableProbability) => {
    const kept = part(children(2, { variableProbability }), (x) => Math.abs(x) === 1);
    expect(Math.abs(kept - (1 - variableProbability))).toBeLessThan(3.3 * Math.sqrt(0.25 / TRIALS));
  });

  it('crosses half of them where no probability is given', () => {
    expect(children(2)).toEqual(children(2, { variableProbability: 0.5 }));
  });

  it.each([0, 1, 10])(
    'of index %d spreads children less than parents half of the time',
    (index) => {
      const spread = children(index, { variableProbability: 1 });
      const most = 3.3 * Math.sqrt(0.25 / TRIALS);
      expect(Math.abs(part(spread, (x) => Math.abs(x) < 1) - 0.5)).toBeLessThan(most);
      // And a child is next to either parent alike.
      expect(Math.abs(part(spread, (x) => x < 0) - 0.5)).toBeLessThan(most);
      // P(s < 1/2) is (1/2)^(index + 1) / 2.
      const near = part(spread, (x) => Math.abs(x) < 0.5);
      expect(Math.abs(near - 0.5 ** (index + 2))).toBeLessThan(most);
    },
  );
});

const MUTATIONS: readonly Mutation[] = [
  { kind: 'uniform' },
  { kind: 'gaussian', part: 0.3 },
  { kind: 'polynomial', index: 0 },
  { kind: 'polynomial', index: 20 },
];

describe.each(MUTATIONS)('mutation %o', (mutation) => {
  it('stays within the bounds, and changes about as many variables as it should', () => {
    let changed = 0;
    for (let k = 0; k < 2000; k++) {
      const x = point(k);
      const saved = Float64Array.from(x);
      const y = mutatedPoint(mutation, x, 0.25, ranges, drawsOf(k), 3);
      expect(y.every((yi, i) => yi >= lower[i] && yi <= upper[i])).toBe(true);
      expect(x).toEqual(saved);
      // Variable 3 has no bound that a step could end at.
      if (y[3] !== x[3]) changed++;
    }
    expect(changed / 2000).toBeCloseTo(0.25, 1);
    expect(mutatedPoint(mutation, point(1), 0, ranges, drawsOf(0), 0)).toEqual(point(1));
  });

  it('of a variable in the middle of its range goes up as far as down', () => {
    const steps = Array.from({ length: TRIALS }, (_, k) =>
      mutated(mutation, 0, 0, ranges, drawsOf(k), 1),
    );
    const mean = steps.reduce((sum, x) => sum + x) / TRIALS;
    const deviation = Math.sqrt(steps.reduce((sum, x) => sum + x * x) / TRIALS);
    expect(Math.abs(mean)).toBeLessThan((3.3 * deviation) / Math.sqrt(TRIALS));
  });
});

describe('mutation', () => {
  it('has the spread that its parameter says', () => {
    const spread = (mutation: Mutation) => {
      const steps = Array.from({ length: TRIALS }, (_, k) =>
        mutated(mutation, 0, 3, ranges, drawsOf(k), 1),
      );
      return steps.reduce((sum, x) => sum + x * x) / TRIALS;
    };
    const width = 6;
    expect(spread({ kind: 'gaussian', part: 0.2 }) / (0.2 * width) ** 2).toBeCloseTo(1, 1);
    expect(spread({ kind: 'uniform' }) / (width ** 2 / 12)).toBeCloseTo(1, 1);
    // Density (index + 1) (1 - |s|)^index / 2 of steps s over the width: variance
    // 2 / ((index + 2) (index + 3)).
    const variance = (2 / (4 * 5)) * width ** 2;
    expect(spread({ kind: 'polynomial', index: 2 }) / variance).toBeCloseTo(1, 1);
  });
});

describe('settings', () => {
  it('that are wrong are named, with what is allowed', () => {
    const wrong = <T>(settings: unknown) => settings as T;
    expect(() => checkSelection('s', { kind: 'tournament', size: 0 })).toThrow(
      's.size: is 0; allowed: an integer of 1 or more',
    );
    expect(() => checkSelection('s', wrong({ kind: 'roulette' }))).toThrow('s.kind: is roulette');
    expect(() => checkCrossover('c', { kind: 'simulated-binary', index: -1 })).toThrow('c.index');
    expect(() =>
      checkCrossover('c', { kind: 'simulated-binary', index: 1, variableProbability: 1.5 }),
    ).toThrow('c.variableProbability: is 1.5; allowed: 0 to 1');
    expect(() => checkCrossover('c', wrong({ kind: 'cut' }))).toThrow('c.kind: is cut; allowed: ');
    expect(() => checkMutation('m', { kind: 'gaussian', part: 0 })).toThrow('m.part: is 0');
    expect(() => checkMutation('m', { kind: 'polynomial', index: NaN })).toThrow('m.index');
    expect(() => checkMutation('m', wrong({ kind: 'bit' }))).toThrow('m.kind: is bit; allowed: ');
  });

  it('lack a radius where a range is infinite', () => {
    expect(() => rangesOf({ lower, upper }, 'radius', undefined)).toThrow(
      'radius: is not given; needed, as variable 1 ranges from 0 to Infinity',
    );
  });
});
