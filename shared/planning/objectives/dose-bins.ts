/**
 * The dose at a volume where no place has all doses: each counts its own in bins, and what all have
 * counted says in which bin the answer lies. Bins are bits of a float32, the highest first, so
 * after `DOSE_BIN_BITS.length` rounds the answer is exact, that of `doseAtVolume`.
 */
import type { DoseArray } from './dose-array.js';
import type { VoxelSet } from './objective.js';

/** Bits that each round decides; 32 together. */
export const DOSE_BIN_BITS = [11, 11, 10] as const;

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Weight of the set in each bin of a round, of those doses that earlier rounds have left over. */
export function doseBins(
  round: number,
  heard: readonly Float64Array[],
  dose: DoseArray,
  voxels: VoxelSet,
  fraction: number,
): Float64Array {
  const { rows, weights, total } = voxels;
  const bins = new Float64Array(1 << DOSE_BIN_BITS[round]);
  const above = lowerBits(round - 1);
  const below = lowerBits(round);
  const prefix = prefixOf(heard.slice(0, round), fraction * total);
  for (let i = 0; i < rows.length; i++) {
    const key = keyOf(dose[rows[i]]);
    if (above < 32 && key >>> above !== prefix) continue;
    bins[(key >>> below) & (bins.length - 1)] += weights === null ? 1 : weights[i];
  }
  return bins;
}

/** The dose, from what all places have counted in all rounds. */
export function doseOfBins(
  heard: readonly Float64Array[],
  { total }: Pick<VoxelSet, 'total'>,
  fraction: number,
): number {
  const rounds = heard.slice(0, DOSE_BIN_BITS.length);
  const key = prefixOf(rounds, fraction * total);
  bits[0] = key >= 0x80000000 ? key ^ 0x80000000 : ~key;
  return float[0];
}

/** Ascends as doses do. */
function keyOf(dose: number): number {
  // -0 is 0.
  float[0] = dose + 0;
  return (bits[0] >= 0x80000000 ? ~bits[0] : bits[0] ^ 0x80000000) >>> 0;
}

/** Bits that are left for the rounds after this one. */
function lowerBits(round: number): number {
  return DOSE_BIN_BITS.slice(round + 1).reduce((sum, count) => sum + count, 0);
}

/** The bins that rounds have decided on, as one number. */
function prefixOf(heard: readonly Float64Array[], needed: number): number {
  let prefix = 0;
  let hotter = 0;
  heard.forEach((bins, round) => {
    const bin = binOf(bins, needed - hotter);
    for (let above = bin + 1; above < bins.length; above++) hotter += bins[above];
    prefix = prefix * (1 << DOSE_BIN_BITS[round]) + bin;
  });
  return prefix;
}

/** The hottest bin with which the weight needed is there. */
function binOf(bins: Float64Array, needed: number): number {
  let last = 0;
  let sum = 0;
  for (let bin = bins.length - 1; bin >= 0; bin--) {
    if (bins[bin] === 0) continue;
    sum += bins[bin];
    last = bin;
    if (sum >= needed) break;
  }
  return last;
}
