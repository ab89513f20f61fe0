/** Who leaves an island at the end of an epoch. */
import { RandomStream } from '@isola/kernels/random';
import { ranking, type Valued } from './ranking.js';

/** Where and when somebody leaves or enters: what random draws are counted by. */
export interface Place {
  readonly seed: number;
  readonly island: number;
  readonly epoch: number;
}

/** Picks those who leave, in the order of their rank; they stay as well, for copies travel. */
export type Emigration = <V extends Valued>(individuals: readonly V[], place: Place) => V[];

/** The best `count` leave, best first. */
export function bestLeave(count: number): Emigration {
  return (individuals) =>
    ranking(individuals)
      .slice(0, count)
      .map((index) => individuals[index]);
}

/** Any `count` of them leave, in the order they are drawn. */
export function randomLeave(count: number): Emigration {
  return (individuals, { seed, island, epoch }) => {
    const stream = new RandomStream(seed, 'emigration');
    const left = [...individuals];
    return Array.from({ length: Math.min(count, left.length) }, (_, rank) => {
      const drawn = stream.integer(left.length, island, epoch, rank, 0);
      return left.splice(drawn, 1)[0];
    });
  };
}
