/**
 * How a cost of rows curves over the weights of a set of beams: D^T diag(w) D, with D the beams'
 * loose tiles, as a whole matrix. A product with it takes a small part of the time that products
 * with the beams take, so an optimiser may ask for many (`modelNewton`).
 *
 * The matrix is over columns of tiles, 16 for each group of beamlets and 16 for each tile of means;
 * a beamlet's weight counts in its own column and in its group's mean.
 */
import { type Arena, kernelsOn } from '@isola/kernels/backends';
import {
  BLOCK_ROWS,
  gramScratchBytes,
  symmetricBytes,
  symmetricStride,
  symmetricVectorBytes,
  TILE_COLUMNS,
} from '@isola/kernels/sparse';
import { gather } from '@isola/kernels/vector';
import type { CurvatureModel } from '@isola/optimizers/algorithms';
import { type CondensedBeam, viewCondensed } from './condensed-beam.js';
import { placed } from './thread-memory.js';

/** Of a part in `gramOfTiles`. */
const PART_BYTES = 16;

/**
 * One at a time in a thread: the next one takes its memory over.
 *
 * @param rowCurvature second derivative of the cost by each row's dose, not negative
 * @param units of the variables: weights are variables times these
 */
export function condensedCurvature(
  beams: readonly ArrayBufferLike[],
  rowCurvature: Float32Array,
  units: Float64Array,
): CurvatureModel {
  const views = beams.map((beam) => viewCondensed(beam));
  const columns = columnsOf(views);
  const { arena, at } = place(views, columns.count, rowCurvature.length);
  const { buffer } = arena.memory;
  const scale = new Float32Array(buffer, at.scale, paddedRows(rowCurvature.length)).fill(0);
  rowCurvature.forEach((curvature, row) => {
    scale[row] = Math.sqrt(curvature);
  });
  views.forEach(({ loose }, b) => {
    const tiles = new Uint8Array(beams[b], loose.offset, loose.tiles.byteLength);
    new Uint8Array(buffer, at.tiles[b]).set(tiles);
    new Uint32Array(buffer, at.firstColumns[b]).set(columns.ofTiles[b]);
    const part = new Uint32Array(buffer, at.parts + PART_BYTES * b, 4);
    part.set([at.tiles[b], at.firstColumns[b], 0, columns.firstMeans[b]]);
  });
  const kernels = kernelsOn(arena);
  const { count } = columns;
  new Float32Array(buffer, at.gram, count * count).fill(0);
  const rows = rowCurvature.length;
  kernels.gramOfTiles(at.parts, beams.length, rows, at.scale, at.scratch, at.gram, 4 * count);
  const stride = symmetricStride(count);
  kernels.packSymmetric(at.gram, 4 * count, count, at.roots, at.matrix, stride);
  const roots = new Float32Array(buffer, at.roots, count);
  const rootsOf = (places: Uint32Array) => gather(roots, places, new Float32Array(places.length));
  const all: Factor = {
    ...{ matrix: at.matrix, size: count, x: at.x, y: at.y, units },
    ...{ own: columns.own, ownRoots: rootsOf(columns.own) },
    ...{ mean: columns.mean, meanRoots: rootsOf(columns.mean) },
  };
  return {
    multiply: productsWith(arena, all),
    among: (variables) => {
      const [own, mean] = [columns.own, columns.mean].map((of) => variables.map((j) => of[j]));
      const kept = Uint32Array.from(new Set([...own, ...mean])).sort();
      const positions = new Uint32Array(count);
      kept.forEach((column, k) => {
        positions[column] = k;
      });
      new Uint32Array(buffer, at.picked, kept.length).set(kept);
      const partStride = symmetricStride(kept.length);
      kernels.pickSymmetric(at.matrix, stride, at.picked, kept.length, at.part, partStride);
      return productsWith(arena, {
        ...{ matrix: at.part, size: kept.length, x: at.x, y: at.y },
        units: gather(units, variables, new Float64Array(variables.length)),
        ...{ own: own.map((column) => positions[column]), ownRoots: rootsOf(own) },
        ...{ mean: mean.map((column) => positions[column]), meanRoots: rootsOf(mean) },
      });
    },
  };
}

/** A matrix over columns, and room for the vectors of its products over variables. */
interface Factor {
  readonly matrix: number;
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly units: Float64Array;
  /** The two columns of each variable, and their roots. */
  readonly own: Uint32Array;
  readonly mean: Uint32Array;
  readonly ownRoots: Float32Array;
  readonly meanRoots: Float32Array;
}

function productsWith(
  arena: Arena,
  { matrix, size, units, own, mean, ownRoots, meanRoots, ...at }: Factor,
): (v: Float64Array, out: Float64Array) => void {
  const { buffer } = arena.memory;
  const kernels = kernelsOn(arena);
  const x = new Float32Array(buffer, at.x, symmetricVectorBytes(size) / 4);
  const y = new Float32Array(buffer, at.y, size);
  return (v, out) => {
    x.fill(0);
    for (let i = 0; i < v.length; i++) {
      const weight = units[i] * v[i];
      x[own[i]] += ownRoots[i] * weight;
      x[mean[i]] += meanRoots[i] * weight;
    }
    kernels.multiplySymmetric(matrix, symmetricStride(size), size, at.x, at.y);
    for (let i = 0; i < v.length; i++) {
      out[i] = units[i] * (ownRoots[i] * y[own[i]] + meanRoots[i] * y[mean[i]]);
    }
  };
}

/** Which columns of the matrix belong to what. */
interface Columns {
  readonly count: number;
  /** Of each beamlet itself, and of its group's mean. */
  readonly own: Uint32Array;
  readonly mean: Uint32Array;
  /** Of each beam the first one of a tile of means. */
  readonly firstMeans: readonly number[];
  /** The first one of each tile, beam by beam. */
  readonly ofTiles: readonly Uint32Array[];
}

/** Beams lie one behind the other: the tiles of their groups, then those of means. */
function columnsOf(views: readonly CondensedBeam[]): Columns {
  const size = views.reduce((sum, { beamlets }) => sum + beamlets, 0);
  const [own, mean] = [new Uint32Array(size), new Uint32Array(size)];
  const ofTiles: Uint32Array[] = [];
  const firstMeans: number[] = [];
  let count = 0;
  let begin = 0;
  for (const { beamlets, groups, loose } of views) {
    const first = count;
    const groupCount = groups.length / TILE_COLUMNS;
    const firstMean = first + groups.length;
    groups.forEach((beamlet, i) => {
      if (beamlet === beamlets) return;
      own[begin + beamlet] = first + i;
      mean[begin + beamlet] = firstMean + Math.floor(i / TILE_COLUMNS);
    });
    const { tiles } = loose;
    firstMeans.push(firstMean);
    ofTiles.push(
      Uint32Array.from({ length: tiles.count }, (_, t) => {
        const column = tiles.columns[TILE_COLUMNS * t];
        return column < beamlets ? own[begin + column] : firstMean + column - beamlets;
      }),
    );
    begin += beamlets;
    count = firstMean + TILE_COLUMNS * Math.ceil(groupCount / TILE_COLUMNS);
  }
  return { count, own, mean, firstMeans, ofTiles };
}

/** Where everything lies in this thread's memory. */
interface Places {
  readonly arena: Arena;
  readonly at: {
    readonly gram: number;
    readonly roots: number;
    readonly matrix: number;
    readonly part: number;
    readonly picked: number;
    readonly x: number;
    readonly y: number;
    readonly scale: number;
    readonly parts: number;
    readonly scratch: number;
    readonly tiles: readonly number[];
    readonly firstColumns: readonly number[];
  };
}

function place(views: readonly CondensedBeam[], columns: number, rows: number): Places {
  const tileBytes = views.map(({ loose }) => loose.tiles.byteLength);
  const vectorBytes = symmetricVectorBytes(columns);
  const sizes = [
    ...[4 * columns * columns, vectorBytes, symmetricBytes(columns), symmetricBytes(columns)],
    ...[vectorBytes, vectorBytes, 4 * columns, 4 * paddedRows(rows), PART_BYTES * views.length],
    ...[gramScratchBytes(tilesInFullestBlock(views)), ...tileBytes],
    ...views.map(({ loose }) => 4 * loose.tiles.count),
  ];
  const { arena, offsets } = placed('curvature', sizes);
  const [gram, roots, matrix, part, x, y, picked, scale, parts, scratch, ...others] = offsets;
  const [tiles, firstColumns] = [others.slice(0, views.length), others.slice(views.length)];
  const vectors = { x, y, picked, scale };
  return {
    arena,
    at: { gram, roots, matrix, part, ...vectors, parts, scratch, tiles, firstColumns },
  };
}

function paddedRows(rows: number): number {
  return BLOCK_ROWS * Math.ceil(rows / BLOCK_ROWS);
}

/** The most tiles that a block of rows has. */
function tilesInFullestBlock(views: readonly CondensedBeam[]): number {
  const counts = new Map<number, number>();
  for (const { loose } of views) {
    for (let t = 0; t < loose.tiles.count; t++) {
      const row = loose.tiles.firstRow(t);
      counts.set(row, 1 + (counts.get(row) ?? 0));
    }
  }
  return Math.max(0, ...counts.values());
}
