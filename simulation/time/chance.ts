import { RandomStream } from '@isola/kernels/random';

/** Draws in the order in which they are asked for, which virtual time makes the same each run. */
export class Chance {
  private readonly stream: RandomStream;
  private draws = 0;

  constructor(seed: number, name: string) {
    this.stream = new RandomStream(seed, name);
  }

  /** In [0, 1). */
  part(): number {
    return this.stream.uniform(0, 0, 0, this.draws++);
  }

  happens(probability: number): boolean {
    return this.part() < probability;
  }

  /** An integer in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.part() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.part() * list.length)];
  }
}
