import { exp, log } from '@isola/kernels/elementary';
import { convolveRows } from '@isola/kernels/grid';
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

/** Convolves rows of `width` values with reversed taps, see kernels/grid/convolve-rows. */
export type RowConvolution = (
  image: Float64Array,
  width: number,
  taps: Float64Array,
  out: Float64Array,
) => void;

/** Lateral dose tables of a beamlet in the isocentre plane: n x n nodes, u first, 4 components. */
export interface LateralTable {
  readonly n: number;
  readonly stepMm: number;
  readonly values: Float32Array;
}

/**
 * Convolves the beamlet's opening with the source's Gaussian and the machine's kernels
 * (Bortfeld, Schlegel & Rhein 1993, eq. 19) on the kernels' own raster.
 *
 * @param convolve plain TypeScript, or a faster twin with the same bits
 */
export function lateralTable(
  spec: TableSpec,
  convolve: RowConvolution = convolveRows,
): LateralTable {
  const { stepMm, tables } = spec.kernels;
  const reach = Math.ceil(spec.reachMm / stepMm) + 1;
  const fluence = blurredOpening(spec);
  const n = 2 * reach + 1;
  const kernelReach = reach + (fluence.length - 1) / 2;
  const width = 2 * kernelReach + 1;
  const values = new Float32Array(n * n * TABLE_COMPONENTS);
  const taps = fluence.slice().reverse();
  const along = new Float64Array(width * n);
  const across = new Float64Array(n * n);
  tables.forEach((table, component) => {
    convolve(radialImage(table, kernelReach), width, taps, along);
    convolve(transpose(along, width, n), width, taps, across);
    for (let i = 0; i < n * n; i++) values[i * TABLE_COMPONENTS + component] = across[i];
  });
  return { n, stepMm, values };
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
