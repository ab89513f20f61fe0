import { describe, expect, it } from 'vitest';
import { RandomStream } from '../random/index.js';
import { packBlock } from '../sparse/pack.js';
import { randomColumns } from '../sparse/random-columns.js';
import { allocate, allocatedBytes, createArena } from './arena.js';
import { computeImages, movedImage, newImage, placeColumnMoves } from './column-moves.js';
import { openMatrix } from './sparse-matrix.js';

const [ROWS, COLUMNS, BLOCK] = [1203, 11, 4];
const random = new RandomStream(3, 'column moves');
const u = (purpose: number, i: number) => random.uniform(purpose, 0, 0, i);

/** Some rows have a cost, others a weight, some both. */
const arena = createArena();
const columns = randomColumns(4, ROWS, COLUMNS);
const blocks = [0, 1, 2].map((b) => {
  const some = columns.slice(BLOCK * b, BLOCK * (b + 1));
  const bytes = new Uint8Array(packBlock(ROWS, some));
  const offset = allocate(arena, bytes.length);
  new Uint8Array(arena.memory.buffer, offset).set(bytes);
  const firstColumn = BLOCK * b;
  return { offset, firstColumn, columns: some.length, nonzeros: 0, byteLength: bytes.length };
});
const place = { arena, rows: ROWS, blocks };
const matrix = openMatrix(place);
const rows = Uint32Array.from({ length: ROWS }, (_, r) => r).filter((r) => r % 7 < 3);
const weights = Float64Array.from({ length: ROWS }, (_, r) => (r % 5 < 2 ? u(1, r) : 0));
const layers = [
  {
    low: new Float32Array(rows.length).fill(-Infinity),
    high: Float32Array.from(rows, (r) => u(2, r)),
    weight: Float32Array.from(rows, (r) => u(3, r)),
  },
];
const moves = placeColumnMoves(place, { rows, layers, weights });
const weightsOf = (k: number) => Float64Array.from({ length: COLUMNS }, (_, j) => u(4 + k, j));

/** A x in float64, by the columns as they are stored. */
function product(x: Float64Array): Float64Array {
  const y = new Float64Array(ROWS);
  const column = matrix.rowVector();
  x.forEach((xj, j) => {
    column.values.fill(0);
    matrix.addColumn(j, 1, column);
    column.values.forEach((value, r) => {
      y[r] += xj * value;
    });
  });
  return y;
}

const dot = (a: ArrayLike<number>, b: Float64Array) => b.reduce((sum, v, i) => sum + v * a[i], 0);

/** The image of x, to be moved. */
function imageOf(x: Float64Array) {
  const image = movedImage(moves);
  const own = newImage(moves);
  computeImages(moves, [x], [own]);
  image.load(own);
  return image;
}

function saved(image: ReturnType<typeof movedImage>) {
  const out = newImage(moves);
  image.save(out);
  return out;
}

describe('the image of a point', () => {
  it('holds the rows that have a cost, and products with the weighted Gram matrix', () => {
    for (let k = 0; k < 4; k++) {
      const x = weightsOf(k);
      const image = imageOf(x);
      const { singles, doubles } = saved(image);
      const y = product(x);
      singles.forEach((value, i) => {
        expect(Math.abs(value - y[rows[i]])).toBeLessThanOrEqual(2e-6 * y[rows[i]]);
      });
      for (let j = 0; j < COLUMNS; j++) {
        const unit = new Float64Array(COLUMNS);
        unit[j] = 1;
        const column = product(unit);
        const wanted = dot(
          column.map((value, r) => value * weights[r]),
          y,
        );
        expect(Math.abs(doubles[j] - wanted)).toBeLessThanOrEqual(1e-6 * wanted);
        expect(image.product(j)).toBe(doubles[j]);
      }
    }
  });

  it('is the same whether one is computed or many', () => {
    const points = Array.from({ length: 19 }, (_, k) => weightsOf(k));
    const images = points.map(() => newImage(moves));
    computeImages(moves, points, images);
    images.forEach((image, k) => {
      expect(image).toEqual(saved(imageOf(points[k])));
    });
  });

  it('is linear, and comes back as it was saved', () => {
    const [from, to] = [weightsOf(0), weightsOf(1)];
    const [moved, made] = [imageOf(from), imageOf(to)];
    for (let j = 0; j < COLUMNS; j++) moved.add(j, to[j] - from[j]);
    const [a, b] = [saved(moved), saved(made)];
    a.singles.forEach((value, i) => {
      expect(value).toBeCloseTo(b.singles[i], 5);
    });
    a.doubles.forEach((value, j) => {
      expect(value).toBeCloseTo(b.doubles[j], 10);
    });
    made.load(a);
    expect(saved(made)).toEqual(a);
    expect(saved(moved)).toEqual(a);
    expect(made.rowCost()).toBe(moved.rowCost());
  });

  it('has the curvature of the Gram matrix along each variable', () => {
    for (let j = 0; j < COLUMNS; j++) {
      const unit = new Float64Array(COLUMNS);
      unit[j] = 1;
      const image = imageOf(unit);
      expect(image.curvature(j)).toBe(image.product(j));
    }
  });

  it('prices a step as the rows cost after it, less before', () => {
    const image = imageOf(weightsOf(2));
    for (let j = 0; j < COLUMNS; j++) {
      const before = image.rowCost();
      const price = image.rowPrice(j, 0.3);
      const opposite = image.rowPrice(j, -0.7);
      image.lookAlong(j, 2);
      expect([image.rowPrice(j, 0.3), image.rowPrice(j, -0.7)]).toEqual([price, opposite]);
      image.add(j, 0.3);
      expect(Math.abs(before + price - image.rowCost())).toBeLessThanOrEqual(1e-6 * before);
    }
  });

  it('has no products without weights, and takes no more memory however often it is made', () => {
    const plain = placeColumnMoves(place, { rows, layers, weights: null });
    const made = () => {
      computeImages(plain, [weightsOf(0)], [newImage(plain)]);
      return movedImage(plain);
    };
    expect(newImage(plain).doubles.length).toBe(0);
    expect([made().product(3), made().curvature(3)]).toEqual([0, 0]);
    const before = allocatedBytes(arena);
    for (let k = 0; k < 20; k++) made();
    expect(allocatedBytes(arena)).toBe(before);
  });
});
