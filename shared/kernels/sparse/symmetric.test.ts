import { expect, it } from 'vitest';
import { allocate, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { symmetricBytes, symmetricStride, symmetricVectorBytes } from './symmetric.js';

const stream = new RandomStream(1, 'symmetric');
/** Of a positive definite matrix; its third variable has nothing to do with any. */
const entry = (i: number, j: number) =>
  i === 2 || j === 2
    ? 0
    : (i === j ? 40 : stream.uniform(Math.max(i, j), Math.min(i, j), 0, 0)) - 0.5;

/** Room for a matrix in an arena, and its product with a vector. */
function scene(size: number, arena = createArena()) {
  const at = allocate(arena, symmetricBytes(size));
  const [x, y, roots] = [0, 1, 2].map(() => allocate(arena, symmetricVectorBytes(size)));
  const { buffer } = arena.memory;
  // Nobody may rest on zeros that nobody wrote.
  new Int16Array(buffer, at, symmetricBytes(size) / 2).fill(-1);
  const product = (vector: Float32Array) => {
    new Float32Array(buffer, x, size).set(vector);
    new Float32Array(buffer, y, size).fill(7);
    kernelsOn(arena).multiplySymmetric(at, symmetricStride(size), size, x, y);
    return new Float32Array(buffer, y, size).slice();
  };
  return { arena, at, roots, product };
}

/** A matrix of which what is right of the diagonal was never looked at. */
function packed(size: number) {
  const whole = scene(size);
  const { arena, at, roots } = whole;
  const width = symmetricVectorBytes(size) / 4;
  const matrixAt = allocate(arena, 4 * width * size);
  const matrix = new Float32Array(arena.memory.buffer, matrixAt, width * size).fill(Number.NaN);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) matrix[width * i + j] = entry(i, j);
  kernelsOn(arena).packSymmetric(matrixAt, 4 * width, size, roots, at, symmetricStride(size));
  return { ...whole, roots: new Float32Array(arena.memory.buffer, roots, size) };
}

const vectorOf = (size: number) =>
  Float32Array.from({ length: size }, (_, k) => stream.uniform(99, k, 0, 0) - 0.5);

it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 37])('a matrix of %i variables multiplies', (size) => {
  const { roots, product } = packed(size);
  roots.forEach((root, i) => {
    expect(root).toBeCloseTo(Math.sqrt(entry(i, i)), 5);
  });
  const vector = vectorOf(size);
  product(vector.map((v, j) => v * roots[j])).forEach((value, i) => {
    const wanted = vector.reduce((sum, v, j) => sum + entry(i, j) * v, 0);
    // Each entry is rounded by half of 2^-15 of the two roots at most.
    expect(Math.abs(roots[i] * value - wanted)).toBeLessThan(2 ** -16 * 40 * size * 0.5 + 1e-4);
  });
});

it.each([1, 2, 3, 4, 5, 18])('%i of its variables multiply as the matrix does there', (count) => {
  const size = 2 * count + 1;
  const whole = packed(size);
  const variables = Uint32Array.from({ length: count }, (_, k) => 2 * k + (k % 2));
  const part = scene(count, whole.arena);
  const variablesAt = allocate(whole.arena, 4 * count);
  new Uint32Array(whole.arena.memory.buffer, variablesAt).set(variables);
  const [stride, partStride] = [size, count].map(symmetricStride);
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
