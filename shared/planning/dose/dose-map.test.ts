import { allocate, createArena, inlineExecutor, sparseMatrix } from '@isola/kernels/backends';
import { RandomStream } from '@isola/kernels/random';
import { packBlock } from '@isola/kernels/sparse';
import { describe, expect, it } from 'vitest';
import { doseMap } from './index.js';

const [ROWS, COLUMNS] = [203, 17];
const stream = new RandomStream(5, 'dose map');
const u = (purpose: number, k: number, i: number) => stream.uniform(purpose, 0, k, i);

/** A map of random columns, each over about half of the rows. */
function randomMap() {
  const columns = Array.from({ length: COLUMNS }, (_, j) => {
    const rows = Uint32Array.from({ length: ROWS }, (_, r) => r).filter((r) => u(0, j, r) < 0.5);
    return { rows, values: Float32Array.from(rows, (r) => 0.01 + u(1, j, r)) };
  });
  const arena = createArena();
  const bytes = new Uint8Array(packBlock(ROWS, columns));
  const offset = allocate(arena, bytes.length);
  new Uint8Array(arena.memory.buffer, offset).set(bytes);
  const place = { offset, firstColumn: 0, columns: COLUMNS, nonzeros: 0, byteLength: bytes.length };
  return doseMap(sparseMatrix(arena, ROWS, [place], inlineExecutor()));
}

const map = randomMap();
const weights = (k: number) => Float64Array.from({ length: COLUMNS }, (_, j) => u(2, k, j));
const cotangent = Float32Array.from({ length: ROWS }, (_, r) => u(3, 0, r) - 0.5);
const inner = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);

async function apply(x: Float64Array) {
  const dose = new Float32Array(map.outputSize);
  await map.apply(x, dose);
  return dose;
}

async function pullback(x: Float64Array) {
  const out = new Float64Array(map.inputSize).fill(Number.NaN);
  await map.pullback(x, cotangent, out);
  return out;
}

describe('the dose map', () => {
  it('takes beamlets to rows', () => {
    expect([map.inputSize, map.outputSize]).toEqual([COLUMNS, ROWS]);
  });

  it('has a pullback that is the adjoint: <J u, v> = <u, J^T v>', async () => {
    for (let k = 0; k < 5; k++) {
      const direction = weights(k);
      const forward = inner(await apply(direction), cotangent);
      expect(inner(direction, await pullback(weights(9)))).toBeCloseTo(forward, 4);
    }
  });

  it('has a pullback that agrees with finite differences of the dose', async () => {
    const x = weights(6);
    const gradient = await pullback(x);
    // The map is linear: a large step loses nothing, and float32 rounding little.
    for (let j = 0; j < COLUMNS; j++) {
      const shifted = (by: number) => apply(x.map((xj, i) => (i === j ? xj + by : xj)));
      const [above, below] = [await shifted(1), await shifted(-1)];
      const slope = (inner(above, cotangent) - inner(below, cotangent)) / 2;
      expect(slope).toBeCloseTo(gradient[j], 4);
    }
  });

  it('has the same pullback everywhere', async () => {
    expect(await pullback(weights(7))).toEqual(await pullback(weights(8)));
  });

  it('gives many doses in one call as one by one', async () => {
    for (const count of [1, 4, 6]) {
      const candidates = Array.from({ length: count }, (_, k) => weights(k));
      const doses = candidates.map(() => new Float32Array(ROWS));
      await map.applyBatch(candidates, doses);
      for (const [k, candidate] of candidates.entries()) {
        expect(doses[k]).toEqual(await apply(candidate));
      }
    }
  });
});
