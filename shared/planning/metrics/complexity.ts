/**
 * How hard a fluence is to deliver. A pair of leaves that sweeps over one row of beamlets needs for
 * a row w_1 ... w_n at least
 *   SPG = sum over i of max(w_i - w_{i-1}, 0),  w_0 = 0,
 * the sum of positive gradients: each rise is opened for anew, a fall costs nothing. All rows share
 * the beam's time, so a beam needs the largest of its rows (Craft, Suess & Bortfeld, IJROBP
 * 67:1596, 2007). Leaves move along the collimator's x axis; a row is the beamlets of one z. Where
 * a row has no beamlet its fluence is 0. The unit is that of the weights.
 */
import type { Beam } from '../beams/beam.js';

/** Centres and pitch of a beam's beamlets, which lie on a square lattice. */
export type BeamletLattice = Pick<Beam, 'xMm' | 'zMm' | 'beamletMm'>;

export interface BeamComplexity {
  /** The largest SPG of the beam's rows. */
  readonly sumOfPositiveGradients: number;
  readonly largestWeight: number;
  /** SPG / largest weight; 1 where no row rises again after a fall, 0 for a dark beam. */
  readonly modulation: number;
}

export interface PlanComplexity {
  readonly beams: readonly BeamComplexity[];
  /** Sum over the beams. */
  readonly sumOfPositiveGradients: number;
  /** Sum of SPG / sum of largest weights; 1 for open fields. */
  readonly modulation: number;
}

/** Complexity of one beam's weights, one a beamlet. */
export function beamComplexity(beam: BeamletLattice, weights: Float64Array): BeamComplexity {
  const { xMm, zMm, beamletMm } = beam;
  // Lattice coordinates relative to the first beamlet, wherever the lattice is anchored.
  const column = Array.from(xMm, (x) => Math.round((x - xMm[0]) / beamletMm));
  const row = Array.from(zMm, (z) => Math.round((z - zMm[0]) / beamletMm));
  const order = Array.from(weights.keys()).sort((a, b) => row[a] - row[b] || column[a] - column[b]);

  let largestRow = 0;
  let largestWeight = 0;
  let rises = 0;
  order.forEach((beamlet, i) => {
    const before = order[i - 1];
    const sameRow = i > 0 && row[before] === row[beamlet];
    const adjacent = sameRow && column[beamlet] - column[before] === 1;
    if (!sameRow) rises = 0;
    rises += Math.max(weights[beamlet] - (adjacent ? weights[before] : 0), 0);
    largestRow = Math.max(largestRow, rises);
    largestWeight = Math.max(largestWeight, weights[beamlet]);
  });
  return {
    sumOfPositiveGradients: largestRow,
    largestWeight,
    modulation: ratio(largestRow, largestWeight),
  };
}

/** Complexity of a plan; `weights` holds the beams' beamlets one beam after the other. */
export function planComplexity(
  beams: readonly BeamletLattice[],
  weights: Float64Array,
): PlanComplexity {
  let first = 0;
  let sumOfPositiveGradients = 0;
  let sumOfLargest = 0;
  const each = beams.map((beam) => {
    const complexity = beamComplexity(beam, weights.subarray(first, first + beam.xMm.length));
    first += beam.xMm.length;
    sumOfPositiveGradients += complexity.sumOfPositiveGradients;
    sumOfLargest += complexity.largestWeight;
    return complexity;
  });
  const modulation = ratio(sumOfPositiveGradients, sumOfLargest);
  return { beams: each, sumOfPositiveGradients, modulation };
}

function ratio(complexity: number, largest: number): number {
  return largest > 0 ? complexity / largest : 0;
}
