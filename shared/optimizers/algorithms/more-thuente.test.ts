import { describe, expect, it } from 'vitest';
import { moreThuente } from './more-thuente.js';

type Curve = (t: number) => [value: number, slope: number];

async function search(curve: Curve, firstStep: number, maxStep: number) {
  const [value, slope] = curve(0);
  const steps: number[] = [];
  const trial = async (step: number) => {
    steps.push(step);
    const [v, s] = curve(step);
    return { step, value: v, slope: s, tag: `at ${step}` };
  };
  const found = await moreThuente(trial, { step: 0, value, slope }, firstStep, maxStep);
  return { found, steps, value, slope };
}

/** Functions 1 to 3 of More and Thuente (1994), section 5, and two of quasi-Newton life. */
const CURVES: Record<string, Curve> = {
  'concave then flat': (t) => [-t / (t * t + 2), (t * t - 2) / ((t * t + 2) * (t * t + 2))],
  'steep quintic': (t) => [
    (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
    5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3,
  ],
  'small waves on a valley': (t) => {
    const beta = 0.01;
    const wave = (2 * (1 - beta)) / (39 * Math.PI);
    const valley = t <= 1 - beta ? 1 - t : t >= 1 + beta ? t - 1 : ((t - 1) ** 2 / beta + beta) / 2;
    const incline = t <= 1 - beta ? -1 : t >= 1 + beta ? 1 : (t - 1) / beta;
    const angle = (39 * Math.PI * t) / 2;
    return [valley + wave * Math.sin(angle), incline + (1 - beta) * Math.cos(angle)];
  },
  parabola: (t) => [(t - 3) * (t - 3), 2 * (t - 3)],
  'one-sided parabola': (t) => [t < 1 ? (t - 1) ** 2 : 0, t < 1 ? 2 * (t - 1) : 0],
};

describe('the line search of More and Thuente', () => {
  const fromAnywhere = (names: string[]) =>
    names.flatMap((name) => [1e-3, 1e-1, 1, 10, 1e3].map((first) => ({ name, first })));

  it.each(fromAnywhere(Object.keys(CURVES)))(
    'decreases enough: $name from $first',
    async (given) => {
      const { found, steps, value, slope } = await search(CURVES[given.name], given.first, 1e10);
      if (!found) throw new Error('a step exists');
      expect(found.value).toBeLessThanOrEqual(value + 1e-3 * found.step * slope);
      expect(found.tag).toBe(`at ${found.step}`);
      expect(steps.length).toBeLessThanOrEqual(20);
    },
  );

  // The other two curves begin so flat that brackets become narrow before slopes become smaller.
  const steep = ['concave then flat', 'parabola', 'one-sided parabola'];
  it.each(fromAnywhere(steep))('flattens enough: $name from $first', async (given) => {
    const { found, slope } = await search(CURVES[given.name], given.first, 1e10);
    expect(Math.abs(found?.slope ?? Infinity)).toBeLessThanOrEqual(0.9 * Math.abs(slope));
  });

  it('tries the first step only, where that is good', async () => {
    const { steps } = await search(CURVES.parabola, 3, 1e10);
    expect(steps).toEqual([3]);
  });

  it('stops at the longest step where the cost falls all the way', async () => {
    const { found, steps } = await search((t) => [-t, -1], 0.5, 2);
    expect(found?.step).toBe(2);
    for (const step of steps) expect(step).toBeLessThanOrEqual(2);
  });

  it('gives up, in 20 trials at most, where the slope at the start was a lie', async () => {
    const { found, steps } = await search((t) => [t, t === 0 ? -1 : 1], 1, 10);
    expect(found).toBeNull();
    expect(steps.length).toBeLessThanOrEqual(20);
  });
});
