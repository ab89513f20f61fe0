/**
 * Changes of one variable of a sparse matrix A: what they add to the image of a point, and what
 * that costs. The image is the rows of A x that have a cost, then A^T diag(w) A x for a quadratic
 * cost of other rows. All that does not change lies in the arena once; every thread moves images
 * of its own.
 */
import {
  packQuadColumns,
  packRowCosts,
  quadVectorBytes,
  type RowCostLayer,
  viewBlock,
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

/** The image of one point. Every call is synchronous. */
export interface MovedImage {
  load(image: MovableImage): void;
  save(image: MovableImage): void;
  /** Makes A^T diag(w) A x that of x. */
  multiplyGram(x: Float64Array): void;
  /** Changes variable `column` by `delta`. */
  add(column: number, delta: number): void;
  /** Costs of rows. */
  rowCost(): number;
  /** What those would change by if the variable were changed by `step`. */
  rowPrice(column: number, step: number): number;
  /** The prices of two steps, in one pass. */
  rowPrices(column: number, one: number, other: number): readonly [number, number];
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
  const y = threadVector(arena, rows, rowBytes + stride);
  const z = y.offset + rowBytes;
  const { buffer } = arena.memory;
  const products = new Float64Array(buffer, z, gram === null ? 0 : columns);
  const entries = new Float64Array(buffer, gram ?? 0, gram === null ? 0 : (columns * stride) / 8);
  const pair = threadPlace(arena, 'prices', 16);
  const prices = new Float64Array(buffer, pair, 2);
  const kernels = kernelsOn(arena);
  const addProducts = (column: number, delta: number) => {
    if (gram !== null) kernels.addScaled(columns, delta, gram + column * stride, z);
  };
  return {
    load: (image) => {
      y.enter();
      y.values.set(image.singles);
      products.set(image.doubles);
    },
    save: (image) => {
      y.enter();
      image.singles.set(y.values);
      image.doubles.set(products);
    },
    multiplyGram: (x) => {
      y.enter();
      products.fill(0);
      for (let j = 0; j < columns; j++) if (x[j] !== 0) addProducts(j, x[j]);
    },
    add: (column, delta) => {
      y.enter();
      kernels.addQuads(quads, column, delta, y.offset);
      addProducts(column, delta);
    },
    rowCost: () => {
      y.enter();
      return kernels.rowCost(rows, y.offset, costs);
    },
    rowPrice: (column, step) => {
      y.enter();
      return kernels.priceQuads(quads, column, step, y.offset, costs);
    },
    rowPrices: (column, one, other) => {
      y.enter();
      kernels.priceQuadsTwice(quads, column, one, other, y.offset, costs, pair);
      return [prices[0], prices[1]];
    },
    product: (column) => {
      y.enter();
      return gram === null ? 0 : products[column];
    },
    curvature: (column) => (gram === null ? 0 : entries[column * (stride / 8 + 1)]),
  };
}

function place(arena: Arena, bytes: ArrayBuffer): number {
  const offset = allocate(arena, bytes.byteLength);
  new Uint8Array(arena.memory.buffer, offset, bytes.byteLength).set(new Uint8Array(bytes));
  return offset;
}
