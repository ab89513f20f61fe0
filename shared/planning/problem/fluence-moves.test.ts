import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  allocate,
  allocatedBytes,
  createArena,
  type SparseMatrix,
  sparseMatrix,
  threadExecutor,
} from '@isola/kernels/backends';
import { RandomStream } from '@isola/kernels/random';
import { packBlock } from '@isola/kernels/sparse';
import type { CoordinateMoves } from '@isola/optimizers/problem';
import { afterAll, describe, expect, it } from 'vitest';
import { doseMap } from '../dose/index.js';
import { createObjective, type ObjectiveSpec, type VoxelSet } from '../objectives/index.js';
import {
  costOfDose,
  fluenceMoves,
  fluenceProblem,
  openFluence,
  placePrices,
  rowCostLayers,
  shareFluence,
  type TermData,
} from './index.js';

const [ROWS, COLUMNS, BLOCK] = [900, 40, 6];
const stream = new RandomStream(12, 'fluence moves');
const u = (purpose: number, k: number, i: number) => stream.uniform(purpose, 0, k, i);

/** Doses of about 2 Gy for weights of about 0.5, in several blocks; two threads multiply. */
const executor = threadExecutor(2);
afterAll(() => executor.close());
const matrix: SparseMatrix = (() => {
  const arena = createArena();
  const all = Array.from({ length: COLUMNS }, (_, j) => {
    const rows = Uint32Array.from({ length: ROWS }, (_r, r) => r).filter((r) => u(0, j, r) < 0.4);
    return { rows, values: Float32Array.from(rows, (r) => 0.5 * u(1, j, r)) };
  });
  const places = Array.from({ length: Math.ceil(COLUMNS / BLOCK) }, (_, b) => {
    const some = all.slice(BLOCK * b, BLOCK * (b + 1));
    const bytes = new Uint8Array(packBlock(ROWS, some));
    const offset = allocate(arena, bytes.length);
    new Uint8Array(arena.memory.buffer, offset).set(bytes);
    const [firstColumn, columns] = [BLOCK * b, some.length];
    const nonzeros = some.reduce((sum, { rows }) => sum + rows.length, 0);
    return { offset, firstColumn, columns, nonzeros, byteLength: bytes.length };
  });
  return sparseMatrix(arena, ROWS, places, executor);
})();

const voxelsFrom = (from: number, count: number, weighted: boolean): VoxelSet => {
  const rows = Uint32Array.from({ length: count }, (_, i) => from + i);
  const weights = weighted ? Float64Array.from(rows, (r) => 1 + (r % 4)) : null;
  return { rows, weights, total: weights?.reduce((sum, w) => sum + w, 0) ?? count };
};
const term = (objective: ObjectiveSpec, voxels: VoxelSet, weight: number): TermData => ({
  ...{ structure: 'any', objective, weight, voxels },
});
const [target, organ, rest] = [
  voxelsFrom(0, 300, false),
  voxelsFrom(250, 300, true),
  voxelsFrom(500, 400, false),
];
const deviation = { type: 'squared-deviation', dosePerFractionGy: 2 } as const;
const over = (dosePerFractionGy: number) =>
  ({ type: 'squared-overdosing', dosePerFractionGy }) as const;
const under = (dosePerFractionGy: number) =>
  ({ type: 'squared-underdosing', dosePerFractionGy }) as const;
const mean = { type: 'mean' } as const;

const plans: Readonly<Record<string, readonly TermData[]>> = {
  'one objective a structure': [term(deviation, target, 100), term(over(1), rest, 30)],
  'two sides of a target': [term(under(2.1), target, 200), term(over(2.3), target, 100)],
  'the mean of an organ alone': [term(mean, organ, 5)],
  'many on the same rows': [
    ...[term(deviation, target, 100), term(over(2.2), target, 60), term(under(1.9), target, 60)],
    ...[term(over(0.8), organ, 20), term(mean, organ, 4), term(over(1.5), organ, 300)],
    ...[term(over(1), rest, 30), term(over(1), rest, 10), term(mean, rest, 1)],
    term(over(1.2), rest, 0),
  ],
};
const termsOf = (data: readonly TermData[]) =>
  data.map((one) => ({ ...one, objective: createObjective(one.objective) }));
const problemOf = (data: readonly TermData[]) => fluenceProblem(doseMap(matrix), termsOf(data));
const weightsOf = (k: number) =>
  Float64Array.from({ length: COLUMNS }, (_, j) => Math.max(0, u(2, k, j) - 0.1));

async function pointAt(moves: CoordinateMoves, x: Float64Array) {
  const point = moves.movingPoint();
  const image = moves.newImage();
  await moves.images([x], [image], new Float64Array(1));
  point.load(x, image);
  return point;
}

const [BY_ROWS, BY_HESSIAN] = [0, Infinity];

describe.each(
  Object.entries(plans).flatMap(([name, data]) => [
    { name: `${name}, all by rows`, data, most: BY_ROWS },
    { name: `${name}, by a Hessian`, data, most: BY_HESSIAN },
  ]),
)('moves with $name', ({ data, most }) => {
  const problem = problemOf(data);
  const terms = termsOf(data);
  const moves = fluenceMoves(matrix, terms, placePrices(matrix, terms, most)) as CoordinateMoves;

  it('price a change as the difference of two evaluations', async () => {
    for (let k = 0; k < 6; k++) {
      const x = weightsOf(k);
      const point = await pointAt(moves, x);
      const cost = await problem.value(x);
      expect(Math.abs(point.value - cost)).toBeLessThan(2e-6 * cost);
      for (let j = 0; j < COLUMNS; j++) {
        const changed = Float64Array.from(x);
        changed[j] = k === 0 ? 0 : 1.5 * u(3, k, j);
        const priced = point.coordinateChange(j, changed[j]);
        const value = await problem.value(changed);
        expect(Math.abs(priced - value)).toBeLessThan(2e-6 * value);
        expect(point.value).toBe(moves.imageValue(x, imageOf(moves, point)));
      }
    }
  });

  it('make what they priced', async () => {
    const point = await pointAt(moves, weightsOf(1));
    const twin = await pointAt(moves, weightsOf(1));
    for (let j = 0; j < COLUMNS; j++) {
      const to = u(4, 0, j);
      const priced = point.coordinateChange(j, to);
      point.coordinateChange((j + 1) % COLUMNS, to);
      point.expect(j, 0.1, 0.2);
      point.move(j, to);
      twin.move(j, to);
      expect(point.value).toBe(priced);
      expect(twin.value).toBe(priced);
    }
  });

  it('stay with the cost over 10,000 moves', async () => {
    const point = await pointAt(moves, weightsOf(2));
    for (let k = 0; k < 10_000; k++) {
      point.move(Math.floor(COLUMNS * u(5, 0, k)), Math.max(0, u(5, 1, k) - 0.2));
    }
    const x = new Float64Array(COLUMNS);
    const image = moves.newImage();
    point.save(x, image);
    const [ofImage, ofWeights] = [moves.imageValue(x, image), await problem.value(x)];
    expect(Math.abs(point.value / ofImage - 1)).toBeLessThan(3e-6);
    expect(Math.abs(point.value / ofWeights - 1)).toBeLessThan(3e-5);
    point.load(x, image);
    expect(point.value).toBe(ofImage);
  });

  it('give images and values of many as of one', async () => {
    const xs = [0, 1, 2, 3, 4].map(weightsOf);
    const images = xs.map(() => moves.newImage());
    const values = new Float64Array(xs.length);
    await moves.images(xs, images, values);
    for (let k = 0; k < xs.length; k++) {
      const [image, value] = [moves.newImage(), new Float64Array(1)];
      await moves.images([xs[k]], [image], value);
      expect(images[k]).toEqual(image);
      expect(values[k]).toBe(value[0]);
      const cost = await problem.value(xs[k]);
      expect(Math.abs(values[k] - cost)).toBeLessThan(2e-6 * cost);
    }
  });

  it('price two changes at once as one by one', async () => {
    const [pair, single] = [await pointAt(moves, weightsOf(3)), await pointAt(moves, weightsOf(3))];
    for (let j = 0; j < COLUMNS; j++) {
      const [one, other] = [u(8, 0, j), u(8, 1, j)];
      pair.expect(j, one, other);
      for (const to of [one, other]) {
        expect(pair.coordinateChange(j, to)).toBe(single.coordinateChange(j, to));
      }
      pair.move(j, other);
      single.move(j, other);
      expect(imageOf(moves, pair)).toEqual(imageOf(moves, single));
    }
  });

  it('fold terms into layers that cost the same at every dose', () => {
    const layers = rowCostLayers(ROWS, terms);
    for (let k = 0; k < 5; k++) {
      const dose = Float32Array.from({ length: ROWS }, (_, r) => 4 * u(6, k, r));
      let sum = 0;
      for (const { low, high, weight } of layers) {
        dose.forEach((d, r) => {
          sum += weight[r] * (d - Math.min(Math.max(d, low[r]), high[r])) ** 2;
        });
      }
      const quadratic = terms.filter(({ objective }) => objective.type !== 'mean');
      expect(Math.abs(sum - costOfDose(quadratic, dose))).toBeLessThanOrEqual(1e-6 * sum);
    }
  });

  it('and all else of the problem have the same bits when a thread opens it', async () => {
    const opened = openFluence(structuredClone(shareFluence(matrix, data)));
    const [a, b] = [new Float64Array(COLUMNS), new Float64Array(COLUMNS)];
    const xs = [0, 1, 2, 3, 4].map(weightsOf);
    for (const x of xs) {
      expect(await opened.value(x)).toBe(await problem.value(x));
      expect(await opened.valueAndGradient(x, a)).toBe(await problem.valueAndGradient(x, b));
      expect(a).toEqual(b);
    }
    const [some, others] = [new Float64Array(5), new Float64Array(5)];
    await opened.batchValue(xs, some);
    await problem.batchValue(xs, others);
    expect(some).toEqual(others);
    const own = problem.coordinateMoves as CoordinateMoves;
    const points = [
      await pointAt(opened.coordinateMoves as CoordinateMoves, xs[0]),
      await pointAt(own, xs[0]),
    ];
    for (let k = 0; k < 200; k++) {
      for (const point of points) point.move(k % COLUMNS, u(7, 0, k));
      expect(points[0].value).toBe(points[1].value);
    }
    expect(imageOf(own, points[0])).toEqual(imageOf(own, points[1]));
  });
});

function imageOf(moves: CoordinateMoves, point: ReturnType<CoordinateMoves['movingPoint']>) {
  const image = moves.newImage();
  point.save(new Float64Array(COLUMNS), image);
  return image;
}

describe('layers of row costs', () => {
  const layersOf = (...data: TermData[]) => rowCostLayers(ROWS, termsOf(data)).length;

  it('are no more than needed', () => {
    expect(layersOf(term(deviation, target, 1), term(over(1), rest, 2))).toBe(1);
    expect(layersOf(term(over(1), rest, 1), term(over(1), rest, 2))).toBe(1);
    expect(layersOf(term(under(2), target, 3), term(over(2.2), target, 3))).toBe(1);
    expect(layersOf(term(over(2.2), target, 3), term(under(2), target, 3))).toBe(1);
    expect(layersOf(term(under(2), target, 2), term(over(2.2), target, 3))).toBe(2);
    expect(layersOf(term(under(2.2), target, 3), term(over(2), target, 3))).toBe(2);
    expect(layersOf(term(mean, organ, 3))).toBe(0);
  });
});

describe('fluence problems', () => {
  it.each<ObjectiveSpec>([
    { type: 'max-dvh', dosePerFractionGy: 1.2, volumePercent: 30 },
    { type: 'min-dvh', dosePerFractionGy: 1.8, volumePercent: 80 },
    { type: 'geud', exponent: 6 },
    { type: 'mean', dosePerFractionGy: 0.5 },
    { type: 'mean', form: 'quadratic' },
  ])('offer no moves with %j, opened in a thread or not', async (objective) => {
    const data = [term(deviation, target, 1), term(objective, organ, 1)];
    expect(fluenceMoves(matrix, termsOf(data))).toBe(null);
    expect('coordinateMoves' in problemOf(data)).toBe(false);
    const opened = openFluence(shareFluence(matrix, data));
    expect('coordinateMoves' in opened).toBe(false);
    const x = weightsOf(0);
    expect(await opened.value(x)).toBe(await problemOf(data).value(x));
  });

  it('offer no moves where the map is no matrix', () => {
    const { influence: _, ...map } = doseMap(matrix);
    expect('coordinateMoves' in fluenceProblem(map, [])).toBe(false);
  });

  it('have the same bits in threads that work at the same time', { timeout: 60_000 }, async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.url).then(async ({ openFluence }) => {
        const { value, valueAndGradient, coordinateMoves } = openFluence(workerData.shared);
        const point = coordinateMoves.movingPoint();
        const found = [];
        for (const x of workerData.xs) {
          const gradient = new Float64Array(x.length);
          found.push(await value(x), await valueAndGradient(x, gradient), ...gradient);
          for (let j = 0; j < x.length; j++) point.move(j, x[j]);
          found.push(point.value);
        }
        parentPort.postMessage(Float64Array.from(found));
      });`;
    const url = import.meta.resolve('@isola/planning/problem');
    const shared = shareFluence(matrix, plans['many on the same rows']);
    const xs = Array.from({ length: 20 }, (_, k) => weightsOf(k));
    const found = await Promise.all(
      [1, 2, 3].map(async () => {
        const worker = new Worker(code, { eval: true, workerData: { url, shared, xs } });
        const [numbers] = (await once(worker, 'message')) as [Float64Array];
        await worker.terminate();
        return numbers;
      }),
    );
    const problem = problemOf(plans['many on the same rows']);
    const point = (problem.coordinateMoves as CoordinateMoves).movingPoint();
    const expected: number[] = [];
    for (const x of xs) {
      const gradient = new Float64Array(COLUMNS);
      expected.push(await problem.value(x), await problem.valueAndGradient(x, gradient));
      for (let j = 0; j < COLUMNS; j++) point.move(j, x[j]);
      expected.push(...gradient, point.value);
    }
    for (const numbers of found) expect(numbers).toEqual(Float64Array.from(expected));
  });

  it('are opened again and again in the same memory', async () => {
    const shared = shareFluence(matrix, plans['many on the same rows']);
    const use = async () => {
      const { coordinateMoves, valueAndGradient } = openFluence(shared);
      await valueAndGradient(weightsOf(0), new Float64Array(COLUMNS));
      const points = [coordinateMoves?.movingPoint(), coordinateMoves?.movingPoint()];
      for (const point of points) point?.move(3, 0.5);
    };
    await use();
    const before = allocatedBytes(matrix.arena);
    for (let k = 0; k < 10; k++) await use();
    expect(allocatedBytes(matrix.arena)).toBe(before);
  });
});
