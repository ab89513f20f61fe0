import { cos, log } from '../elementary/index.js';
import { philox4x32 } from './philox.js';

const TWO_TO_32 = 4294967296;
const TWO_TO_MINUS_53 = 1 / 9007199254740992;

/** Scratch of one call; nothing in it outlives the call. */
const counter = new Uint32Array(4);
const words = new Uint32Array(4);

/**
 * Random numbers by place instead of by order: a draw is a pure function of the seed, the name of
 * the stream and where it is made, given as (island, generation, individual, draw), integers in
 * [0, 2^32). The same place always gives the same bits, so different uses at the same place need
 * different draws, and different purposes streams of different names.
 */
export class RandomStream {
  private readonly key = new Uint32Array(2);

  /** @param seed an integer in [0, 2^53) */
  constructor(seed: number, name: string) {
    if (!(Number.isSafeInteger(seed) && seed >= 0)) {
      throw new RangeError(`seed ${seed}: must be an integer in [0, 2^53)`);
    }
    this.key[0] = seed % TWO_TO_32;
    this.key[1] = Math.floor(seed / TWO_TO_32);
    // The name goes in two code units at a time, each step a Philox block under the last key.
    for (let i = 0; i === 0 || i < name.length; i += 2) {
      const second = i + 1 < name.length ? name.charCodeAt(i + 1) : 0;
      counter.set([i < name.length ? name.charCodeAt(i) : 0, second, i, name.length]);
      philox4x32(this.key, counter, words);
      this.key.set(words.subarray(0, 2));
    }
  }

  /** A uniform integer in [0, 2^32). */
  uint32(island: number, generation: number, individual: number, draw: number): number {
    this.block(island, generation, individual, draw);
    return words[0];
  }

  /** A uniform number in [0, 1), a multiple of 2^-53. */
  uniform(island: number, generation: number, individual: number, draw: number): number {
    this.block(island, generation, individual, draw);
    return fraction(words[0], words[1]);
  }

  /** A uniform integer in [0, bound), without bias, for an integer bound in [1, 2^32]. */
  integer(
    bound: number,
    island: number,
    generation: number,
    individual: number,
    draw: number,
  ): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= TWO_TO_32)) {
      throw new RangeError(`bound ${bound}: must be an integer in [1, 2^32]`);
    }
    // Above the last whole multiple of the bound, small remainders would come up once too often.
    const limit = TWO_TO_32 - (TWO_TO_32 % bound);
    this.block(island, generation, individual, draw);
    for (;;) {
      for (const word of words) if (word < limit) return word % bound;
      counter.set(words);
      philox4x32(this.key, counter, words);
    }
  }

  /** A normal number with mean 0 and standard deviation 1 (Box and Muller 1958). */
  normal(island: number, generation: number, individual: number, draw: number): number {
    this.block(island, generation, individual, draw);
    const radius = Math.sqrt(-2 * log(1 - fraction(words[0], words[1])));
    return radius * cos(2 * Math.PI * fraction(words[2], words[3]));
  }

  /** Leaves the four words of a place in `words`. */
  private block(island: number, generation: number, individual: number, draw: number): void {
    counter[0] = draw;
    counter[1] = individual;
    counter[2] = generation;
    counter[3] = island;
    philox4x32(this.key, counter, words);
  }
}

/** 53 of the 64 bits as a number in [0, 1). */
function fraction(high: number, low: number): number {
  return ((high >>> 5) * 67108864 + (low >>> 6)) * TWO_TO_MINUS_53;
}
