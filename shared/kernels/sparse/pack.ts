import {
  type BlockSize,
  blockBytes,
  runWords,
  sealBlock,
  writeHeader,
  writeRun,
} from './run-length.js';

/** One sparse column: ascending rows and their values (not negative). */
export interface SparseColumn {
  readonly rows: Uint32Array;
  readonly values: Float32Array;
}

interface Run {
  readonly row: number;
  readonly from: number;
  readonly count: number;
}

/** Packs columns into the bytes of one run-length block; zeros between runs are not stored. */
export function packBlock(rows: number, columns: readonly SparseColumn[]): ArrayBuffer {
  const runs = columns.map(findRuns);
  const size = blockSize(rows, runs);
  const buffer = new ArrayBuffer(blockBytes(size));
  const block = writeHeader(buffer, 0, size);
  let word = 0;
  let quad = 0;
  let nonzeros = 0;
  columns.forEach((column, j) => {
    const largest = column.values.reduce((max, value) => Math.max(max, value), 0);
    block.scales[j] = largest / 0xffff;
    block.runStarts[j] = word;
    block.valueStarts[j] = quad;
    let row = 0;
    for (const run of runs[j]) {
      word = writeRun(block.runs, word, run.row - row, run.count);
      row = run.row;
      for (let k = 0; k < run.count; k++) {
        const value = column.values[run.from + k];
        if (value > 0) nonzeros++;
        block.values[4 * quad + k] = largest === 0 ? 0 : Math.round((value / largest) * 0xffff);
      }
      quad += Math.ceil(run.count / 4);
    }
  });
  block.runStarts[columns.length] = word;
  block.valueStarts[columns.length] = quad;
  sealBlock(buffer, 0, nonzeros);
  return buffer;
}

function findRuns(column: SparseColumn): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (let k = 1; k <= column.rows.length; k++) {
    if (k < column.rows.length && column.rows[k] === column.rows[k - 1] + 1) continue;
    runs.push({ row: column.rows[from], from, count: k - from });
    from = k;
  }
  return runs;
}

function blockSize(rows: number, runs: readonly (readonly Run[])[]): BlockSize {
  let words = 0;
  let quads = 0;
  for (const column of runs) {
    let row = 0;
    for (const run of column) {
      words += runWords(run.row - row);
      quads += Math.ceil(run.count / 4);
      row = run.row;
    }
  }
  return { rows, columns: runs.length, runWords: words, quads };
}
