/**
 * Run-length storage of a sparse matrix with long runs of nonzeros in its columns: 16-bit values
 * scaled by a float32 factor a column, and one 32-bit word a run. A block holds some neighbouring
 * columns; its bytes in memory are also its bytes in a file and on the wire.
 *
 *   bytes        content (little endian; offsets are from the block's first byte)
 *   0  u32       magic
 *   4  u32       version
 *   8  u32       rows
 *   12 u32       columns
 *   16 u32       nonzeros
 *   20 u32       run words
 *   24 u32       quads of values
 *   28 u32       bytes of the whole block
 *   32 5 x u32   offsets of: scales, run starts, value starts, runs, values
 *   52 u32       checksum of all other words
 *   64           scales f32[columns], run starts u32[columns + 1], value starts u32[columns + 1],
 *                runs u32[], values u16[4 * quads]
 *
 * A run word is `gap | quads << 16`: the run begins `gap` rows after the beginning of the one
 * before (after row 0 for a column's first) and holds `quads` groups of four values. The last group
 * is padded with zeros, so a vector that is multiplied needs room for 3 rows more. Gaps above 65535
 * are bridged by words without quads.
 */
export const MAGIC = 0x424c5249;
export const VERSION = 1;
export const HEADER_BYTES = 64;
/** Rows that a vector must have room for beyond the matrix's own. */
export const ROW_PADDING = 4;

const CHECKSUM_WORD = 13;
const MAX_GAP = 0xffff;
const MAX_QUADS = 0xffff;

/** Typed views of one block. */
export interface Block {
  readonly rows: number;
  readonly columns: number;
  readonly nonzeros: number;
  readonly byteLength: number;
  readonly scales: Float32Array;
  readonly runStarts: Uint32Array;
  readonly valueStarts: Uint32Array;
  readonly runs: Uint32Array;
  readonly values: Uint16Array;
}

/** Sizes that fix a block's layout. */
export interface BlockSize {
  readonly rows: number;
  readonly columns: number;
  readonly runWords: number;
  readonly quads: number;
}

/** Bytes of a block, a multiple of 16. */
export function blockBytes(size: BlockSize): number {
  const bytes = valuesOffset(size) + 8 * size.quads;
  return Math.ceil(bytes / 16) * 16;
}

function valuesOffset(size: BlockSize): number {
  const bytes = HEADER_BYTES + 4 * size.columns + 8 * (size.columns + 1) + 4 * size.runWords;
  return Math.ceil(bytes / 16) * 16;
}

/** Writes a block's header at `offset`; the sections are the caller's to fill. */
export function writeHeader(buffer: ArrayBufferLike, offset: number, size: BlockSize): Block {
  const header = new Uint32Array(buffer, offset, HEADER_BYTES / 4);
  const runStarts = HEADER_BYTES + 4 * size.columns;
  const valueStarts = runStarts + 4 * (size.columns + 1);
  const runs = valueStarts + 4 * (size.columns + 1);
  header.set([MAGIC, VERSION, size.rows, size.columns, 0, size.runWords, size.quads]);
  header[7] = blockBytes(size);
  header.set([HEADER_BYTES, runStarts, valueStarts, runs, valuesOffset(size), 0], 8);
  return viewBlock(buffer, offset);
}

/** Typed views of the block at `offset`. Throws where the bytes are no block. */
export function viewBlock(buffer: ArrayBufferLike, offset: number): Block {
  const header = new Uint32Array(buffer, offset, HEADER_BYTES / 4);
  if (header[0] !== MAGIC || header[1] !== VERSION) throw new Error('not a run-length block');
  const [, , rows, columns, nonzeros, runWords, quads, byteLength] = header;
  return {
    rows,
    columns,
    nonzeros,
    byteLength,
    scales: new Float32Array(buffer, offset + header[8], columns),
    runStarts: new Uint32Array(buffer, offset + header[9], columns + 1),
    valueStarts: new Uint32Array(buffer, offset + header[10], columns + 1),
    runs: new Uint32Array(buffer, offset + header[11], runWords),
    values: new Uint16Array(buffer, offset + header[12], 4 * quads),
  };
}

/** Writes the number of nonzeros and the checksum: the last step of building a block. */
export function sealBlock(buffer: ArrayBufferLike, offset: number, nonzeros: number): void {
  const header = new Uint32Array(buffer, offset, HEADER_BYTES / 4);
  header[4] = nonzeros;
  header[CHECKSUM_WORD] = checksum(buffer, offset);
}

/** Do the bytes at `offset` hold a whole block that agrees with its checksum? */
export function blockIsSound(buffer: ArrayBufferLike, offset: number): boolean {
  if (buffer.byteLength - offset < HEADER_BYTES) return false;
  const header = new Uint32Array(buffer, offset, HEADER_BYTES / 4);
  const [magic, version] = header;
  const byteLength = header[7];
  const fits = byteLength >= HEADER_BYTES && byteLength <= buffer.byteLength - offset;
  if (magic !== MAGIC || version !== VERSION || !fits || byteLength % 4 !== 0) return false;
  return header[CHECKSUM_WORD] === checksum(buffer, offset);
}

/** FNV-1a over 32-bit words: finds torn and flipped bytes; it is no signature. */
function checksum(buffer: ArrayBufferLike, offset: number): number {
  const byteLength = new Uint32Array(buffer, offset, HEADER_BYTES / 4)[7];
  const words = new Uint32Array(buffer, offset, byteLength / 4);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) {
    if (i !== CHECKSUM_WORD) hash = Math.imul(hash ^ words[i], 0x01000193);
  }
  return hash >>> 0;
}

/** Run words that a run beginning at `gap` takes, fillers included. */
export function runWords(gap: number): number {
  return 1 + Math.floor(Math.max(0, gap - 1) / MAX_GAP);
}

/** Writes the words of a run of `count` rows at `at`; returns the position behind them. */
export function writeRun(runs: Uint32Array, at: number, gap: number, count: number): number {
  const quads = Math.ceil(count / 4);
  if (quads > MAX_QUADS) throw new Error(`a run of ${count} rows is longer than the format's`);
  let rest = gap;
  let next = at;
  while (rest > MAX_GAP) {
    runs[next++] = MAX_GAP;
    rest -= MAX_GAP;
  }
  runs[next++] = rest | (quads << 16);
  return next;
}
