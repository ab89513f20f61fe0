/**
 * The CSV form of OpenKBP: a first line `,data`, then rows `index,value`; a mask leaves the value
 * blank. Parsed in one pass over the bytes: a file has up to 2 million rows, and a string a row
 * would cost more than everything else in reading a patient.
 */
import { InputError } from '@isola/optimizers/problem';

const NEWLINE = 10;
const RETURN = 13;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/** Rows of a sparse file; `values[k]` is NaN where row k has none. Indices are distinct. */
export interface SparseRows {
  readonly indices: Uint32Array;
  readonly values: Float64Array;
}

/**
 * Parses a sparse CSV whose indices are below `voxelCount`. Throws InputError at `file:line` for a
 * missing header, a malformed row, an index out of range or given twice, and a value not finite.
 */
export function parseSparseCsv(bytes: Uint8Array, file: string, voxelCount: number): SparseRows {
  let position = endOfHeader(bytes, file);
  const capacity = countRows(bytes, position);
  const indices = new Uint32Array(capacity);
  const values = new Float64Array(capacity);
  const seen = new Uint8Array(voxelCount);
  let count = 0;
  let line = 2;
  while (position < bytes.length) {
    let end = bytes.indexOf(NEWLINE, position);
    if (end < 0) end = bytes.length;
    const stop = end > position && bytes[end - 1] === RETURN ? end - 1 : end;
    if (stop > position) {
      const comma = commaWithin(bytes, position, stop);
      const index = comma < 0 ? -1 : wholeNumber(bytes, position, comma);
      if (index < 0) {
        throw new InputError(
          `${file}:${line}`,
          `"${text(bytes, position, stop)}" is not a row index,value`,
        );
      }
      if (index >= voxelCount) {
        throw new InputError(`${file}:${line}`, `voxel index ${index}; 0 to ${voxelCount - 1}`);
      }
      if (seen[index] !== 0) {
        throw new InputError(`${file}:${line}`, `voxel index ${index} is given twice`);
      }
      seen[index] = 1;
      indices[count] = index;
      values[count] = comma + 1 === stop ? Number.NaN : decimal(bytes, comma + 1, stop, file, line);
      count++;
    }
    position = end + 1;
    line++;
  }
  return { indices: indices.subarray(0, count), values: values.subarray(0, count) };
}

/** Parses a file of plain numbers, one a line. */
export function parseNumbers(bytes: Uint8Array, file: string): number[] {
  const lines = new TextDecoder('latin1').decode(bytes).split('\n');
  const numbers: number[] = [];
  for (const [k, raw] of lines.entries()) {
    const entry = raw.trim();
    if (entry === '') continue;
    const value = Number(entry);
    if (!Number.isFinite(value)) {
      throw new InputError(`${file}:${k + 1}`, `"${clip(entry)}" is not a finite number`);
    }
    numbers.push(value);
  }
  return numbers;
}

function endOfHeader(bytes: Uint8Array, file: string): number {
  const newline = bytes.indexOf(NEWLINE);
  const end = newline < 0 ? bytes.length : newline;
  const header = text(bytes, 0, end).trim();
  if (header !== ',data') {
    throw new InputError(`${file}:1`, `the header is "${header}"; ",data" is needed`);
  }
  return end + 1;
}

function countRows(bytes: Uint8Array, start: number): number {
  let rows = 1;
  for (let k = start; k < bytes.length; k++) if (bytes[k] === NEWLINE) rows++;
  return rows;
}

function commaWithin(bytes: Uint8Array, start: number, end: number): number {
  for (let k = start; k < end; k++) if (bytes[k] === COMMA) return k;
  return -1;
}

/** The digits of [start, end) as a number; -1 if there are none, more than 15, or other bytes. */
function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) return -1;
  let number = 0;
  for (let k = start; k < end; k++) {
    const digit = bytes[k] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/**
 * Digits with a point are read exactly: 15 digits are an exact integer, and its division by a power
 * of ten up to 1e15 rounds once, hence correctly. Whatever else there is goes through `Number`.
 */
function decimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  file: string,
  line: number,
): number {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let digits = 0;
  let number = 0;
  let scale = 1;
  let afterPoint = false;
  let plain = end - first <= 16;
  for (let k = first; k < end && plain; k++) {
    const digit = bytes[k] - ZERO;
    if (bytes[k] === POINT && !afterPoint) {
      afterPoint = true;
    } else if (digit >= 0 && digit <= 9) {
      number = number * 10 + digit;
      if (afterPoint) scale *= 10;
      digits++;
    } else {
      plain = false;
    }
  }
  if (plain && digits > 0 && digits <= 15) return (first > start ? -number : number) / scale;
  const entry = text(bytes, start, end).trim();
  const value = entry === '' ? Number.NaN : Number(entry);
  if (!Number.isFinite(value)) {
    throw new InputError(`${file}:${line}`, `the value "${entry}" is not a finite number`);
  }
  return value;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return clip(new TextDecoder('latin1').decode(bytes.subarray(start, Math.min(end, start + 80))));
}

function clip(entry: string): string {
  return entry.length > 60 ? `${entry.slice(0, 60)}...` : entry;
}
