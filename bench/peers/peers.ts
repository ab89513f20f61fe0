/** Our products beside SciPy's, on the same matrix; SciPy uses one thread. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inlineExecutor, type SparseMatrix } from '@isola/kernels/backends';
import { syntheticMatrix } from '../kernels/synthetic-matrix.js';
import type { Bench, Figures } from '../measurement/bench.js';
import { type Timing, timed } from '../measurement/timing.js';
import { compressedColumns } from './csc.js';

const python = process.env.ISOLA_PYTHON ?? 'python3';
const script = fileURLToPath(new URL('../../peers/scipy_products.py', import.meta.url));
/** Sums of float32 products in another order agree to this part. */
const AGREEMENT = 1e-4;

export const peers: Bench = {
  name: 'peers',
  summary: "sparse products beside SciPy's; ISOLA_PYTHON names a Python that has it",
  run: async ({ isFull }, records) => {
    const probe = spawnSync(python, ['-c', 'import numpy, scipy.sparse'], { encoding: 'utf8' });
    if (probe.status !== 0) {
      const reason = probe.error?.message ?? probe.stderr.trim().split('\n').at(-1);
      records.leaveOut('SciPy', `${python} (ISOLA_PYTHON): ${reason}`);
      return;
    }
    const [rows, columns] = isFull ? [200_000, 5_000] : [50_000, 1_000];
    const matrix = syntheticMatrix(rows, columns, inlineExecutor());
    const { nonzeros } = matrix;
    const size = `${rows} x ${columns}`;
    const figures = ({ minMs, medianMs }: Timing): Figures => ({
      ...{ nonzeros, threads: 1, minMs, medianMs, nsPerNonzero: (minMs * 1e6) / nonzeros },
    });
    const own = ourProducts(matrix);
    for (const [product, { run }] of Object.entries(own)) {
      await records.add(`${size}: ${product}, Isola`, async () => figures(await timed(run)));
    }
    let theirs: ScipyResult | undefined;
    await records.add(`${size}: in SciPy`, () => {
      theirs = scipyProducts(matrix);
      return { versions: theirs.versions };
    });
    for (const [name, timing] of Object.entries(theirs?.times ?? {})) {
      await records.add(`${size}: ${name}`, async () => {
        const { run, sum } = own[name.split(',')[0] as keyof typeof own];
        await run();
        const [ours, scipy] = [sum(), theirs?.sums[name] ?? Number.NaN];
        if (Math.abs(scipy - ours) <= AGREEMENT * ours) return figures(timing);
        throw new Error(`sums differ: ${scipy}, ours ${ours}`);
      });
    }
  },
};

/** Products with vectors of 0.5. */
function ourProducts(matrix: SparseMatrix) {
  const x = new Float64Array(matrix.columns).fill(0.5);
  const v = new Float32Array(matrix.rows).fill(0.5);
  const y = new Float32Array(matrix.rows);
  const gradient = new Float64Array(matrix.columns);
  const product = (result: Float32Array | Float64Array, work: () => Promise<void>) => ({
    sum: () => {
      let total = 0;
      for (const term of result) total += term;
      return total;
    },
    run: async () => {
      await work();
      return result[0];
    },
  });
  return {
    multiply: product(y, () => matrix.multiply(x, y)),
    multiplyTransposed: product(gradient, () => matrix.multiplyTransposed(v, gradient)),
  };
}

interface ScipyResult {
  readonly versions: string;
  readonly times: Readonly<Record<string, Timing>>;
  readonly sums: Readonly<Record<string, number>>;
}

function scipyProducts(matrix: SparseMatrix): ScipyResult {
  const folder = mkdtempSync(join(tmpdir(), 'isola-peers-'));
  try {
    const { starts, rows, values } = compressedColumns(matrix);
    writeFileSync(join(folder, 'starts.i32'), starts);
    writeFileSync(join(folder, 'rows.i32'), rows);
    writeFileSync(join(folder, 'values.f32'), values);
    const shape = { rows: matrix.rows, columns: matrix.columns };
    writeFileSync(join(folder, 'shape.json'), JSON.stringify(shape));
    const { status, stdout, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr.trim());
    return JSON.parse(stdout) as ScipyResult;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
