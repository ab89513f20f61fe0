/** Steps into a `MatValue`, with an InputError that names the variable path where a step fails. */
import { InputError } from '@isola/optimizers/problem';
import type { MatValue } from './mat-value.js';

/** A value and its path, for example `case.mat: cst{1,4}`. */
export interface MatAt {
  readonly value: MatValue;
  readonly place: string;
}

/** A variable of a file. */
export function variableAt(
  variables: ReadonlyMap<string, MatValue>,
  name: string,
  file: string,
): MatAt {
  const value = variables.get(name);
  if (value === undefined) {
    const names = [...variables.keys()].join(', ');
    throw new InputError(file, `has no variable ${name}; it has ${names}`);
  }
  return { value, place: `${file}: ${name}` };
}

/** Field `name` of element `index` of a struct array. */
export function fieldAt(at: MatAt, name: string, index = 0): MatAt {
  const found = optionalFieldAt(at, name, index);
  if (found === undefined) throw new InputError(at.place, `has no field ${name}`);
  return found;
}

/** The same, undefined where there is no such field. */
export function optionalFieldAt(at: MatAt, name: string, index = 0): MatAt | undefined {
  const { value, place } = at;
  if (value.kind !== 'struct')
    throw new InputError(place, `is a ${value.kind}; a struct is needed`);
  const found = value.fields.get(name)?.[index];
  const element = index === 0 ? '' : `(${index + 1})`;
  return found === undefined ? undefined : { value: found, place: `${place}${element}.${name}` };
}

/** Cell (row, column), both 0-based. */
export function cellAt({ value, place }: MatAt, row: number, column = 0): MatAt {
  if (value.kind !== 'cell') throw new InputError(place, `is a ${value.kind}; a cell is needed`);
  const path = `${place}{${row + 1},${column + 1}}`;
  const found = row < value.size[0] ? value.cells[row + value.size[0] * column] : undefined;
  if (found === undefined) {
    throw new InputError(path, `is outside the cell array of size [${value.size}]`);
  }
  return { value: found, place: path };
}

/** One line of text. */
export function textAt({ value, place }: MatAt): string {
  if (value.kind !== 'char' || value.rows.length > 1) {
    throw new InputError(place, `is a ${value.kind} of size [${sizeOf(value)}]; one line of text`);
  }
  return value.rows[0] ?? '';
}

/** All numbers of a real array, in column-major order. */
export function numbersAt({ value, place }: MatAt): ArrayLike<number> {
  if (value.kind !== 'numeric' || value.imaginary !== undefined) {
    throw new InputError(place, `is ${value.kind}, or complex; real numbers are needed`);
  }
  const { data } = value;
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  return wide ? Float64Array.from(data, Number) : data;
}

/** One finite number. */
export function numberAt(at: MatAt): number {
  const numbers = numbersAt(at);
  if (numbers.length !== 1 || !Number.isFinite(numbers[0])) {
    throw new InputError(
      at.place,
      `${numbers.length} numbers, first ${numbers[0]}; one finite number`,
    );
  }
  return numbers[0];
}

/** Size of an array; [0, 0] of an opaque object. */
export function sizeOf(value: MatValue): readonly number[] {
  return value.kind === 'opaque' ? [0, 0] : value.size;
}
