/** What a .mat file can hold. Arrays are column-major; `size` has two or more entries. */
export type MatValue = MatNumeric | MatSparse | MatChar | MatCell | MatStruct | MatOpaque;

/** Numbers in the type they are stored in: MATLAB keeps small integral doubles as bytes. */
export type NumericArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** The class that the array has in MATLAB, whatever the type it is stored in. */
export type NumericClass =
  | 'double'
  | 'single'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'logical';

export interface MatNumeric {
  readonly kind: 'numeric';
  readonly className: NumericClass;
  readonly size: readonly number[];
  readonly data: NumericArray;
  /** Imaginary parts of a complex array. */
  readonly imaginary?: NumericArray;
}

/** Compressed sparse columns: column j has the entries [columnStarts[j], columnStarts[j + 1]). */
export interface MatSparse {
  readonly kind: 'sparse';
  readonly size: readonly [rows: number, columns: number];
  readonly columnStarts: Uint32Array;
  readonly rowIndices: Uint32Array;
  readonly values: Float64Array;
  readonly imaginary?: Float64Array;
}

export interface MatChar {
  readonly kind: 'char';
  readonly size: readonly number[];
  /** One string a row. */
  readonly rows: readonly string[];
}

export interface MatCell {
  readonly kind: 'cell';
  readonly size: readonly number[];
  readonly cells: readonly MatValue[];
}

/** A struct array; each field has one value an element. */
export interface MatStruct {
  readonly kind: 'struct';
  readonly size: readonly number[];
  readonly fields: ReadonlyMap<string, readonly MatValue[]>;
}

/** An object of a class, a function handle: its content is skipped. */
export interface MatOpaque {
  readonly kind: 'opaque';
}
