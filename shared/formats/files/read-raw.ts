/** Files of raw numbers, little-endian, whose count is known; and JSON of a known shape. */
import { endianness } from 'node:os';
import { InputError } from '@isola/optimizers/problem';
import type { z } from 'zod';
import { readFileBytes, readFileText } from './read-bytes.js';

/** `count` float64 of a file. */
export function readFloat64(path: string, count: number): Float64Array {
  return new Float64Array(rawBytes(path, count, 8));
}

/** `count` float32 of a file. */
export function readFloat32(path: string, count: number): Float32Array {
  return new Float32Array(rawBytes(path, count, 4));
}

/** `count` int32 of a file. */
export function readInt32(path: string, count: number): Int32Array {
  return new Int32Array(rawBytes(path, count, 4));
}

/** `count` int16 of a file. */
export function readInt16(path: string, count: number): Int16Array {
  return new Int16Array(rawBytes(path, count, 2));
}

/** A JSON file of the shape `schema`. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileText(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(path, `is not JSON: ${(error as Error).message}`);
  }
  const result = schema.safeParse(parsed);
  if (result.success) return result.data;
  const { path: where, message } = result.error.issues[0];
  throw new InputError(`${path}: ${where.join('.') || 'the document'}`, message);
}

/** The bytes of a file in a buffer of their own, which aligns them for every type. */
function rawBytes(path: string, count: number, itemBytes: number): ArrayBuffer {
  if (endianness() !== 'LE') throw new Error('only little-endian machines are supported');
  const bytes = readFileBytes(path);
  if (bytes.length !== count * itemBytes) {
    const problem = `has ${bytes.length} bytes; ${count} numbers of ${itemBytes} bytes are needed`;
    throw new InputError(path, problem);
  }
  return new Uint8Array(bytes).buffer;
}
