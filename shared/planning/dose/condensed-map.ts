/**
 * The dose map of a set of condensed beams, beamlets beam by beam in the beams' own order. It
 * computes in the calling thread, on copies of the beams in a memory of this thread's own, so that
 * many threads work on many sets at once and share nothing.
 */
import { type Arena, allocate, createArena, kernelsOn } from '@isola/kernels/backends';
import {
  type ClusterLevel,
  type CondensedBeam,
  fromTileVector,
  tileVector,
  viewCondensed,
} from './condensed-beam.js';
import type { DoseMap } from './dose-map.js';

/** A thread's memory for one set of beams. */
interface Region {
  readonly arena: Arena;
  readonly start: number;
  readonly bytes: number;
}

let region: Region | undefined;

/** This thread's memory; made anew only to grow. */
function regionOf(bytes: number): Region {
  if (region === undefined || region.bytes < bytes) {
    const arena = createArena();
    const roomy = Math.ceil(1.25 * bytes);
    region = { arena, start: allocate(arena, roomy), bytes: roomy };
  }
  return region;
}

/** The dose map of condensed beams. */
export interface CondensedMap extends DoseMap {
  /** out = the diagonal of D^T diag(rowWeights) D, to the precision of the groups' means. */
  curvatures(rowWeights: Float32Array, out: Float64Array): void;
}

/** One at a time in a thread: the next one takes its memory over. */
export function condensedMap(beams: readonly ArrayBufferLike[], level: ClusterLevel): CondensedMap {
  const views = beams.map((beam) => viewCondensed(beam));
  const rows = views[0][level].tiles.matrixRows;
  const longest = Math.max(...views.map((view) => view[level].tiles.matrixColumns + 1));
  const tileBytes = views.map((view) => view[level].tiles.byteLength);
  const sizes = [4 * rows, 8 * longest, ...tileBytes];
  const { arena, start } = regionOf(sizes.reduce((sum, size) => sum + aligned(size), 0));
  let end = start;
  const [doseAt, vectorAt, ...tilesAt] = sizes.map((size) => {
    end += aligned(size);
    return end - aligned(size);
  });
  const { buffer } = arena.memory;
  beams.forEach((beam, b) => {
    const tiles = new Uint8Array(beam, views[b][level].offset, tileBytes[b]);
    new Uint8Array(buffer, tilesAt[b], tileBytes[b]).set(tiles);
  });
  return mapOf(views, arena, {
    ...{ doseAt, vectorAt, tilesAt },
    dose: new Float32Array(buffer, doseAt, rows),
    vector: new Float64Array(buffer, vectorAt, longest),
  });
}

/** The vectors of a map, and where they and the tiles lie. */
interface Vectors {
  readonly doseAt: number;
  readonly vectorAt: number;
  /** Of each beam. */
  readonly tilesAt: readonly number[];
  readonly dose: Float32Array;
  readonly vector: Float64Array;
}

function mapOf(
  beams: readonly CondensedBeam[],
  arena: Arena,
  { doseAt, vectorAt, tilesAt, dose, vector }: Vectors,
): CondensedMap {
  const kernels = kernelsOn(arena);
  const starts = [0];
  for (const { beamlets } of beams) starts.push(starts[starts.length - 1] + beamlets);
  const inputSize = starts[beams.length];
  const apply = async (weights: Float64Array, out: Float32Array) => {
    dose.fill(0);
    beams.forEach((beam, b) => {
      tileVector(beam, weights.subarray(starts[b], starts[b + 1]), vector);
      kernels.multiplyTiles(tilesAt[b], vectorAt, doseAt);
    });
    out.set(dose);
  };
  const back = (rows: Float32Array, out: Float64Array, isSquared: boolean) => {
    dose.set(rows);
    beams.forEach((beam, b) => {
      if (isSquared) kernels.multiplySquaredTilesTransposed(tilesAt[b], doseAt, vectorAt);
      else kernels.multiplyTilesTransposed(tilesAt[b], doseAt, vectorAt);
      fromTileVector(beam, vector, out.subarray(starts[b], starts[b + 1]));
    });
  };
  return {
    ...{ inputSize, outputSize: dose.length, apply },
    pullback: async (_weights, cotangent, out) => back(cotangent, out, false),
    curvatures: (rowWeights, out) => back(rowWeights, out, true),
    applyBatch: async (xs, outs) => {
      for (let k = 0; k < xs.length; k++) await apply(xs[k], outs[k]);
    },
  };
}

function aligned(bytes: number): number {
  return 16 * Math.ceil(bytes / 16);
}
