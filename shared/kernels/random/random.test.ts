import { describe, expect, it } from 'vitest';
import { philox4x32, RandomStream } from './index.js';

describe('philox4x32', () => {
  // Known answers of philox4x32-10 from kat_vectors of the Random123 distribution.
  it.each([
    [
      [0, 0],
      [0, 0, 0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0xa4093822, 0x299f31d0],
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('gives the known answer for key %j and counter %j', (key, counter, answer) => {
    const out = new Uint32Array(4);
    philox4x32(key, counter, out);
    expect(Array.from(out)).toEqual(answer);
  });
  it('may write over its counter', () => {
    const counter = new Uint32Array(4);
    philox4x32([0, 0], counter, counter);
    expect(counter[0]).toBe(0x6627e8d5);
  });
});

/** Mean of f over `count` draws. */
function mean(count: number, f: (draw: number) => number): number {
  let total = 0;
  for (let draw = 0; draw < count; draw++) total += f(draw);
  return total / count;
}

describe('RandomStream', () => {
  const stream = new RandomStream(1, 'mutation');

  it('gives the same number at the same place, in any order', () => {
    const forward = [0, 1, 2, 3].map((draw) => stream.uniform(2, 7, 1, draw));
    const again = new RandomStream(1, 'mutation');
    const backward = [3, 2, 1, 0].map((draw) => again.uniform(2, 7, 1, draw));
    expect(backward.reverse()).toEqual(forward);
  });
  it('gives other numbers for another seed, name, island, generation, individual or draw', () => {
    const streams = [
      stream,
      new RandomStream(2, 'mutation'),
      new RandomStream(1 + 2 ** 32, 'mutation'),
      new RandomStream(1, 'mutatioN'),
      new RandomStream(1, 'mutation '),
      new RandomStream(1, 'mutation\0'),
      new RandomStream(1, ''),
    ];
    const places: [number, number, number, number][] = [
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    const drawn = streams.flatMap((s) => places.map((place) => s.uniform(...place)));
    expect(new Set(drawn).size).toBe(streams.length * places.length);
  });
  it('refuses a seed or a bound that it cannot honour', () => {
    for (const seed of [-1, 0.5, 2 ** 53, NaN]) {
      expect(() => new RandomStream(seed, '')).toThrow(`seed ${seed}`);
    }
    for (const bound of [0, 1.5, 2 ** 32 + 1, NaN]) {
      expect(() => stream.integer(bound, 0, 0, 0, 0)).toThrow(`bound ${bound}`);
    }
  });

  // Moments of 1e5 draws: their standard errors are below 0.004 times the deviation.
  const count = 100_000;
  it('uniform lies in [0, 1) with mean 1/2 and variance 1/12, also down its bits', () => {
    const draws = Array.from({ length: count }, (_, draw) => stream.uniform(0, 0, 0, draw));
    expect(draws.every((u) => u >= 0 && u < 1 && Number.isInteger(u * 2 ** 53))).toBe(true);
    expect(Math.abs(mean(count, (i) => draws[i]) - 0.5)).toBeLessThan(0.004);
    expect(Math.abs(mean(count, (i) => (draws[i] - 0.5) ** 2) - 1 / 12)).toBeLessThan(0.002);
    for (const shift of [20, 40, 52]) {
      const bit = (i: number) => Math.floor(draws[i] * 2 ** (shift + 1)) % 2;
      expect(Math.abs(mean(count, bit) - 0.5)).toBeLessThan(0.007);
    }
  });
  it('neighbours do not correlate', () => {
    const u = (individual: number, draw: number) => stream.uniform(0, 3, individual, draw) - 0.5;
    expect(Math.abs(mean(count, (d) => u(0, d) * u(0, d + 1)))).toBeLessThan(0.0012);
    expect(Math.abs(mean(count, (d) => u(0, d) * u(1, d)))).toBeLessThan(0.0012);
  });
  it('integer has equal shares, for bounds that do not divide 2^32 too', () => {
    const shares = new Float64Array(7);
    for (let draw = 0; draw < count; draw++) shares[stream.integer(7, 0, 0, 0, draw)] += 7 / count;
    for (const share of shares) expect(Math.abs(share - 1)).toBeLessThan(0.04);
    // With remainders of a single word, one value in two would come from the lower third.
    const bound = 3 * 2 ** 30;
    const low = mean(count, (d) => (stream.integer(bound, 1, 0, 0, d) < bound / 3 ? 1 : 0));
    expect(Math.abs(low - 1 / 3)).toBeLessThan(0.007);
    expect(stream.integer(1, 0, 0, 0, 0)).toBe(0);
    expect(stream.integer(2 ** 32, 0, 0, 0, 5)).toBe(stream.uint32(0, 0, 0, 5));
  });
  it('normal has the moments 0, 1, 0, 3 and the tails of a Gaussian', () => {
    const z = Array.from({ length: count }, (_, draw) => stream.normal(0, 0, 9, draw));
    expect(Math.abs(mean(count, (i) => z[i]))).toBeLessThan(0.014);
    expect(Math.abs(mean(count, (i) => z[i] ** 2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(mean(count, (i) => z[i] ** 3))).toBeLessThan(0.05);
    expect(Math.abs(mean(count, (i) => z[i] ** 4) - 3)).toBeLessThan(0.13);
    expect(Math.abs(mean(count, (i) => (z[i] > 1.959964 ? 1 : 0)) - 0.025)).toBeLessThan(0.002);
  });
});
