/**
 * A condensed beam: its dose influence on clusters of voxels, as bytes. Beamlets are in groups of
 * up to 16 neighbours. Where their doses in a cluster differ, each has a value of its own; where
 * they hardly do, the group has one value, their mean, which the sum of their weights is multiplied
 * with. So the vector of the beam's tiles is: weights of the beamlets, sums of the groups.
 *
 * The same in memory and in a file (little endian, offsets multiples of 16):
 *   u32[4]         magic, version, beamlets, groups
 *   u32[16] each   beamlets of a group; the number of beamlets stands for none
 *   tiles          of the beamlets' own values and of the groups' means
 *   tiles          the same on coarse clusters, the unions of some of the others
 *   tiles          on the clusters again, with means wherever beamlets do not differ much: a
 *                  fifth of the values, for a model of how the cost curves
 */
import { TILE_COLUMNS, type TilesView, viewTiles } from '@isola/kernels/sparse';

/** A condensed beam as it lies in a buffer. */
export interface CondensedBeam {
  readonly beamlets: number;
  /** Beamlets of each group, 16 each; the number of beamlets stands for none. */
  readonly groups: Uint32Array;
  readonly fine: PlacedTiles;
  readonly coarse: PlacedTiles;
  readonly loose: PlacedTiles;
}

export type ClusterLevel = 'fine' | 'coarse';

/** Tiles and the byte offset they lie at. */
export interface PlacedTiles {
  readonly offset: number;
  readonly tiles: TilesView;
}

const MAGIC = 0x434e4f43;
/** Of the form; part of what names a beam in a cache. */
export const CONDENSED_VERSION = 4;
const HEADER_BYTES = 16;

/** @param tiles on fine clusters, on coarse ones, and loose ones */
export function packCondensed(
  beamlets: number,
  groups: readonly Uint32Array[],
  tiles: readonly [fine: ArrayBuffer, coarse: ArrayBuffer, loose: ArrayBuffer],
): SharedArrayBuffer {
  let end = HEADER_BYTES + 4 * TILE_COLUMNS * groups.length;
  const buffer = new SharedArrayBuffer(
    tiles.reduce((sum, { byteLength }) => sum + byteLength, end),
  );
  new Uint32Array(buffer, 0, 4).set([MAGIC, CONDENSED_VERSION, beamlets, groups.length]);
  const members = new Uint32Array(buffer, HEADER_BYTES, TILE_COLUMNS * groups.length);
  members.fill(beamlets);
  groups.forEach((group, g) => {
    members.set(group, TILE_COLUMNS * g);
  });
  for (const part of tiles) {
    new Uint8Array(buffer, end).set(new Uint8Array(part));
    end += part.byteLength;
  }
  return buffer;
}

/** Views of a condensed beam. Throws where the bytes are none. */
export function viewCondensed(buffer: ArrayBufferLike): CondensedBeam {
  const [magic, version, beamlets, count] = new Uint32Array(buffer, 0, 4);
  if (magic !== MAGIC || version !== CONDENSED_VERSION) throw new Error('not a condensed beam');
  const groups = new Uint32Array(buffer, HEADER_BYTES, TILE_COLUMNS * count);
  let end = HEADER_BYTES + groups.byteLength;
  const next = (): PlacedTiles => {
    const placed = { offset: end, tiles: viewTiles(buffer, end) };
    end += placed.tiles.byteLength;
    return placed;
  };
  const [fine, coarse, loose] = [next(), next(), next()];
  return { beamlets, groups, fine, coarse, loose };
}

/** The vector of a beam's tiles: weights, sums of its groups, and the 0 that stands for none. */
export function tileVector(
  { beamlets, groups }: CondensedBeam,
  weights: Float64Array,
  out: Float64Array,
): void {
  out.set(weights);
  out.fill(0, beamlets);
  groups.forEach((beamlet, i) => {
    if (beamlet < beamlets) out[groupColumn(beamlets, i)] += weights[beamlet];
  });
}

/** The adjoint of `tileVector`. */
export function fromTileVector(
  { beamlets, groups }: CondensedBeam,
  vector: Float64Array,
  out: Float64Array,
): void {
  groups.forEach((beamlet, i) => {
    if (beamlet < beamlets) out[beamlet] = vector[beamlet] + vector[groupColumn(beamlets, i)];
  });
}

/** The column for the mean of the group that the i-th member belongs to. */
function groupColumn(beamlets: number, i: number): number {
  return beamlets + Math.floor(i / TILE_COLUMNS);
}
