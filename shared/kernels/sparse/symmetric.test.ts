import { expect, it } from 'vitest';
import { allocate, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { symmetricBytes, symmetricStride, toSymmetric } from './symmetric.js';

const stream = new RandomStream(1, 'symmetric');
const entry = (i: number, j: number) => stream.uniform(Math.max(i, j), Math.min(i, j), 0, 0) - 0.5;

/** A matrix in an arena, and its product with a vector. */
function scene(size: number, arena = createArena()) {
  const at = allocate(arena, symmetricBytes(size));
  const [x, y] = [0, 1].map(() => allocate(arena, 4 * (size + 4)));
  const { buffer } = arena.memory;
  const matrix = new Float32Array(buffer, at, symmetricBytes(size) / 4);
  const product = (vector: Float32Array) => {
    new Float32Array(buffer, x, size).set(vector);
    new Float32Array(buffer, y, size).fill(7);
    kernelsOn(arena).multiplySymmetric(at, 4 * symmetricStride(size), size, x, y);
    return new Float32Array(buffer, y, size);
  };
  return { arena, at, matrix, product };
}

const vectorOf = (size: number) => Float32Array.from({ length: size }, (_, k) => entry(99, k));

/** A lower triangle; what is right of it was never looked at. */
function lowerTriangle(matrix: Float32Array, size: number): void {
  matrix.fill(Number.NaN, 0, symmetricStride(size) * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) matrix[symmetricStride(size) * i + j] = entry(i, j);
  }
}

it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 37])('a matrix of %i variables multiplies', (size) => {
  const { matrix, product } = scene(size);
  lowerTriangle(matrix, size);
  toSymmetric(matrix, size);
  const vector = vectorOf(size);
  product(vector).forEach((value, i) => {
    expect(value).toBeCloseTo(
      vector.reduce((sum, v, j) => sum + entry(i, j) * v, 0),
      5,
    );
  });
});

it.each([1, 2, 3, 4, 5, 18])('%i of its variables multiply as the matrix does there', (count) => {
  const size = 2 * count + 1;
  const whole = scene(size);
  lowerTriangle(whole.matrix, size);
  toSymmetric(whole.matrix, size);
  const variables = Uint32Array.from({ length: count }, (_, k) => 2 * k + (k % 2));
  const part = scene(count, whole.arena);
  part.matrix.fill(Number.NaN);
  const variablesAt = allocate(whole.arena, 4 * count);
  new Uint32Array(whole.arena.memory.buffer, variablesAt).set(variables);
  const [stride, partStride] = [size, count].map((n) => 4 * symmetricStride(n));
  const { pickSymmetric } = kernelsOn(whole.arena);
  pickSymmetric(whole.at, stride, variablesAt, count, part.at, partStride);
  const vector = vectorOf(count);
  const spread = new Float32Array(size);
  variables.forEach((j, k) => {
    spread[j] = vector[k];
  });
  const wanted = whole.product(spread);
  part.product(vector).forEach((value, k) => {
    expect(value).toBeCloseTo(wanted[variables[k]], 5);
  });
});
