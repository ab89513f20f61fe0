/** A least squares problem with one-sided rows, for tests of moves of one variable at a time. */
import { sin } from '@isola/kernels/elementary';
import type {
  CoordinateMoves,
  DifferentiableProblem,
  Image,
  MovingPoint,
} from '../problem/index.js';

export interface Toy extends DifferentiableProblem {
  readonly coordinateMoves: CoordinateMoves;
}

/**
 * The mean square of how far each row of A x is from its goal, in [0, 4]^size; every third row
 * counts only above its goal. Images are A x in float32.
 * @param rows at least 5 times `nonzeros`, for no column to meet a row twice
 */
export function toy(size: number, rows: number, nonzeros: number): Toy {
  const matrix = humps(size, rows, nonzeros);
  const goal = Float64Array.from({ length: rows }, (_, r) => (r % 3 === 2 ? 0.4 : 1));
  const floor = Float64Array.from({ length: rows }, (_, r) => (r % 3 === 2 ? 0 : -Infinity));
  const over = (row: number, level: number) => Math.max(level - goal[row], floor[row]);
  const square = (a: number) => a * a;
  const costOf = (image: ArrayLike<number>) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += square(over(r, image[r]));
    return sum / rows;
  };
  const rise = (image: Float64Array, column: number, step: number) => {
    let sum = 0;
    for (let k = column * nonzeros; k < (column + 1) * nonzeros; k++) {
      const row = matrix.rowOf[k];
      const level = image[row];
      sum += square(over(row, level + step * matrix.entry[k])) - square(over(row, level));
    }
    return sum / rows;
  };
  return {
    size,
    lower: new Float64Array(size),
    upper: new Float64Array(size).fill(4),
    value: async (x) => costOf(matrix.times(x)),
    async valueAndGradient(x, gradient) {
      const image = matrix.times(x);
      for (let j = 0; j < size; j++) {
        gradient[j] = 0;
        for (let k = j * nonzeros; k < (j + 1) * nonzeros; k++) {
          const row = matrix.rowOf[k];
          gradient[j] += (2 / rows) * matrix.entry[k] * over(row, image[row]);
        }
      }
      return costOf(image);
    },
    coordinateMoves: {
      newImage: () => newImage(rows),
      async images(candidates, images, values) {
        for (const [k, x] of candidates.entries()) {
          images[k].doubles.set(matrix.times(x));
          values[k] = costOf(images[k].doubles);
        }
      },
      imageValue: (_x, { doubles }) => costOf(doubles),
      movingPoint: () => movingPoint(matrix, rise, costOf),
    },
  };
}

function newImage(rows: number): Image {
  return { singles: new Float32Array(), doubles: new Float64Array(rows) };
}

interface Humps {
  readonly size: number;
  readonly rows: number;
  readonly nonzeros: number;
  /** Row and entry of each nonzero, column by column. */
  readonly rowOf: Int32Array;
  readonly entry: Float64Array;
  times(x: Float64Array): Float64Array;
}

/** Columns are humps of five widths, spread over the rows. */
function humps(size: number, rows: number, nonzeros: number): Humps {
  const rowOf = new Int32Array(size * nonzeros);
  const entry = new Float64Array(size * nonzeros);
  const height = (1.5 * rows) / (size * nonzeros);
  for (let j = 0; j < size; j++) {
    const spread = 1 + (j % 5);
    const centre = Math.floor(((j * 0.618) % 1) * rows);
    for (let k = 0; k < nonzeros; k++) {
      const row = (centre + spread * k) % rows;
      const t = (2 * k) / nonzeros - 1;
      rowOf[j * nonzeros + k] = row;
      entry[j * nonzeros + k] = height * (1 - t * t) * (1 + 0.5 * sin(j + 0.1 * row));
    }
  }
  const times = (x: Float64Array) => {
    const image = new Float64Array(rows);
    for (let k = 0; k < entry.length; k++) {
      image[rowOf[k]] += entry[k] * x[Math.floor(k / nonzeros)];
    }
    return image;
  };
  return { size, rows, nonzeros, rowOf, entry, times };
}

function movingPoint(
  { size, rows, nonzeros, rowOf, entry }: Humps,
  rise: (image: Float64Array, column: number, step: number) => number,
  costOf: (image: Float64Array) => number,
): MovingPoint {
  const x = new Float64Array(size);
  const image = new Float64Array(rows);
  let value = costOf(image);
  return {
    load(from, fromImage) {
      x.set(from);
      image.set(fromImage.doubles);
      value = costOf(image);
    },
    get value() {
      return value;
    },
    expect() {},
    coordinateChange: (j, to) => value + rise(image, j, to - x[j]),
    move(j, to) {
      const step = to - x[j];
      value += rise(image, j, step);
      for (let k = j * nonzeros; k < (j + 1) * nonzeros; k++) image[rowOf[k]] += step * entry[k];
      x[j] = to;
    },
    save(toX, toImage) {
      toX.set(x);
      toImage.doubles.set(image);
    },
  };
}
