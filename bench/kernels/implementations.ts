/** The plain TypeScript products beside the WebAssembly ones: one thread, the same matrix. */
import { allocate, kernelsOn, type SparseMatrix } from '@isola/kernels/backends';
import { type Kernels, ROW_PADDING, referenceProducts } from '@isola/kernels/sparse';
import type { Figures, Records } from '../measurement/bench.js';
import { timed } from '../measurement/timing.js';

const VECTORS = 4;

type Products = Pick<
  Kernels,
  'multiply' | 'multiply4' | 'multiplyTransposed' | 'multiplyTransposed4'
>;

/** Records every product by both implementations; a product that disagrees is a failure. */
export async function compareImplementations(
  name: string,
  matrix: SparseMatrix,
  records: Records,
): Promise<void> {
  const bench = products(matrix);
  const both = {
    TypeScript: referenceProducts(matrix.arena.memory.buffer),
    WebAssembly: kernelsOn(matrix.arena),
  };
  for (const [product, { vectors, run, result }] of Object.entries(bench)) {
    run(both.TypeScript);
    const expected = Float64Array.from(result);
    for (const [language, kernels] of Object.entries(both)) {
      await records.add(`${name}: ${product}, ${language}`, async (): Promise<Figures> => {
        run(kernels);
        if (!result.every((value, i) => value === expected[i])) throw new Error('wrong product');
        const { minMs, medianMs } = await timed(() => {
          run(kernels);
          return result[0];
        });
        return {
          vectors,
          minMs: minMs / vectors,
          medianMs: medianMs / vectors,
          nsPerNonzero: (minMs * 1e6) / matrix.nonzeros / vectors,
        };
      });
    }
  }
}

/** Products with all blocks in the calling thread, on vectors beside the matrix. */
function products({ arena, rows, columns, blocks }: SparseMatrix) {
  const xStride = 8 * columns;
  const yStride = 16 * Math.ceil((rows + ROW_PADDING) / 4);
  const xAt = allocate(arena, VECTORS * xStride);
  const yAt = allocate(arena, VECTORS * yStride);
  const { buffer } = arena.memory;
  const x = new Float64Array(buffer, xAt, VECTORS * columns);
  const y = new Float32Array(buffer, yAt, (VECTORS * yStride) / 4);
  const each = (work: (block: number, columns: number, x: number) => void) => {
    for (const block of blocks) work(block.offset, block.columns, xAt + 8 * block.firstColumn);
  };
  const forward = (vectors: number, work: (kernels: Products) => void) => ({
    vectors,
    result: y,
    run: (kernels: Products) => {
      x.fill(0.5);
      y.fill(0);
      work(kernels);
    },
  });
  const backward = (vectors: number, work: (kernels: Products) => void) => ({
    vectors,
    result: x,
    run: (kernels: Products) => {
      y.fill(0.5);
      work(kernels);
    },
  });
  return {
    multiply: forward(1, ({ multiply }) => each((b, n, at) => multiply(b, 0, n, at, yAt))),
    'multiply, 4 at once': forward(VECTORS, ({ multiply4 }) =>
      each((b, n, at) => multiply4(b, 0, n, at, xStride, yAt, yStride)),
    ),
    multiplyTransposed: backward(1, ({ multiplyTransposed }) =>
      each((b, n, at) => multiplyTransposed(b, 0, n, yAt, at)),
    ),
    'multiplyTransposed, 4 at once': backward(VECTORS, ({ multiplyTransposed4 }) =>
      each((b, n, at) => multiplyTransposed4(b, 0, n, yAt, yStride, at, xStride)),
    ),
  };
}
