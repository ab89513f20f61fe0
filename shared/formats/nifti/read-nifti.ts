/**
 * Reads a NIfTI-1 volume, plain or gzip, whose axes are parallel to the patient's; axes that run
 * against LPS are turned round.
 */
import type { Grid } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { isNIFTI1, NIFTI1 } from 'nifti-reader-js';
import { checkedGrid, readPlainOrGzip } from '../files/index.js';

const HEADER_BYTES = 352;

type Getter = (view: DataView, at: number, littleEndian: boolean) => number;
const dataTypes: Readonly<Record<number, { bytes: number; get: Getter }>> = {
  2: { bytes: 1, get: (view, at) => view.getUint8(at) },
  4: { bytes: 2, get: (view, at, little) => view.getInt16(at, little) },
  8: { bytes: 4, get: (view, at, little) => view.getInt32(at, little) },
  16: { bytes: 4, get: (view, at, little) => view.getFloat32(at, little) },
  64: { bytes: 8, get: (view, at, little) => view.getFloat64(at, little) },
  256: { bytes: 1, get: (view, at) => view.getInt8(at) },
  512: { bytes: 2, get: (view, at, little) => view.getUint16(at, little) },
};

export interface Volume {
  readonly grid: Grid;
  /** One a voxel, with the file's slope and intercept applied. */
  readonly values: Float32Array;
}

/** Reads a volume of finite numbers. */
export function readNifti(path: string): Volume {
  return parseNifti(readPlainOrGzip(path), path);
}

/** The volume in the unpacked bytes of a NIfTI-1 file; `file` names them in errors. */
export function parseNifti(bytes: Uint8Array, file: string): Volume {
  const header = readHeader(bytes, file);
  const size = header.dims.slice(1, 4);
  const extra = header.dims.slice(4, 1 + header.dims[0]);
  if (header.dims[0] < 3 || header.dims[0] > 7 || extra.some((n) => n !== 1)) {
    throw new InputError(`${file}: dim`, `[${header.dims}]; a volume of three dimensions`);
  }
  const steps = axisSteps(header.affine, file);
  const spacingMm = steps.map((step) => Math.abs(step));
  const originMm = lpsOffset(header.affine).map((offset, axis) =>
    steps[axis] < 0 ? offset + steps[axis] * (size[axis] - 1) : offset,
  );
  const grid = checkedGrid(size, spacingMm, originMm, `${file}: dim, affine`);
  return { grid, values: readValues(bytes, header, grid, steps, file) };
}

function readHeader(bytes: Uint8Array, file: string): NIFTI1 {
  const start = new Uint8Array(bytes.subarray(0, HEADER_BYTES)).buffer;
  const header = new NIFTI1();
  try {
    if (bytes.length >= HEADER_BYTES && isNIFTI1(start)) {
      header.readHeader(start);
      return header;
    }
  } catch {
    // The library throws for a header size that is not 348.
  }
  throw new InputError(file, 'is not a NIfTI-1 file (.nii or .nii.gz), or is truncated');
}

/** Rows x and y of a RAS affine, turned to LPS. */
function lpsRows(affine: readonly number[][]): number[][] {
  return affine.slice(0, 3).map((row, axis) => (axis < 2 ? row.map((value) => -value) : [...row]));
}

function lpsOffset(affine: readonly number[][]): number[] {
  return lpsRows(affine).map((row) => row[3]);
}

/** Signed voxel size along each axis. */
function axisSteps(affine: readonly number[][], file: string): number[] {
  return lpsRows(affine).map((row, axis) => {
    const step = row[axis];
    const oblique = row
      .slice(0, 3)
      .some((value, k) => k !== axis && Math.abs(value) > 1e-4 * Math.abs(step));
    if (oblique || !Number.isFinite(step) || step === 0) {
      throw new InputError(
        `${file}: affine`,
        `row ${axis} is [${row}]; axes parallel to the patient's`,
      );
    }
    return step;
  });
}

function readValues(
  bytes: Uint8Array,
  header: NIFTI1,
  { size: [nx, ny, nz] }: Grid,
  steps: readonly number[],
  file: string,
): Float32Array {
  const type = dataTypes[header.datatypeCode];
  if (type === undefined) {
    const known = Object.keys(dataTypes).join(', ');
    throw new InputError(`${file}: datatype`, `${header.datatypeCode}; one of ${known}`);
  }
  const start = header.vox_offset;
  const needed = start + type.bytes * nx * ny * nz;
  if (!(start >= HEADER_BYTES && Number.isInteger(start) && needed <= bytes.length)) {
    const problem = `voxels at byte ${start} to ${needed} of ${bytes.length}: truncated`;
    throw new InputError(file, problem);
  }
  const slope = header.scl_slope === 0 ? 1 : header.scl_slope;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const values = new Float32Array(nx * ny * nz);
  let stored = 0;
  for (let z = 0; z < nz; z++) {
    const slice = steps[2] < 0 ? nz - 1 - z : z;
    for (let y = 0; y < ny; y++) {
      const row = nx * ((steps[1] < 0 ? ny - 1 - y : y) + ny * slice);
      for (let x = 0; x < nx; x++, stored++) {
        const raw = type.get(view, stored * type.bytes, header.littleEndian);
        const value = raw * slope + header.scl_inter;
        if (!Number.isFinite(value)) {
          throw new InputError(`${file}: voxel ${stored}`, `${value}; finite numbers are needed`);
        }
        values[row + (steps[0] < 0 ? nx - 1 - x : x)] = value;
      }
    }
  }
  return values;
}
