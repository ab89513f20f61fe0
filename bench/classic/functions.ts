/** Functions that optimisers are usually compared on; the least value of each is 0. */
import { RandomStream } from '@isola/kernels/random';

export interface ClassicFunction {
  readonly name: string;
  /** Bounds of every variable. */
  readonly lower: number;
  readonly upper: number;
  value(x: Float64Array): number;
  /** Rows of the rotation; null where there is none. */
  readonly rotation: readonly number[][] | null;
}

/** The functions in `n` variables. */
export function classicFunctions(n: number): ClassicFunction[] {
  const rotation = rotationRows(n);
  const plain = (name: string, bound: number, value: ClassicFunction['value']) => ({
    ...{ name, lower: -bound, upper: bound, value, rotation: null },
  });
  return [
    plain('sphere', 5.12, sphere),
    { ...plain('rosenbrock', 10, rosenbrock), lower: -5 },
    plain('rastrigin', 5.12, rastrigin),
    plain('ackley', 32.768, ackley),
    plain('schwefel', 500, schwefel),
    plain('griewank', 600, griewank),
    { ...plain('ellipsoid', 5, (x) => ellipsoid(rotation, x)), rotation },
  ];
}

function sphere(x: Float64Array): number {
  return sum(x, (xi) => xi * xi);
}

function rosenbrock(x: Float64Array): number {
  return sum(x.subarray(1), (next, i) => 100 * (next - x[i] ** 2) ** 2 + (1 - x[i]) ** 2);
}

function rastrigin(x: Float64Array): number {
  return sum(x, (xi) => 10 + xi * xi - 10 * Math.cos(2 * Math.PI * xi));
}

function ackley(x: Float64Array): number {
  const near = Math.exp(-0.2 * Math.sqrt(sphere(x) / x.length));
  const waves = Math.exp(sum(x, (xi) => Math.cos(2 * Math.PI * xi)) / x.length);
  return -20 * near - waves + 20 + Math.E;
}

function schwefel(x: Float64Array): number {
  return sum(x, (xi) => 418.9828872724338 - xi * Math.sin(Math.sqrt(Math.abs(xi))));
}

function griewank(x: Float64Array): number {
  const waves = x.reduce((product, xi, i) => product * Math.cos(xi / Math.sqrt(i + 1)), 1);
  return 1 + sphere(x) / 4000 - waves;
}

/** Of condition 1e6 along the rows of a rotation. */
function ellipsoid(rotation: readonly number[][], x: Float64Array): number {
  return sum(x, (_xi, k) => {
    const along = sum(x, (xi, i) => rotation[k][i] * xi);
    return 10 ** ((6 * k) / (x.length - 1)) * along * along;
  });
}

/** Orthonormal rows: random normal ones, Gram-Schmidt. */
function rotationRows(n: number): number[][] {
  const random = new RandomStream(0, 'rotation');
  const rows: number[][] = [];
  for (let k = 0; k < n; k++) {
    let row = Array.from({ length: n }, (_, i) => random.normal(0, n, k, i));
    for (const other of rows) {
      const along = row.reduce((total, r, i) => total + r * other[i], 0);
      row = row.map((r, i) => r - along * other[i]);
    }
    const length = Math.sqrt(row.reduce((total, r) => total + r * r, 0));
    rows.push(row.map((r) => r / length));
  }
  return rows;
}

function sum(x: Float64Array, term: (xi: number, i: number) => number): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += term(x[i], i);
  return total;
}
