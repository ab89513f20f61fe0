/**
 * A condensed beam: its dose influence on clusters of voxels, as bytes. Beamlets are in groups of
 * up to 16 neighbours. Where their doses in a cluster differ, each has a value of its own; where
 * they hardly do, the group has one value, their mean, which the sum of their weights is multiplied
 * with. So the vector of the beam's tiles is: weights of the beamlets, sums of the groups.
 *
 * The same in memory and in a file (little endian, offsets multiples of 16):
 *   u32[4]  magic, version, beamlets, groups
 *   tiles   one a group with its beamlets' own values; then those of the groups' means
 *   tiles   the same on coarse clusters, the unions of some of the others
 */
import { TILE_COLUMNS, type TilesView, viewTiles } from '@isola/kernels/sparse';

/** A condensed beam as it lies in a buffer. */
export interface CondensedBeam {
  readonly beamlets: number;
  readonly groups: number;
  readonly fine: PlacedTiles;
  readonly coarse: PlacedTiles;
}

export type ClusterLevel = 'fine' | 'coarse';

/** Tiles and the byte offset they lie at. */
export interface PlacedTiles {
  readonly offset: number;
  readonly tiles: TilesView;
}

const MAGIC = 0x434e4f43;
const VERSION = 2;
const HEADER_BYTES = 16;

/** @param tiles on fine clusters and on coarse ones */
export function packCondensed(
  beamlets: number,
  groups: number,
  [fine, coarse]: readonly [ArrayBuffer, ArrayBuffer],
): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(HEADER_BYTES + fine.byteLength + coarse.byteLength);
  new Uint32Array(buffer, 0, 4).set([MAGIC, VERSION, beamlets, groups]);
  new Uint8Array(buffer, HEADER_BYTES).set(new Uint8Array(fine));
  new Uint8Array(buffer, HEADER_BYTES + fine.byteLength).set(new Uint8Array(coarse));
  return buffer;
}

/** Views of a condensed beam. Throws where the bytes are none. */
export function viewCondensed(buffer: ArrayBufferLike): CondensedBeam {
  const [magic, version, beamlets, groups] = new Uint32Array(buffer, 0, 4);
  if (magic !== MAGIC || version !== VERSION) throw new Error('not a condensed beam');
  const fine = { offset: HEADER_BYTES, tiles: viewTiles(buffer, HEADER_BYTES) };
  const offset = HEADER_BYTES + fine.tiles.byteLength;
  return { beamlets, groups, fine, coarse: { offset, tiles: viewTiles(buffer, offset) } };
}

/** The vector of a beam's tiles: weights, sums of its groups, and the 0 that stands for none. */
export function tileVector(
  { beamlets, groups, fine: { tiles } }: CondensedBeam,
  weights: Float64Array,
  out: Float64Array,
): void {
  out.set(weights);
  out[beamlets + groups] = 0;
  for (let g = 0; g < groups; g++) {
    let sum = 0;
    for (let k = 0; k < TILE_COLUMNS; k++) {
      const column = tiles.columns[TILE_COLUMNS * g + k];
      if (column < beamlets) sum += weights[column];
    }
    out[beamlets + g] = sum;
  }
}

/** The adjoint of `tileVector`. */
export function fromTileVector(
  { beamlets, groups, fine: { tiles } }: CondensedBeam,
  vector: Float64Array,
  out: Float64Array,
): void {
  for (let g = 0; g < groups; g++) {
    for (let k = 0; k < TILE_COLUMNS; k++) {
      const column = tiles.columns[TILE_COLUMNS * g + k];
      if (column < beamlets) out[column] = vector[column] + vector[beamlets + g];
    }
  }
}
