/** How fast sparse products are, in parts of what this machine reads from memory at all. */
import {
  inlineExecutor,
  type SparseMatrix,
  sparseMatrix,
  threadExecutor,
} from '@isola/kernels/backends';
import { doseInfluence, prepareDose } from '@isola/planning/dose';
import { type DoseCase, matradCase, phantomCase } from '../inputs/dose-cases.js';
import type { Bench, BenchOptions, Figures, Records } from '../measurement/bench.js';
import { timed } from '../measurement/timing.js';
import { streamReadGbPerS } from '../stream/stream-read.js';
import { compareImplementations } from './implementations.js';
import { syntheticMatrix } from './synthetic-matrix.js';

const MIB = 2 ** 20;
const BATCH = 4;

export const kernels: Bench = {
  name: 'kernels',
  summary: 'sparse products: TypeScript and WebAssembly, beside the speed of reading memory',
  run: async (options, records) => {
    const { isFull, dataFolder } = options;
    await compareImplementations(
      '40000 x 500',
      syntheticMatrix(40_000, 500, inlineExecutor()),
      records,
    );
    const stream = await readSpeeds(options, records);
    const [rows, columns] = isFull ? [200_000, 5_000] : [50_000, 1_000];
    const synthetic = () => syntheticMatrix(rows, columns, inlineExecutor());
    await measureMatrix(`synthetic ${rows} x ${columns}`, synthetic, stream, records);
    const cases = isFull ? [phantomCase('tg119-c-shape', 5), matradCase(dataFolder)] : [];
    for (const doseCase of cases) {
      const { name, missing } = doseCase;
      if (missing !== null) records.leaveOut(name, `${missing} does not exist`);
      else await measureMatrix(name, () => influence(doseCase, options), stream, records);
    }
  },
};

/** Threads to measure with, and how fast as many read memory; NaN where that failed. */
type ReadSpeeds = ReadonlyMap<number, number>;

async function readSpeeds(
  { isFull, threads }: BenchOptions,
  records: Records,
): Promise<ReadSpeeds> {
  const mebibytes = isFull ? 2048 : 256;
  const speeds = new Map<number, number>();
  for (const count of new Set([1, threads])) {
    speeds.set(count, Number.NaN);
    await records.add(`stream read of ${mebibytes} MiB`, async () => {
      const gbPerS = await streamReadGbPerS(mebibytes * MIB, count);
      speeds.set(count, gbPerS);
      return { threads: count, gbPerS };
    });
  }
  return speeds;
}

async function influence({ load }: DoseCase, { threads }: BenchOptions): Promise<SparseMatrix> {
  const executor = threadExecutor(threads);
  try {
    return await doseInfluence(await prepareDose(await load(), executor), executor);
  } finally {
    await executor.close();
  }
}

async function measureMatrix(
  name: string,
  make: () => SparseMatrix | Promise<SparseMatrix>,
  stream: ReadSpeeds,
  records: Records,
): Promise<void> {
  let made: SparseMatrix | null = null;
  await records.add(`${name}: matrix`, async () => {
    made = await make();
    const { rows, columns, nonzeros, byteLength } = made;
    const bytesPerNonzero = byteLength / nonzeros;
    return { rows, columns, nonzeros, megabytes: byteLength / 1e6, bytesPerNonzero };
  });
  if (made !== null) await measureProducts(name, made, stream, records);
}

async function measureProducts(
  name: string,
  { arena, rows, blocks, nonzeros, byteLength }: SparseMatrix,
  stream: ReadSpeeds,
  records: Records,
): Promise<void> {
  for (const [threads, streamGbPerS] of stream) {
    const executor = threadExecutor(threads);
    try {
      const matrix = sparseMatrix(arena, rows, blocks, executor);
      for (const [product, { vectors, run }] of Object.entries(productsOf(matrix))) {
        await records.add(`${name}: ${product}`, async (): Promise<Figures> => {
          const { minMs, medianMs } = await timed(run);
          const gbPerS = byteLength / 1e6 / minMs;
          return {
            ...{ threads, minMs: minMs / vectors, medianMs: medianMs / vectors },
            nsPerNonzero: (minMs * 1e6) / nonzeros / vectors,
            ...{ gbPerS, percentOfStream: (100 * gbPerS) / streamGbPerS },
          };
        });
      }
    } finally {
      await executor.close();
    }
  }
}

/** Products as callers make them, vectors copied in and out; times are those of one vector. */
function productsOf(matrix: SparseMatrix) {
  const { rows, columns } = matrix;
  const xs = Array.from({ length: BATCH }, () => new Float64Array(columns).fill(0.5));
  const ys = Array.from({ length: BATCH }, () => new Float32Array(rows).fill(0.5));
  const gradients = xs.map(() => new Float64Array(columns));
  const doses = ys.map(() => new Float32Array(rows));
  const product = (vectors: number, work: () => Promise<void>) => ({
    vectors,
    run: async () => {
      await work();
      return doses[0][0] + gradients[0][0];
    },
  });
  return {
    multiply: product(1, () => matrix.multiply(xs[0], doses[0])),
    'multiply, 4 at once': product(BATCH, () => matrix.multiplyBatch(xs, doses)),
    multiplyTransposed: product(1, () => matrix.multiplyTransposed(ys[0], gradients[0])),
    'multiplyTransposed, 4 at once': product(BATCH, () =>
      matrix.multiplyTransposedBatch(ys, gradients),
    ),
  };
}
