/**
 * What a set of beams will cost, as far as sets that were judged tell: the mean of the five most
 * alike, weighted with the inverse of their distance (Shepard, "A two-dimensional interpolation
 * function for irregularly-spaced data", Proc. ACM, 1968).
 */
import type { CandidatePool } from './beam-set-variation.js';

/** A set that was judged. */
export interface JudgedSet {
  readonly beams: Uint16Array;
  /** Its cost on coarse clusters, which is known for those that were rejected too. */
  readonly coarseValue: number;
}

const ALIKE = 5;
/** Of a set that differs nowhere in direction: two couch angles may give the same beam. */
const LEAST_DISTANCE = 1e-6;

/** @param judged at least one */
export function forecast(beams: Uint16Array, judged: readonly JudgedSet[], pool: CandidatePool) {
  const distances = judged.map((other) => distance(beams, other.beams, pool));
  const order = Array.from(judged.keys()).sort((i, j) => distances[i] - distances[j] || i - j);
  let sum = 0;
  let weights = 0;
  for (const i of order.slice(0, ALIKE)) {
    const weight = 1 / Math.max(distances[i], LEAST_DISTANCE);
    sum += weight * judged[i].coarseValue;
    weights += weight;
  }
  return sum / weights;
}

/** From every beam to the nearest one of the other set, both ways. */
function distance(a: Uint16Array, b: Uint16Array, pool: CandidatePool): number {
  return oneWay(a, b, pool) + oneWay(b, a, pool);
}

function oneWay(from: Uint16Array, to: Uint16Array, pool: CandidatePool): number {
  let sum = 0;
  for (const beam of from) {
    let closest = -1;
    for (const other of to) closest = Math.max(closest, pool.closeness(beam, other));
    sum += 1 - closest;
  }
  return sum;
}
