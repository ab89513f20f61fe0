/**
 * Changes of one variable of a sparse matrix A: what they add to the image of a point, and what
 * that costs. The image is the rows of A x that have a cost, then A^T diag(w) A x for a quadratic
 * cost of other rows. All that does not change lies in the arena once; every thread moves images
 * of its own.
 */
import {
  LINE_LISTS,
  packQuadColumns,
  packRowCosts,
  quadVectorBytes,
  type RowCostLayer,
  sidesAt,
  viewBlock,
  viewQuadColumns,
} from '../sparse/index.js';
import { type Arena, allocate } from './arena.js';
import { gramStride, placeGramMatrix } from './gram-matrix.js';
import type { MatrixPlace } from './sparse-matrix.js';
import { threadPlace, threadVector } from './thread-place.js';
import { kernelsOn } from './wasm.js';

/** Where everything lies; plain data that threads can be sent. */
export interface ColumnMoves {
  readonly arena: Arena;
  readonly columns: number;
  /** Those that have a cost. */
  readonly rows: number;
  readonly quads: number;
  readonly costs: number;
  /** Of A^T diag(w) A, float64 by rows; null for 0. */
  readonly gram: number | null;
}

/** What has a cost. */
export interface MovedCosts {
  /** Ascending. */
  readonly rows: Uint32Array;
  /** Of those rows, by place. */
  readonly layers: readonly RowCostLayer[];
  /** w, one for every row of the matrix; null for 0. */
  readonly weights: Float64Array | null;
}

/** Numbers that are linear in x. */
export interface MovableImage {
  /** The rows that have a cost. */
  readonly singles: Float32Array;
  /** A^T diag(w) A x; empty where there is no w. */
  readonly doubles: Float64Array;
}

/** An image of zeros outside the arena. */
export function newImage({ rows, columns, gram }: ColumnMoves): MovableImage {
  const doubles = new Float64Array(gram === null ? 0 : columns);
  return { singles: new Float32Array(rows), doubles };
}

/** Points whose images are computed in one pass over the columns. */
const BATCH = 8;

/** Computes the images of points in the calling thread. */
export function computeImages(
  moves: ColumnMoves,
  points: readonly Float64Array[],
  images: readonly MovableImage[],
): void {
  const { arena, columns, rows, quads, gram } = moves;
  const kernels = kernelsOn(arena);
  const [rowBytes, stride] = [quadVectorBytes(rows), gramStride(columns)];
  const bytes = rowBytes + stride;
  const scratch = threadPlace(arena, 'images', BATCH * bytes);
  const { buffer } = arena.memory;
  for (let first = 0; first < points.length; first += BATCH) {
    const some = points.slice(first, first + BATCH);
    new Uint8Array(buffer, scratch, some.length * bytes).fill(0);
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < some.length; k++) {
        if (some[k][j] === 0) continue;
        const y = scratch + k * bytes;
        kernels.addQuads(quads, j, some[k][j], y);
        if (gram === null) continue;
        kernels.addScaled(columns, some[k][j], gram + j * stride, y + rowBytes);
      }
    }
    some.forEach((_, k) => {
      const { singles, doubles } = images[first + k];
      singles.set(new Float32Array(buffer, scratch + k * bytes, rows));
      doubles.set(new Float64Array(buffer, scratch + k * bytes + rowBytes, doubles.length));
    });
  }
}

/** The image of one point. Every call is synchronous. */
export interface MovedImage {
  load(image: MovableImage): void;
  save(image: MovableImage): void;
  /** Changes variable `column` by `delta`. */
  add(column: number, delta: number): void;
  /** Costs of rows. */
  rowCost(): number;
  /** Says how long the steps of a variable are, at most, whose prices are asked for next. */
  lookAlong(column: number, reach: number): void;
  /** What those would change by if the variable were changed by `step`. */
  rowPrice(column: number, step: number): number;
  /** Entry of A^T diag(w) A x. */
  product(column: number): number;
  /** Diagonal entry of A^T diag(w) A. */
  curvature(column: number): number;
}

/** Puts columns and costs into the matrix's arena. */
export function placeColumnMoves(matrix: MatrixPlace, costs: MovedCosts): ColumnMoves {
  const { arena, blocks } = matrix;
  const places = new Int32Array(matrix.rows).fill(-1);
  costs.rows.forEach((row, place) => {
    places[row] = place;
  });
  const rows = costs.rows.length;
  const views = blocks.map(({ offset }) => viewBlock(arena.memory.buffer, offset));
  return {
    ...{ arena, rows, columns: views.reduce((sum, { columns }) => sum + columns, 0) },
    quads: place(arena, packQuadColumns(views, places, rows)),
    costs: place(arena, packRowCosts(rows, costs.layers)),
    gram: costs.weights && placeGramMatrix(matrix, costs.weights),
  };
}

/** An image of zeros that the calling thread moves. */
export function movedImage({ arena, columns, rows, quads, costs, gram }: ColumnMoves): MovedImage {
  const rowBytes = quadVectorBytes(rows);
  const stride = gramStride(columns);
  const y = threadVector(arena, rows, rowBytes + stride + lineBytes(arena, quads, costs));
  const z = y.offset + rowBytes;
  const line = z + stride;
  const { buffer } = arena.memory;
  const products = new Float64Array(buffer, z, gram === null ? 0 : columns);
  const entries = new Float64Array(buffer, gram ?? 0, gram === null ? 0 : (columns * stride) / 8);
  const kernels = kernelsOn(arena);
  // What `line` is good for.
  let [lineColumn, lineReach] = [-1, 0];
  const lookAlong = (column: number, reach: number) => {
    y.enter();
    kernels.lineQuads(quads, column, reach, y.offset, costs, line);
    [lineColumn, lineReach] = [column, reach];
  };
  const addProducts = (column: number, delta: number) => {
    if (gram !== null) kernels.addScaled(columns, delta, gram + column * stride, z);
  };
  return {
    load: (image) => {
      y.enter();
      y.values.set(image.singles);
      products.set(image.doubles);
      lineColumn = -1;
    },
    save: (image) => {
      y.enter();
      image.singles.set(y.values);
      image.doubles.set(products);
    },
    add: (column, delta) => {
      y.enter();
      kernels.addQuads(quads, column, delta, y.offset);
      addProducts(column, delta);
      lineColumn = -1;
    },
    rowCost: () => {
      y.enter();
      return kernels.rowCost(rows, y.offset, costs);
    },
    lookAlong,
    rowPrice: (column, step) => {
      y.enter();
      const isSeen = column === lineColumn && Math.abs(step) <= lineReach;
      if (!isSeen) lookAlong(column, Math.abs(step));
      return kernels.linePrice(quads, column, step, y.offset, costs, line);
    },
    product: (column) => {
      y.enter();
      return gram === null ? 0 : products[column];
    },
    curvature: (column) => (gram === null ? 0 : entries[column * (stride / 8 + 1)]),
  };
}

/** Room for a line along any column, in whole float32 quads. */
function lineBytes({ memory: { buffer } }: Arena, quads: number, costs: number): number {
  const { starts } = viewQuadColumns(buffer, quads);
  const longest = starts.reduce((most, start, j) => Math.max(most, start - starts[j - 1] || 0), 0);
  const listBytes = 4 * (1 + longest);
  return 16 * Math.ceil((LINE_LISTS + listBytes * sidesAt(buffer, costs).length) / 16);
}

function place(arena: Arena, bytes: ArrayBuffer): number {
  const offset = allocate(arena, bytes.byteLength);
  new Uint8Array(arena.memory.buffer, offset, bytes.byteLength).set(new Uint8Array(bytes));
  return offset;
}
