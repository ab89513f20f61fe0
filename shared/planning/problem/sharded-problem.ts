import { unitOfSums } from '@isola/kernels/vector';
import type { DifferentiableProblem } from '@isola/optimizers/problem';
import { joined, roundsOf, slopeLimit, type ToldTerm, valuesOf } from './told-numbers.js';

/** All shards of a problem, wherever they are. */
export interface AllShards {
  /** What all answer to a step (see `FluenceShard`), merged as `answersMerged` says. */
  ask(step: number, brought: Float64Array): Promise<Float64Array>;
}

/** For what float32 derivatives and sums are above the limits of exact ones. */
const REACH_MARGIN = 2;

/** A fluence problem whose voxels lie in shards. */
export interface ShardedProblem extends DifferentiableProblem {
  /** The value of each term at x, its weight applied. */
  termValues(x: Float64Array): Promise<Float64Array>;
}

/**
 * @param size number of beamlets
 * @param reach of all shards (see `FluenceShard.reach`), summed
 */
export function shardedProblem(
  size: number,
  terms: readonly ToldTerm[],
  shards: AllShards,
  reach: number,
): ShardedProblem {
  const rounds = roundsOf(terms);
  const told = async (x: Float64Array) => {
    const heard = [await shards.ask(0, x)];
    for (let step = 1; step < rounds; step++) heard.push(await shards.ask(step, heard[step - 1]));
    return heard;
  };
  const costOf = (heard: readonly Float64Array[]) =>
    valuesOf(terms, heard).reduce((sum, value) => sum + value, 0);
  return {
    size,
    lower: new Float64Array(size),
    upper: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
    value: async (x) => costOf(await told(x)),
    valueAndGradient: async (x, gradient) => {
      const heard = await told(x);
      const unit = unitOfSums(REACH_MARGIN * reach * slopeLimit(terms, heard));
      const brought = joined([heard[rounds - 1], Float64Array.of(unit)]);
      gradient.set(await shards.ask(rounds, brought));
      return costOf(heard);
    },
    termValues: async (x) => valuesOf(terms, await told(x)),
  };
}
