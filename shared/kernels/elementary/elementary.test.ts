import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { atan2, cos, cosDeg, erf, exp, expm1, log, log1p, pow, sin, sinDeg } from './index.js';

/** Distance of a and b in units of the last place of b. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(b))));
  return Math.abs(a - b) / 2 ** Math.max(-1074, exponent - 52);
}

/** Points that spread evenly over [low, high]: multiples of the golden ratio modulo 1. */
function spread(low: number, high: number, count = 20_000): number[] {
  return Array.from(
    { length: count },
    (_, i) => low + (high - low) * ((i * 0.6180339887498949) % 1),
  );
}

function largestUlps(f: (x: number) => number, g: (x: number) => number, xs: number[]): number {
  return xs.reduce((worst, x) => Math.max(worst, ulps(f(x), g(x))), 0);
}

// The engine's own functions are within 1 ulp: 2 ulp from them allow 1 of ours.
describe('exp', () => {
  it('agrees with the engine to 2 ulp over the whole range, subnormal results included', () => {
    expect(largestUlps(exp, Math.exp, spread(-745, 709.78))).toBeLessThanOrEqual(2);
    expect(largestUlps(exp, Math.exp, spread(-1, 1))).toBeLessThanOrEqual(2);
  });
  it('has the limits of IEEE 754', () => {
    expect([exp(0), exp(-0), exp(-Infinity), exp(-746), exp(1e308)]).toEqual([
      1,
      1,
      0,
      0,
      Infinity,
    ]);
    expect([exp(709.79), exp(Infinity), exp(-745.1)]).toEqual([Infinity, Infinity, 5e-324]);
    expect(exp(NaN)).toBeNaN();
  });
  it('turns sums into products', () => {
    for (const a of spread(-300, 300, 1000)) {
      const b = a / 7 - 3;
      expect(Math.abs(exp(a) * exp(b) * exp(-(a + b)) - 1)).toBeLessThan(3e-13);
    }
  });
  it('never falls', () => {
    for (const start of [-740, -30, -0.35, 0.3465, 1, 700]) {
      const values = Array.from({ length: 2000 }, (_, i) => exp(start + i * 1e-13));
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
  });
});

describe('expm1 and log1p', () => {
  it('agree with the engine to 3 ulp', () => {
    expect(largestUlps(expm1, Math.expm1, spread(-50, 709.7))).toBeLessThanOrEqual(3);
    expect(largestUlps(expm1, Math.expm1, spread(-1, 1))).toBeLessThanOrEqual(3);
    expect(largestUlps(log1p, Math.log1p, spread(-0.999, 1))).toBeLessThanOrEqual(3);
    expect(largestUlps(log1p, Math.log1p, spread(0, 1e9))).toBeLessThanOrEqual(3);
  });
  it('are the identity for tiny arguments and inverse to each other', () => {
    for (const x of [1e-300, -1e-20, 1e-17]) expect([expm1(x), log1p(x)]).toEqual([x, x]);
    for (const x of spread(-0.5, 0.5, 1000)) expect(log1p(expm1(x))).toBeCloseTo(x, 14);
  });
  it('have the limits of IEEE 754', () => {
    expect([expm1(0), expm1(-Infinity), expm1(Infinity), expm1(710)]).toEqual([
      0,
      -1,
      Infinity,
      Infinity,
    ]);
    expect([log1p(0), log1p(-1), log1p(Infinity)]).toEqual([0, -Infinity, Infinity]);
    expect([expm1(NaN), log1p(NaN), log1p(-1.1)]).toEqual([NaN, NaN, NaN]);
  });
});

describe('log', () => {
  it('agrees with the engine to 2 ulp', () => {
    expect(largestUlps(log, Math.log, spread(0.3, 3))).toBeLessThanOrEqual(2);
    expect(
      largestUlps(
        (e) => log(2 ** e),
        (e) => Math.log(2 ** e),
        spread(-1074, 1024),
      ),
    ).toBeLessThanOrEqual(2);
    expect(
      largestUlps(
        (h) => log(1 + h),
        (h) => Math.log(1 + h),
        spread(-1e-6, 1e-6),
      ),
    ).toBeLessThanOrEqual(2);
  });
  it('has the limits of IEEE 754', () => {
    expect([log(1), log(0), log(-0), log(Infinity)]).toEqual([0, -Infinity, -Infinity, Infinity]);
    expect([log(-1), log(-Infinity), log(NaN)]).toEqual([NaN, NaN, NaN]);
    expect(log(5e-324)).toBeCloseTo(-744.4400719213812, 12);
    expect(log(Number.MAX_VALUE)).toBeCloseTo(709.782712893384, 12);
  });
  it('undoes exp', () => {
    for (const x of spread(-700, 700, 2000))
      expect(ulps(log(exp(x)), x)).toBeLessThan(Math.abs(x) < 1 ? 1e4 : 3);
  });
});

describe('pow', () => {
  it('agrees with the engine to 1e-14 wherever the result is normal', () => {
    for (const x of [...spread(0.001, 1000, 1000), ...spread(0.5, 2, 1000)]) {
      for (const exponent of [-600, -7.3, 0.001, 1.7, 333]) {
        const y = exponent / Math.max(1, Math.abs(Math.log(x)));
        expect(Math.abs(pow(x, y) / x ** y - 1)).toBeLessThan(1e-14);
      }
    }
  });
  it('is exact where the result is an integer below 2^53', () => {
    for (let x = 1; x < 200; x++) {
      for (let y = 1n; BigInt(x) ** y < 2n ** 53n && y < 53n; y++) {
        expect(pow(x, Number(y))).toBe(Number(BigInt(x) ** y));
      }
    }
    expect([pow(4, 0.5), pow(0.25, -1.5), pow(2, -1074)]).toEqual([2, 8, 5e-324]);
  });
  it('has the limits of the engine for x >= 0, and is NaN for x < 0', () => {
    const values = [0, 5e-324, 0.5, 1, 1.5, 1e308, Infinity, NaN];
    for (const x of values) {
      for (const y of [...values, -0, -0.5, -1, -1e308, -Infinity]) {
        expect(ulps(pow(x, y), x ** y) <= 16 || Object.is(pow(x, y), x ** y)).toBe(true);
      }
    }
    expect([pow(-1, 2), pow(-0.5, 1), pow(-Infinity, 1), pow(-2, 0)]).toEqual([NaN, NaN, NaN, 1]);
  });
  it('rises with x for y > 0 and turns products into products', () => {
    for (const x of spread(0.1, 10, 500)) {
      expect(pow(x * (1 + 1e-14), 2.5)).toBeGreaterThan(pow(x, 2.5));
      expect(Math.abs((pow(x, 2.5) * pow(3, 2.5)) / pow(3 * x, 2.5) - 1)).toBeLessThan(2e-15);
    }
  });
});

describe('sin and cos', () => {
  it('agree with the engine to 2 ulp, also next to their zeros and far out', () => {
    for (const range of [1, 10, 1e4, 5e8]) {
      expect(largestUlps(sin, Math.sin, spread(-range, range))).toBeLessThanOrEqual(2);
      expect(largestUlps(cos, Math.cos, spread(-range, range))).toBeLessThanOrEqual(2);
    }
    const zeros = Array.from({ length: 10_000 }, (_, i) => (i * 37 + 1) * (Math.PI / 2));
    expect(largestUlps(sin, Math.sin, zeros)).toBeLessThanOrEqual(2);
    expect(largestUlps(cos, Math.cos, zeros)).toBeLessThanOrEqual(2);
  });
  it('lie on the circle; sine is odd and cosine even', () => {
    for (const x of spread(0, 100, 2000)) {
      expect(Math.abs(sin(x) ** 2 + cos(x) ** 2 - 1)).toBeLessThan(1e-15);
      expect(sin(-x)).toBe(0 - sin(x));
      expect(cos(-x)).toBe(cos(x));
    }
  });
  it('are NaN without a finite argument and refuse arguments they cannot reduce', () => {
    expect([sin(NaN), cos(Infinity), sin(-Infinity)]).toEqual([NaN, NaN, NaN]);
    expect(() => sin(1e10)).toThrow('2^29');
  });
});

describe('sinDeg and cosDeg', () => {
  it('are exact at multiples of 30 degrees where the value is 0, 1/2 or 1', () => {
    const sines = [0, 1, 0, -1];
    for (let k = -40; k < 4000; k++) {
      expect(sinDeg(90 * k)).toBe(sines[((k % 4) + 4) % 4]);
      expect(cosDeg(90 * k)).toBe(sines[(((k + 1) % 4) + 4) % 4]);
    }
    expect([sinDeg(30), cosDeg(60), sinDeg(-150), cosDeg(240)]).toEqual([0.5, 0.5, -0.5, -0.5]);
  });
  it('agree with the engine, repeat after a turn, and mirror each other exactly', () => {
    for (const deg of spread(-360, 360, 3000).map((d) => Math.round(d * 1024) / 1024)) {
      expect(Math.abs(sinDeg(deg) - Math.sin((deg * Math.PI) / 180))).toBeLessThan(2e-15);
      expect(cosDeg(deg)).toBe(sinDeg(90 - deg));
      expect(sinDeg(deg + 360_000)).toBe(sinDeg(deg));
      expect(sinDeg(180 - deg)).toBe(sinDeg(deg));
    }
    expect(sinDeg(Infinity)).toBeNaN();
  });
});

describe('atan2', () => {
  it('agrees with the engine to 2 ulp in every octant', () => {
    for (const angle of spread(-Math.PI, Math.PI, 5000)) {
      const [y, x] = [Math.sin(angle) * 7, Math.cos(angle) * 7];
      expect(ulps(atan2(y, x), Math.atan2(y, x))).toBeLessThanOrEqual(2);
      expect(ulps(atan2(y, 1e-9 * x), Math.atan2(y, 1e-9 * x))).toBeLessThanOrEqual(2);
    }
  });
  it('has the signs and limits of IEEE 754', () => {
    const values = [0, 5e-324, 1e-308, 1, 1e308, Infinity].flatMap((v) => [v, -v]);
    for (const y of values) {
      for (const x of [...values, NaN]) {
        expect(ulps(atan2(y, x), Math.atan2(y, x)) <= 1 || Object.is(atan2(y, x), NaN)).toBe(true);
        expect(Math.sign(1 / atan2(y, x))).toBe(Math.sign(1 / Math.atan2(y, x)));
      }
    }
  });
});

describe('erf', () => {
  it('has the values of Abramowitz and Stegun 1964, table 7.1', () => {
    const table = [
      [0.02, 0.022564574691844943],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [1.5, 0.9661051464753108],
      [2, 0.9953222650189527],
    ];
    for (const [x, value] of table) expect(ulps(erf(x), value)).toBeLessThanOrEqual(4);
  });
  it('has the derivative 2/sqrt(pi) exp(-x^2), also across the edges of its pieces', () => {
    const h = 1e-4;
    for (const x of spread(-5, 5, 5000)) {
      const slope = (erf(x + h) - erf(x - h)) / (2 * h);
      expect(Math.abs(slope - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x))).toBeLessThan(2e-8);
    }
  });
  it('is odd, rises, and stays within [-1, 1]', () => {
    const xs = Array.from({ length: 40_000 }, (_, i) => (i - 20_000) / 3001);
    const values = xs.map(erf);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(values.every((value, i) => Math.abs(value) <= 1 && erf(-xs[i]) === 0 - value)).toBe(
      true,
    );
    expect([erf(0), erf(Infinity), erf(-Infinity), erf(NaN)]).toEqual([0, 1, -1, NaN]);
  });
});

describe('every engine', () => {
  it('computes the same bits', () => {
    const hash = createHash('sha256');
    const add = (f: (x: number) => number, low: number, high: number) =>
      hash.update(new Uint8Array(Float64Array.from(spread(low, high, 5000), f).buffer));
    add(exp, -745, 710);
    add(expm1, -40, 40);
    add(log, 0, 100);
    add(log1p, -1, 10);
    add((x) => pow(x, 2.7), 0, 100);
    add((x) => pow(1.1, x), -7000, 7000);
    add(sin, -1e6, 1e6);
    add(cos, -10, 10);
    add(sinDeg, -1000, 1000);
    add(cosDeg, -1000, 1000);
    add((x) => atan2(x, 1 - x), -10, 10);
    add(erf, -6, 6);
    expect(hash.digest('hex')).toBe(
      'a14cc214d8e8e7b581384f2916bb68cd4a72b5346b404741c1a471a9f705c5a6',
    );
  });
});
