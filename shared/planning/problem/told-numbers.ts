/** What the objectives of all terms tell in a round, one behind the other. */
import { sumsMerged } from '../objectives/index.js';
import type { Term } from './term.js';

export type ToldTerm = Pick<Term, 'weight' | 'objective'> & {
  readonly voxels: Pick<Term['voxels'], 'total'>;
};

/** Rounds that the cost takes until its value is known. */
export function roundsOf(terms: readonly ToldTerm[]): number {
  return Math.max(...terms.map(({ objective }) => objective.told.length));
}

/** Merges what two parts of the shards answer: numbers of a round, or after the last a gradient. */
export function answersMerged(
  terms: readonly ToldTerm[],
  round: number,
  one: Float64Array,
  other: Float64Array,
): Float64Array {
  if (round === roundsOf(terms)) return sumsMerged(one, other);
  const others = toldOf(terms, round, other);
  const merged = toldOf(terms, round, one).map((numbers, t) =>
    numbers.length === 0 ? numbers : terms[t].objective.merge(round, numbers, others[t]),
  );
  return joined(merged);
}

/** How many numbers all terms tell in a round. */
export function toldCount(terms: readonly ToldTerm[], round: number): number {
  return terms.reduce((sum, { objective }) => sum + (objective.told[round] ?? 0), 0);
}

/** The numbers of each term in a round; none for a term that needs fewer rounds. */
export function toldOf(
  terms: readonly ToldTerm[],
  round: number,
  numbers: Float64Array,
): Float64Array[] {
  let at = 0;
  return terms.map(({ objective }) => {
    const count = objective.told[round] ?? 0;
    at += count;
    return numbers.subarray(at - count, at);
  });
}

/** Arrays as one. */
export function joined(arrays: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

/** The value of each term, its weight applied, from what was heard in all rounds. */
export function valuesOf(terms: readonly ToldTerm[], heard: readonly Float64Array[]): Float64Array {
  const ofTerms = heardByTerm(terms, heard);
  return Float64Array.from(
    terms,
    ({ weight, objective, voxels }, t) => weight * objective.valueOf(ofTerms[t], voxels.total),
  );
}

/** No derivative by a voxel's dose is above this times the most that a term weighs the voxel. */
export function slopeLimit(terms: readonly ToldTerm[], heard: readonly Float64Array[]): number {
  const ofTerms = heardByTerm(terms, heard);
  return terms.reduce(
    (sum, { weight, objective, voxels }, t) =>
      sum + weight * objective.slopeLimit(ofTerms[t], voxels.total),
    0,
  );
}

/** By term, then by round. */
function heardByTerm(terms: readonly ToldTerm[], heard: readonly Float64Array[]): Float64Array[][] {
  const rounds = heard.map((numbers, round) => toldOf(terms, round, numbers));
  return terms.map((_, t) => rounds.map((numbers) => numbers[t]));
}
