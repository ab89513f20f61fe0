/** Who makes room for an immigrant. */
import { RandomStream } from '@isola/kernels/random';
import type { Place } from './emigration.js';
import { ranking, type Valued } from './ranking.js';

/**
 * Index of the resident that the immigrant replaces, or -1 if it may not stay.
 * @param rank the immigrant's place among those that enter
 */
export type Replacement = (
  residents: readonly Valued[],
  immigrant: Valued,
  rank: number,
  place: Place,
) => number;

/** The worst makes room. */
export const replaceWorst: Replacement = (residents) => ranking(residents)[residents.length - 1];

/** The worst makes room for a better one only. */
export const replaceWorstIfBetter: Replacement = (residents, immigrant) => {
  const worst = ranking(residents)[residents.length - 1];
  return immigrant.value < residents[worst].value ? worst : -1;
};

/** Anyone makes room. */
export const replaceRandom: Replacement = (residents, _immigrant, rank, place) =>
  new RandomStream(place.seed, 'replacement').integer(
    residents.length,
    place.island,
    place.epoch,
    rank,
    0,
  );
