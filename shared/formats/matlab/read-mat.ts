/**
 * Reads MATLAB .mat files of version 5, 6 and 7 (`save -v6`, `save -v7`), of either byte order, as
 * described in "MAT-File Format" (MathWorks). Version 7.3 is HDF5 and is refused, as is version 4.
 */
import { constants, inflateSync } from 'node:zlib';
import { InputError } from '@isola/optimizers/problem';
import { disk } from '../files/index.js';
import { type Element, ElementType, elementAt, type MatBytes } from './mat-element.js';
import { type MatVariable, readMatrix } from './mat-matrix.js';
import type { MatValue } from './mat-value.js';

const HEADER_BYTES = 128;
/** Most bytes that one variable may unpack to. */
const MAX_VARIABLE_BYTES = 2 ** 31;
/** Deflate cannot pack better than this: a claim above it is false. */
const MAX_DEFLATE_RATIO = 1032;

/** The variables of a .mat file, by name. */
export function readMatFile(path: string, files = disk): Map<string, MatValue> {
  return parseMat(files.bytes(path), path);
}

/** The variables of the bytes of a .mat file; `file` names them in errors. */
export function parseMat(bytes: Uint8Array, file: string): Map<string, MatValue> {
  const source: MatBytes = {
    bytes,
    littleEndian: readHeader(bytes, file),
    place: (k) => `${file} byte ${k}`,
  };
  const variables = new Map<string, MatValue>();
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const element = elementAt(source, at, bytes.length);
    const { name, value } = readTopLevel(source, element, file);
    // The store of opaque objects has no name.
    if (name !== '') variables.set(name, value);
    at = element.next;
  }
  if (variables.size === 0) throw new InputError(file, 'holds no variable: empty or truncated');
  return variables;
}

/** Checks the header; true for little-endian. */
function readHeader(bytes: Uint8Array, file: string): boolean {
  const header = new TextDecoder('latin1').decode(bytes.subarray(0, HEADER_BYTES));
  if (header.startsWith('MATLAB 7.3 MAT-file') || header.startsWith('\x89HDF')) {
    throw new InputError(file, 'is a MATLAB v7.3 (HDF5) file; save it again with save -v7');
  }
  if (bytes.length < HEADER_BYTES) {
    throw new InputError(file, `has ${bytes.length} bytes; a MATLAB v5 header has ${HEADER_BYTES}`);
  }
  const order = header.slice(126, 128);
  const littleEndian = order === 'IM';
  const version = littleEndian ? bytes[125] : bytes[124];
  if ((!littleEndian && order !== 'MI') || version !== 1) {
    throw new InputError(file, 'is not a MATLAB v5, v6 or v7 file; save it with save -v7');
  }
  return littleEndian;
}

function readTopLevel(source: MatBytes, element: Element, file: string): MatVariable {
  if (element.type !== ElementType.compressed) return readMatrix(source, element);
  const packedAt = element.start;
  const unpacked: MatBytes = {
    bytes: unpack(source, element),
    littleEndian: source.littleEndian,
    place: (k) => `${file} byte ${packedAt}, unpacked byte ${k}`,
  };
  return readMatrix(unpacked, elementAt(unpacked, 0, unpacked.bytes.length));
}

/** Unpacks a variable, whose tag states its size: a false claim is refused before allocating. */
function unpack(source: MatBytes, { start, end }: Element): Uint8Array {
  const packed = source.bytes.subarray(start, end);
  const head = inflate(source, start, packed.subarray(0, 1024), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  if (head.length < 8) throw new InputError(source.place(start), 'a packed variable without tag');
  const tag = new DataView(head.buffer, head.byteOffset, 8);
  const claimed = 8 + tag.getUint32(4, source.littleEndian);
  if (claimed > Math.min(MAX_VARIABLE_BYTES, packed.length * MAX_DEFLATE_RATIO + 64)) {
    const claim = `${claimed} bytes claimed by a variable packed in ${packed.length}`;
    const problem = `${claim}; at most ${MAX_DEFLATE_RATIO} a byte and ${MAX_VARIABLE_BYTES}`;
    throw new InputError(source.place(start), problem);
  }
  const bytes = inflate(source, start, packed, {
    chunkSize: Math.min(Math.max(claimed, 1024), 2 ** 24),
    // A writer may leave padding behind the variable.
    maxOutputLength: claimed + 8,
  });
  return bytes;
}

function inflate(
  source: MatBytes,
  start: number,
  packed: Uint8Array,
  options: Parameters<typeof inflateSync>[1],
): Uint8Array {
  try {
    return inflateSync(packed, options);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new InputError(source.place(start), `a packed variable cannot be unpacked (${reason})`);
  }
}
