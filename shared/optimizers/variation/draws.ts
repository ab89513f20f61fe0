import type { RandomStream } from '@isola/kernels/random';

/** Random numbers for one use at one place: a draw is named by its number, from 0. */
export interface Draws {
  /** In [0, 1). */
  uniform(draw: number): number;
  /** Mean 0, standard deviation 1. */
  normal(draw: number): number;
  /** An integer in [0, bound). */
  integer(bound: number, draw: number): number;
}

/** The draws of an individual of a generation. */
export function drawsAt(
  random: RandomStream,
  island: number,
  generation: number,
  individual: number,
): Draws {
  return {
    uniform: (draw) => random.uniform(island, generation, individual, draw),
    normal: (draw) => random.normal(island, generation, individual, draw),
    integer: (bound, draw) => random.integer(bound, island, generation, individual, draw),
  };
}
