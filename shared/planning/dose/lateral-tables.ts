import { exp, log } from '@isola/kernels/elementary';
import type { LateralKernels } from '../machines/index.js';

/** Components are interleaved in fours, whatever their number: one SIMD word a node. */
export const TABLE_COMPONENTS = 4;

export interface TableSpec {
  readonly kernels: LateralKernels;
  readonly beamletMm: number;
  readonly penumbraFwhmMm: number;
  /** Largest lateral distance that will be looked up. */
  readonly reachMm: number;
  /** matRad samples the opening at its pixels' left edges, which shifts kernels by half a pixel. */
  readonly shiftedOpening: boolean;
}

/** Lateral dose tables of a beamlet in the isocentre plane: n x n nodes, u first, 4 components. */
export interface LateralTable {
  readonly n: number;
  readonly stepMm: number;
  readonly values: Float32Array;
}

/**
 * Convolves the beamlet's opening with the source's Gaussian and the machine's kernels
 * (Bortfeld, Schlegel & Rhein 1993, eq. 19) on the kernels' own raster.
 */
export function lateralTable(spec: TableSpec): LateralTable {
  const { stepMm, tables } = spec.kernels;
  const reach = Math.ceil(spec.reachMm / stepMm) + 1;
  const fluence = blurredOpening(spec);
  const n = 2 * reach + 1;
  const kernelReach = reach + (fluence.length - 1) / 2;
  const width = 2 * kernelReach + 1;
  const values = new Float32Array(n * n * TABLE_COMPONENTS);
  tables.forEach((table, component) => {
    const along = convolveRows(radialImage(table, kernelReach), width, fluence);
    const across = convolveRows(transpose(along, width, n), width, fluence);
    for (let i = 0; i < n * n; i++) values[i * TABLE_COMPONENTS + component] = across[i];
  });
  return { n, stepMm, values };
}

/** Rows of `width` values convolved with a profile, where the profile fits inside. */
function convolveRows(image: Float64Array, width: number, profile: Float64Array): Float64Array {
  const rows = image.length / width;
  const length = width - profile.length + 1;
  const out = new Float64Array(rows * length);
  const taps = profile.slice().reverse();
  for (let r = 0; r < rows; r++) {
    const from = r * width;
    let i = 0;
    // Four outputs at a time: four sums that do not wait for one another.
    for (; i + 4 <= length; i += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let k = 0, at = from + i; k < taps.length; k++, at++) {
        const tap = taps[k];
        s0 += tap * image[at];
        s1 += tap * image[at + 1];
        s2 += tap * image[at + 2];
        s3 += tap * image[at + 3];
      }
      out[r * length + i] = s0;
      out[r * length + i + 1] = s1;
      out[r * length + i + 2] = s2;
      out[r * length + i + 3] = s3;
    }
    for (; i < length; i++) {
      for (let k = 0; k < taps.length; k++) out[r * length + i] += taps[k] * image[from + i + k];
    }
  }
  return out;
}

function transpose(image: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(image.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = image[i * columns + j];
  }
  return out;
}

/** The opening's profile convolved with the normalised source profile; odd length, centred. */
function blurredOpening(spec: TableSpec): Float64Array {
  const { stepMm } = spec.kernels;
  const opening = openingProfile(spec.beamletMm / stepMm, spec.shiftedOpening);
  const sigma = spec.penumbraFwhmMm / Math.sqrt(8 * log(2)) / stepMm;
  const reach = Math.ceil(5 * sigma);
  const source = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    exp(-((i - reach) * (i - reach)) / (2 * sigma * sigma)),
  );
  const total = source.reduce((sum, value) => sum + value, 0);
  const blurred = new Float64Array(opening.length + source.length - 1);
  for (let i = 0; i < opening.length; i++) {
    for (let j = 0; j < source.length; j++) blurred[i + j] += (opening[i] * source[j]) / total;
  }
  return blurred;
}

/** How much of each pixel around the centre the opening of `width` pixels covers. */
function openingProfile(width: number, shifted: boolean): Float64Array {
  const half = Math.ceil(width / 2 + 0.5);
  return Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const centre = i - half;
    if (shifted) return centre >= -width / 2 && centre < Math.floor(width) - width / 2 ? 1 : 0;
    const covered = Math.min(centre + 0.5, width / 2) - Math.max(centre - 0.5, -width / 2);
    return Math.max(0, covered);
  });
}

/** A radial table on the square of pixels up to `reach` around the centre. */
function radialImage(table: Float64Array, reach: number): Float64Array {
  const n = 2 * reach + 1;
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const radius = Math.sqrt((i - reach) * (i - reach) + (j - reach) * (j - reach));
      const at = Math.floor(radius);
      if (at + 1 >= table.length) continue;
      values[i * n + j] = table[at] + (radius - at) * (table[at + 1] - table[at]);
    }
  }
  return values;
}
