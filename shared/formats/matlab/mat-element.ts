/**
 * Data elements of the MAT format, version 5: a tag with a type and a byte count, then the bytes,
 * padded to a multiple of 8. Data of up to 4 bytes may lie inside the tag ("small element").
 */
import { InputError } from '@isola/optimizers/problem';
import type { NumericArray } from './mat-value.js';

/** Types of elements that are not numbers. */
export const ElementType = { matrix: 14, compressed: 15, utf8: 16, utf16: 17, utf32: 18 } as const;

const arrayTypes = new Map<
  number,
  { BYTES_PER_ELEMENT: number; new (b: ArrayBufferLike, o: number, n: number): NumericArray }
>([
  [1, Int8Array],
  [2, Uint8Array],
  [3, Int16Array],
  [4, Uint16Array],
  [5, Int32Array],
  [6, Uint32Array],
  [7, Float32Array],
  [9, Float64Array],
  [12, BigInt64Array],
  [13, BigUint64Array],
]);

/** Bytes that hold elements, with their byte order and where they come from. */
export interface MatBytes {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  /** How errors name byte k of these bytes. */
  place(k: number): string;
}

/** An element of `MatBytes`: its data are the bytes [start, end), the next element is at `next`. */
export interface Element {
  readonly type: number;
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** Reads the tag at byte `at` of an element that must end at or before byte `limit`. */
export function elementAt(source: MatBytes, at: number, limit: number): Element {
  if (at + 8 > limit) {
    throw new InputError(source.place(at), `${limit - at} bytes are left; an element needs 8`);
  }
  const first = uint32At(source, at);
  if (first > 0xffff) {
    const length = first >>> 16;
    if (length > 4) {
      throw new InputError(source.place(at), `a small element of ${length} bytes; at most 4`);
    }
    return { type: first & 0xffff, start: at + 4, end: at + 4 + length, next: at + 8 };
  }
  const start = at + 8;
  const length = uint32At(source, at + 4);
  if (start + length > limit) {
    throw new InputError(
      source.place(at),
      `an element of ${length} bytes where ${limit - start} are left: damaged or truncated`,
    );
  }
  // Packed variables are not padded; the last element of a variable may lack its padding.
  const padded = first === ElementType.compressed ? length : Math.ceil(length / 8) * 8;
  return { type: first, start, end: start + length, next: Math.min(start + padded, limit) };
}

/** The numbers of an element: a view of the bytes where alignment and byte order allow. */
export function numbersOf(source: MatBytes, { type, start, end }: Element): NumericArray {
  const ArrayType = arrayTypes.get(type);
  if (ArrayType === undefined) {
    throw new InputError(source.place(start), `data type ${type} where numbers are needed`);
  }
  const itemBytes = ArrayType.BYTES_PER_ELEMENT;
  const count = (end - start) / itemBytes;
  if (!Number.isInteger(count)) {
    const problem = `${end - start} bytes are no whole number of ${itemBytes}-byte items`;
    throw new InputError(source.place(start), problem);
  }
  const { bytes } = source;
  if (source.littleEndian && (bytes.byteOffset + start) % itemBytes === 0) {
    return new ArrayType(bytes.buffer, bytes.byteOffset + start, count);
  }
  const copy = bytes.slice(start, end);
  if (!source.littleEndian) reverseItems(copy, itemBytes);
  return new ArrayType(copy.buffer, copy.byteOffset, count);
}

/** The characters of an element, whatever their encoding, as UTF-16 code units. */
export function charactersOf(source: MatBytes, element: Element): string {
  const data = source.bytes.subarray(element.start, element.end);
  if (element.type === ElementType.utf8) return new TextDecoder('utf-8').decode(data);
  if (element.type === ElementType.utf16) return decodeUnits(source, { ...element, type: 4 });
  if (element.type === ElementType.utf32) return decodeUnits(source, { ...element, type: 6 });
  return decodeUnits(source, element);
}

function decodeUnits(source: MatBytes, element: Element): string {
  const parts: string[] = [];
  for (const unit of numbersOf(source, element)) {
    const code = Number(unit);
    if (!(code >= 0 && code <= 0x10ffff && Number.isInteger(code))) {
      throw new InputError(source.place(element.start), `${code} is no character code`);
    }
    parts.push(String.fromCodePoint(code));
  }
  return parts.join('');
}

/** Names are bytes; a zero ends them. */
export function nameOf(source: MatBytes, { start, end }: Element): string {
  const bytes = source.bytes.subarray(start, end);
  const zero = bytes.indexOf(0);
  return new TextDecoder('latin1').decode(zero < 0 ? bytes : bytes.subarray(0, zero));
}

function uint32At({ bytes, littleEndian }: MatBytes, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, littleEndian);
}

function reverseItems(bytes: Uint8Array, itemBytes: number): void {
  for (let k = 0; k < bytes.length; k += itemBytes) bytes.subarray(k, k + itemBytes).reverse();
}
