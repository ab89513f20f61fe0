/** A matrix element of a MAT file as a `MatValue`: flags, size, name, then what its class needs. */
import { InputError } from '@isola/optimizers/problem';
import {
  charactersOf,
  type Element,
  ElementType,
  elementAt,
  type MatBytes,
  nameOf,
  numbersOf,
} from './mat-element.js';
import type { MatValue, NumericArray, NumericClass } from './mat-value.js';

/** Cells and structs may lie in one another this deep. */
const MAX_DEPTH = 50;
const MIN_MATRIX_BYTES = 8;

const CELL = 1;
const STRUCT = 2;
const CHAR = 4;
const SPARSE = 5;
const OPAQUE = 17;
const numericClasses: Readonly<Record<number, NumericClass>> = {
  6: 'double',
  7: 'single',
  8: 'int8',
  9: 'uint8',
  10: 'int16',
  11: 'uint16',
  12: 'int32',
  13: 'uint32',
  14: 'int64',
  15: 'uint64',
};
const COMPLEX_FLAG = 0x08;
const LOGICAL_FLAG = 0x02;

const emptyArray: MatValue = {
  kind: 'numeric',
  className: 'double',
  size: [0, 0],
  data: new Float64Array(0),
};

/** A named variable. The name is empty for the elements of cells and structs. */
export interface MatVariable {
  readonly name: string;
  readonly value: MatValue;
}

/** What the elements after flags, size and name are read with. */
interface Body {
  readonly source: MatBytes;
  readonly size: readonly number[];
  readonly count: number;
  readonly complex: boolean;
  readonly depth: number;
  /** The next element. */
  next(): Element;
  /** Refuses a count of matrices that the bytes left cannot hold, before anyone loops over it. */
  checkRoom(matrices: number): void;
}

/** Reads the matrix in `element`. */
export function readMatrix(source: MatBytes, element: Element, depth = 0): MatVariable {
  if (element.type !== ElementType.matrix) {
    throw new InputError(source.place(element.start), `data type ${element.type}; 14, a matrix`);
  }
  if (depth > MAX_DEPTH) {
    throw new InputError(source.place(element.start), `nested deeper than ${MAX_DEPTH} levels`);
  }
  if (element.start === element.end) return { name: '', value: emptyArray };
  let at = element.start;
  const next = () => {
    const found = elementAt(source, at, element.end);
    at = found.next;
    return found;
  };
  const flags = numbersOf(source, next());
  const word = Number(flags[0] ?? 0);
  const classCode = word & 0xff;
  const flagBits = (word >> 8) & 0xff;
  if (classCode === OPAQUE) return { name: nameOf(source, next()), value: { kind: 'opaque' } };
  const size = readSize(source, next());
  const name = nameOf(source, next());
  const body: Body = {
    source,
    size,
    count: size.reduce((product, n) => product * n, 1),
    complex: (flagBits & COMPLEX_FLAG) !== 0,
    depth,
    next,
    checkRoom: (matrices) => {
      const left = element.end - at;
      if (matrices * MIN_MATRIX_BYTES <= left) return;
      throw new InputError(source.place(at), `${matrices} matrices in ${left} bytes: damaged`);
    },
  };
  return { name, value: readBody(body, classCode, (flagBits & LOGICAL_FLAG) !== 0) };
}

function readSize(source: MatBytes, element: Element): number[] {
  const size = Array.from(numbersOf(source, element), Number);
  if (size.length < 2 || size.length > 32 || !size.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new InputError(source.place(element.start), `[${size.slice(0, 32)}] is no array size`);
  }
  return size;
}

function readBody(body: Body, classCode: number, logical: boolean): MatValue {
  if (classCode === CELL) return readCell(body);
  if (classCode === STRUCT) return readStruct(body);
  if (classCode === CHAR) return readChar(body);
  if (classCode === SPARSE) return readSparse(body);
  const className = numericClasses[classCode];
  if (className === undefined) return { kind: 'opaque' };
  const data = readNumbers(body, body.count);
  const value = {
    kind: 'numeric',
    className: logical ? 'logical' : className,
    size: body.size,
    data,
  } as const;
  return body.complex ? { ...value, imaginary: readNumbers(body, body.count) } : value;
}

function readNumbers({ source, next }: Body, count: number): NumericArray {
  const element = next();
  const numbers = numbersOf(source, element);
  if (numbers.length !== count) {
    const problem = `${numbers.length} numbers where the size asks for ${count}`;
    throw new InputError(source.place(element.start), problem);
  }
  return numbers;
}

function readCell(body: Body): MatValue {
  body.checkRoom(body.count);
  const cells: MatValue[] = [];
  for (let k = 0; k < body.count; k++) {
    cells.push(readMatrix(body.source, body.next(), body.depth + 1).value);
  }
  return { kind: 'cell', size: body.size, cells };
}

function readStruct(body: Body): MatValue {
  const { source, size, count, depth, next } = body;
  const lengthElement = next();
  const nameLength = Number(numbersOf(source, lengthElement)[0] ?? 0);
  const names = next();
  const bytes = names.end - names.start;
  if (!(nameLength > 0) || bytes % nameLength !== 0) {
    const problem = `field names of ${nameLength} bytes in ${bytes} bytes`;
    throw new InputError(source.place(lengthElement.start), problem);
  }
  const fields = new Map<string, MatValue[]>();
  for (let at = names.start; at < names.end; at += nameLength) {
    fields.set(nameOf(source, { ...names, start: at, end: at + nameLength }), []);
  }
  body.checkRoom(count * fields.size);
  for (let k = 0; k < count && fields.size > 0; k++) {
    for (const values of fields.values()) values.push(readMatrix(source, next(), depth + 1).value);
  }
  return { kind: 'struct', size, fields };
}

function readChar({ source, size, count, next }: Body): MatValue {
  const element = next();
  const text = charactersOf(source, element);
  if (size[0] === 1) return { kind: 'char', size, rows: [text] };
  if (text.length !== count) {
    const problem = `${text.length} characters where the size asks for ${count}`;
    throw new InputError(source.place(element.start), problem);
  }
  const rows: string[] = [];
  const columns = size[0] === 0 ? 0 : count / size[0];
  for (let row = 0; row < size[0] && columns > 0; row++) {
    let line = '';
    for (let column = 0; column < columns; column++) line += text[row + size[0] * column];
    rows.push(line);
  }
  return { kind: 'char', size, rows };
}

function readSparse({ source, size, complex, next }: Body): MatValue {
  const [rows, columns] = size;
  const rowElement = next();
  const allRows = Uint32Array.from(numbersOf(source, rowElement), Number);
  const startElement = next();
  const columnStarts = Uint32Array.from(numbersOf(source, startElement), Number);
  const nonzeros = columnStarts[columns];
  if (size.length !== 2 || columnStarts.length !== columns + 1 || nonzeros > allRows.length) {
    const problem = `a sparse matrix [${size}] with ${columnStarts.length} column starts`;
    throw new InputError(source.place(startElement.start), problem);
  }
  for (let j = 0; j < columns; j++) {
    if (columnStarts[j] > columnStarts[j + 1] || columnStarts[0] !== 0) {
      const problem = `the starts of column ${j} and ${j + 1} of a sparse matrix do not ascend`;
      throw new InputError(source.place(startElement.start), problem);
    }
  }
  const rowIndices = allRows.subarray(0, nonzeros);
  for (const row of rowIndices) {
    if (row >= rows) {
      throw new InputError(
        source.place(rowElement.start),
        `row ${row} of a sparse matrix of ${rows}`,
      );
    }
  }
  const values = sparseValues(source, next(), nonzeros);
  const matrix = {
    kind: 'sparse',
    size: [rows, columns],
    columnStarts,
    rowIndices,
    values,
  } as const;
  return complex ? { ...matrix, imaginary: sparseValues(source, next(), nonzeros) } : matrix;
}

function sparseValues(source: MatBytes, element: Element, nonzeros: number): Float64Array {
  const numbers = numbersOf(source, element);
  if (numbers.length < nonzeros) {
    const problem = `${numbers.length} values of ${nonzeros} in a sparse matrix`;
    throw new InputError(source.place(element.start), problem);
  }
  const stored = numbers instanceof Float64Array ? numbers : Float64Array.from(numbers, Number);
  return stored.subarray(0, nonzeros);
}
