/**
 * Plain data (null, booleans, numbers, strings, typed arrays, lists and records of them) as bytes
 * and back: what cells hand over and what is kept of them. Canonical: equal data gives equal bytes,
 * whatever the order of keys, the engine, or the bits of a NaN; so a hash of the bytes names the
 * data. All is little-endian, as every platform that Node runs on but one.
 *
 *     0  'ISLA'        magic
 *     4  uint32        version, 1
 *     8  uint32        total length in bytes
 *    12  uint32        length of the header in bytes
 *    16  uint32        CRC-32 of all bytes from 24 on
 *    20  uint32        zero
 *    24  header        UTF-8 JSON, padded with spaces to a multiple of 8
 *        arrays        in the order of the header, each as in memory, padded with zeros to 8
 *
 * In the header a record is an object with sorted keys; null, booleans, strings and numbers are
 * themselves; all else is a list that begins with its kind: ["list", ...items],
 * ["Float64Array", length], ["number", "NaN"] for what JSON has no number for.
 */
import { InputError } from '../problem/index.js';
import { crc32 } from './crc32.js';

const MAGIC = 0x414c5349;
const VERSION = 1;
const HEADER_START = 24;
const SPACE = 0x20;
/** Data nested deeper is no state of ours; a bound keeps forged bytes from exhausting the stack. */
const MAX_DEPTH = 64;

/** Makes an array that lies over all of a buffer. */
interface ArrayType {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): ArrayBufferView;
}

const ARRAY_TYPES: readonly ArrayType[] = [
  ...[Float64Array, Float32Array, Int8Array, Uint8Array, Uint8ClampedArray],
  ...[Int16Array, Uint16Array, Int32Array, Uint32Array],
];
const ARRAYS = new Map(ARRAY_TYPES.map((type) => [type.name, type]));

/** Numbers that JSON cannot write, by their names. */
const ODD_NUMBERS = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

const padded = (length: number) => Math.ceil(length / 8) * 8;

/** @throws Error for what is no plain data, with its place: a bug of who made it */
export function toBytes(data: unknown): Uint8Array<ArrayBuffer> {
  const arrays: ArrayBufferView[] = [];
  const header = new TextEncoder().encode(JSON.stringify(described(data, arrays, 'data', 0)));
  const headerLength = padded(header.length);
  let length = HEADER_START + headerLength;
  for (const { byteLength } of arrays) length += padded(byteLength);
  if (length > 0xffffffff) throw new Error(`data of ${length} bytes; at most 4 GiB`);
  const bytes = new Uint8Array(length);
  bytes.fill(SPACE, HEADER_START, HEADER_START + headerLength);
  bytes.set(header, HEADER_START);
  let offset = HEADER_START + headerLength;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    makeNaNsEqual(bytes.subarray(offset, offset + array.byteLength), kindOf(array));
    offset += padded(array.byteLength);
  }
  const view = new DataView(bytes.buffer);
  const crc = crc32(bytes.subarray(HEADER_START));
  [MAGIC, VERSION, length, headerLength, crc, 0].forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  return bytes;
}

/** `[object Kind]` */
function kindOf(data: object): string {
  return Object.prototype.toString.call(data).slice(8, -1);
}

/** The JSON of the header; typed arrays go to `arrays`. */
function described(
  data: unknown,
  arrays: ArrayBufferView[],
  place: string,
  depth: number,
): unknown {
  if (depth > MAX_DEPTH) throw new Error(`${place}: nested deeper than ${MAX_DEPTH}`);
  const inner = (item: unknown, key: string | number) =>
    described(item, arrays, `${place}.${key}`, depth + 1);
  if (data === null || typeof data === 'boolean' || typeof data === 'string') return data;
  if (typeof data === 'number') return describedNumber(data);
  if (Array.isArray(data)) return ['list', ...Array.from(data, inner)];
  if (ArrayBuffer.isView(data)) {
    const type = ARRAYS.get(kindOf(data));
    if (type === undefined) throw new Error(`${place}: ${kindOf(data)} is no plain data`);
    arrays.push(data);
    return [type.name, data.byteLength / type.BYTES_PER_ELEMENT];
  }
  if (isRecord(data)) {
    const keys = Object.keys(data).sort();
    return Object.fromEntries(keys.map((key) => [key, inner(data[key], key)]));
  }
  const kind = typeof data === 'object' ? data.constructor.name : typeof data;
  throw new Error(`${place}: ${kind} is no plain data`);
}

function describedNumber(data: number): unknown {
  if (Number.isFinite(data) && !Object.is(data, -0)) return data;
  return ['number', Object.is(data, -0) ? '-0' : String(data)];
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  if (typeof data !== 'object' || data === null) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** An engine may choose the bits of a NaN; here all have the same. */
function makeNaNsEqual(bytes: Uint8Array, kind: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'Float64Array') {
    for (let i = 0; i < bytes.length; i += 8) {
      if (Number.isNaN(view.getFloat64(i, true))) view.setBigUint64(i, 0x7ff8000000000000n, true);
    }
  } else if (kind === 'Float32Array') {
    for (let i = 0; i < bytes.length; i += 4) {
      if (Number.isNaN(view.getFloat32(i, true))) view.setUint32(i, 0x7fc00000, true);
    }
  }
}

/**
 * The data; its arrays are its own.
 * @param place whose bytes they are, for the error
 * @throws InputError for bytes that are cut, changed, of another version, or no such data at all
 */
export function fromBytes(bytes: Uint8Array, place: string): unknown {
  const fail = (problem: string) => new InputError(place, problem);
  if (bytes.length < HEADER_START) throw fail(`has ${bytes.length} bytes; allowed: a whole state`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (index: number) => view.getUint32(4 * index, true);
  const [magic, version, length, headerLength, crc, zero] = [0, 1, 2, 3, 4, 5].map(word);
  if (magic !== MAGIC) throw fail('does not begin with ISLA; allowed: a state of an island');
  if (version !== VERSION) throw fail(`has version ${version}; allowed: ${VERSION}`);
  if (length !== bytes.length) throw fail(`has ${bytes.length} bytes; its header says ${length}`);
  if (zero !== 0 || crc !== crc32(bytes.subarray(HEADER_START))) throw fail('is damaged');
  const arraysStart = HEADER_START + headerLength;
  if (arraysStart > length || headerLength % 8 !== 0) {
    throw fail(`has a header of ${headerLength} bytes; allowed: a multiple of 8 that fits`);
  }
  const reader = { bytes, offset: arraysStart, fail };
  const data = restored(parsed(bytes.subarray(HEADER_START, arraysStart), fail), reader, 0);
  if (reader.offset !== length) throw fail(`has ${length - reader.offset} bytes too many`);
  return data;
}

type Fail = (problem: string) => InputError;

interface Reader {
  readonly bytes: Uint8Array;
  /** Where the next array begins. */
  offset: number;
  readonly fail: Fail;
}

function parsed(header: Uint8Array, fail: Fail): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch {
    throw fail('has a header that is no JSON');
  }
}

/** The data that a header describes. */
function restored(description: unknown, reader: Reader, depth: number): unknown {
  if (depth > MAX_DEPTH) throw reader.fail(`is nested deeper than ${MAX_DEPTH}`);
  if (description === null || typeof description !== 'object') return description;
  if (!Array.isArray(description)) {
    return Object.fromEntries(
      Object.entries(description).map(([key, item]) => [key, restored(item, reader, depth + 1)]),
    );
  }
  const [kind, ...rest] = description as unknown[];
  if (kind === 'list') return rest.map((item) => restored(item, reader, depth + 1));
  if (kind === 'number' && ODD_NUMBERS.has(String(rest[0])))
    return ODD_NUMBERS.get(String(rest[0]));
  const type = ARRAYS.get(String(kind));
  if (type === undefined) throw reader.fail(`holds a ${String(kind)}; allowed: plain data`);
  return restoredArray(type, rest[0], reader);
}

function restoredArray(type: ArrayType, size: unknown, reader: Reader): ArrayBufferView {
  const { bytes, offset, fail } = reader;
  const length = typeof size === 'number' ? size * type.BYTES_PER_ELEMENT : Number.NaN;
  if (!(Number.isInteger(size) && length >= 0 && offset + length <= bytes.length)) {
    throw fail(`holds a ${type.name} of ${String(size)}; allowed: what fits`);
  }
  reader.offset += padded(length);
  return new type(Uint8Array.from(bytes.subarray(offset, offset + length)).buffer);
}
