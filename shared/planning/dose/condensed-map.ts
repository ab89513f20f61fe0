/**
 * The dose map of a set of condensed beams, beamlets beam by beam in the beams' own order. It
 * computes in the calling thread, on copies of the beams in a memory of this thread's own, so that
 * many threads work on many sets at once and share nothing.
 */
import { type Arena, kernelsOn } from '@isola/kernels/backends';
import { BLOCK_ROWS, packRowCosts, type RowCostLayer } from '@isola/kernels/sparse';
import {
  type ClusterLevel,
  type CondensedBeam,
  fromTileVector,
  tileVector,
  viewCondensed,
} from './condensed-beam.js';
import type { DoseMap } from './dose-map.js';
import { placed } from './thread-memory.js';

/** The dose map of condensed beams. */
export interface CondensedMap extends DoseMap {
  /** out = the diagonal of D^T diag(rowWeights) D, to the precision of the groups' means. */
  curvatures(rowWeights: Float32Array, out: Float64Array): void;
  /** Cost of the weights by the map's layers, and its gradient, in one pass over the beams. */
  costAndGradient(weights: Float64Array, gradient: Float64Array): number;
}

/** Of a part in `costOfTiles`. */
const PART_WORDS = 4;

/**
 * One at a time in a thread: the next one takes its memory over.
 *
 * @param layers costs of rows, for `costAndGradient`
 */
export function condensedMap(
  beams: readonly ArrayBufferLike[],
  level: ClusterLevel,
  layers: readonly RowCostLayer[] = [],
): CondensedMap {
  const views = beams.map((beam) => viewCondensed(beam));
  const rows = views[0][level].tiles.matrixRows;
  const costs = packRowCosts(rows, layers);
  const vectorBytes = views.map((view) => 8 * (view[level].tiles.matrixColumns + 1));
  const tileBytes = views.map((view) => view[level].tiles.byteLength);
  const rowBytes = 4 * Math.max(rows, BLOCK_ROWS);
  const partBytes = 4 * PART_WORDS * beams.length;
  const sizes = [
    rowBytes,
    costs.byteLength,
    partBytes,
    ...vectorBytes,
    ...vectorBytes,
    ...tileBytes,
  ];
  const { arena, offsets } = placed('beams', sizes);
  const [doseAt, costsAt, partsAt] = offsets;
  const { buffer } = arena.memory;
  new Uint8Array(buffer, costsAt, costs.byteLength).set(new Uint8Array(costs));
  const parts = beams.map((beam, b): Part => {
    const [inAt, outAt, tilesAt] = [0, 1, 2].map((k) => offsets[3 + k * beams.length + b]);
    const tiles = new Uint8Array(beam, views[b][level].offset, tileBytes[b]);
    new Uint8Array(buffer, tilesAt, tileBytes[b]).set(tiles);
    new Uint32Array(buffer, partsAt, PART_WORDS * beams.length).set(
      [tilesAt, inAt, outAt],
      PART_WORDS * b,
    );
    const length = vectorBytes[b] / 8;
    return {
      ...{ beam: views[b], tilesAt, inAt, outAt },
      input: new Float64Array(buffer, inAt, length),
      output: new Float64Array(buffer, outAt, length),
    };
  });
  return mapOf(arena, rows, parts, { doseAt, costsAt, partsAt });
}

/** A beam in the thread's memory, with the vectors that its tiles are multiplied with. */
interface Part {
  readonly beam: CondensedBeam;
  readonly tilesAt: number;
  readonly inAt: number;
  readonly outAt: number;
  readonly input: Float64Array;
  readonly output: Float64Array;
}

interface Places {
  readonly doseAt: number;
  readonly costsAt: number;
  readonly partsAt: number;
}

function mapOf(
  arena: Arena,
  rows: number,
  parts: readonly Part[],
  { doseAt, costsAt, partsAt }: Places,
): CondensedMap {
  const kernels = kernelsOn(arena);
  const dose = new Float32Array(arena.memory.buffer, doseAt, rows);
  const starts = [0];
  for (const { beam } of parts) starts.push(starts[starts.length - 1] + beam.beamlets);
  const inputSize = starts[parts.length];
  const each = (vector: Float64Array, visit: (part: Part, own: Float64Array) => void) => {
    parts.forEach((part, b) => {
      visit(part, vector.subarray(starts[b], starts[b + 1]));
    });
  };
  const apply = async (weights: Float64Array, out: Float32Array) => {
    dose.fill(0);
    each(weights, ({ beam, input, tilesAt, inAt }, own) => {
      tileVector(beam, own, input);
      kernels.multiplyTiles(tilesAt, inAt, doseAt);
    });
    out.set(dose);
  };
  const back = (cotangent: Float32Array, out: Float64Array, isSquared: boolean) => {
    dose.set(cotangent);
    each(out, ({ beam, output, tilesAt, outAt }, own) => {
      if (isSquared) kernels.multiplySquaredTilesTransposed(tilesAt, doseAt, outAt);
      else kernels.multiplyTilesTransposed(tilesAt, doseAt, outAt);
      fromTileVector(beam, output, own);
    });
  };
  return {
    ...{ inputSize, outputSize: rows, apply },
    pullback: async (_weights, cotangent, out) => back(cotangent, out, false),
    curvatures: (rowWeights, out) => back(rowWeights, out, true),
    costAndGradient: (weights, gradient) => {
      each(weights, ({ beam, input }, own) => tileVector(beam, own, input));
      const cost = kernels.costOfTiles(partsAt, parts.length, rows, doseAt, costsAt);
      each(gradient, ({ beam, output }, own) => fromTileVector(beam, output, own));
      return cost;
    },
    applyBatch: async (xs, outs) => {
      for (let k = 0; k < xs.length; k++) await apply(xs[k], outs[k]);
    },
  };
}
