/**
 * Writes a volume as NIfTI-1 (Cox et al., 2004), gzip. Our axes are LPS, those of NIfTI
 * RAS: the voxels keep their order, the affine mirrors x and y. Same volume, same bytes.
 */
import { gzipSync } from 'node:zlib';
import { type Grid, voxelCount } from '@isola/kernels/grid';
import { NIFTI1 } from 'nifti-reader-js';

const DATA_OFFSET = 352;
const UINT8: DataType = { code: 2, bits: 8, set: (view, v, x) => view.setUint8(v, x) };
const INT16: DataType = {
  code: 4,
  bits: 16,
  set: (view, v, x) => view.setInt16(2 * v, x, true),
};
const FLOAT32: DataType = {
  code: 16,
  bits: 32,
  set: (view, v, x) => view.setFloat32(4 * v, x, true),
};
const UNITS_MM = 2;
const SCANNER_COORDINATES = 1;
/** Half a turn about z as quaternion (a, b, c, d) = (0, 0, 0, 1). */
const HALF_TURN_ABOUT_Z = { b: 0, c: 0, d: 1 };
const GZIP_SYSTEM_BYTE = 9;
const UNKNOWN_SYSTEM = 255;

/** A dose volume, Gy, as the bytes of a .nii.gz file with float32. */
export function doseNifti(doseGy: Float32Array, grid: Grid): Uint8Array {
  return nifti(doseGy, grid, FLOAT32, 'dose in Gy');
}

/** A CT, Hounsfield units, as the bytes of a .nii.gz file with int16. */
export function ctNifti(hu: Int16Array, grid: Grid): Uint8Array {
  return nifti(hu, grid, INT16, 'CT in HU');
}

/**
 * A structure as the bytes of a .nii.gz file with uint8: 1 inside, 0 elsewhere.
 * @param voxels of the grid
 */
export function maskNifti(voxels: Uint32Array, grid: Grid): Uint8Array {
  const mask = new Uint8Array(voxelCount(grid));
  for (const voxel of voxels) mask[voxel] = 1;
  return nifti(mask, grid, UINT8, 'mask');
}

interface DataType {
  readonly code: number;
  readonly bits: number;
  /** Writes value `x` of voxel `v`. */
  readonly set: (view: DataView, v: number, x: number) => void;
}

function nifti(
  values: Float32Array | Int16Array | Uint8Array,
  grid: Grid,
  type: DataType,
  description: string,
): Uint8Array {
  if (values.length !== voxelCount(grid)) {
    throw new Error(`${values.length} values on a grid of ${voxelCount(grid)} voxels`);
  }
  const file = new Uint8Array(DATA_OFFSET + values.byteLength);
  file.set(new Uint8Array(header(grid, type, description)));
  const view = new DataView(file.buffer, DATA_OFFSET);
  for (let v = 0; v < values.length; v++) type.set(view, v, values[v]);
  const packed = gzipSync(file, { level: 6 });
  // zlib writes the time as 0, but the operating system as it is.
  packed[GZIP_SYSTEM_BYTE] = UNKNOWN_SYSTEM;
  return packed;
}

function header(
  { size, spacingMm, originMm }: Grid,
  type: DataType,
  description: string,
): ArrayBuffer {
  const nifti = new NIFTI1();
  nifti.littleEndian = true;
  nifti.dims = [3, ...size, 1, 1, 1, 1];
  nifti.pixDims = [1, ...spacingMm, 0, 0, 0, 0];
  nifti.datatypeCode = type.code;
  nifti.numBitsPerVoxel = type.bits;
  nifti.vox_offset = DATA_OFFSET;
  nifti.scl_slope = 1;
  nifti.scl_inter = 0;
  nifti.xyzt_units = UNITS_MM;
  nifti.description = description;
  nifti.magic = 'n+1';
  nifti.qform_code = SCANNER_COORDINATES;
  nifti.sform_code = SCANNER_COORDINATES;
  nifti.quatern_b = HALF_TURN_ABOUT_Z.b;
  nifti.quatern_c = HALF_TURN_ABOUT_Z.c;
  nifti.quatern_d = HALF_TURN_ABOUT_Z.d;
  nifti.qoffset_x = -originMm[0];
  nifti.qoffset_y = -originMm[1];
  nifti.qoffset_z = originMm[2];
  nifti.affine = [
    [-spacingMm[0], 0, 0, -originMm[0]],
    [0, -spacingMm[1], 0, -originMm[1]],
    [0, 0, spacingMm[2], originMm[2]],
    [0, 0, 0, 1],
  ];
  return nifti.toArrayBuffer();
}
