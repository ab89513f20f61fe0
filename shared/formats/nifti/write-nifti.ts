/**
 * Writes a volume as NIfTI-1 (Cox et al., 2004), float32, gzip. Our axes are LPS, those of NIfTI
 * RAS: the voxels keep their order, the affine mirrors x and y. Same volume, same bytes.
 */
import { gzipSync } from 'node:zlib';
import { type Grid, voxelCount } from '@isola/kernels/grid';
import { NIFTI1 } from 'nifti-reader-js';

const DATA_OFFSET = 352;
const FLOAT32 = { code: 16, bits: 32 };
const UNITS_MM = 2;
const SCANNER_COORDINATES = 1;
/** Half a turn about z as quaternion (a, b, c, d) = (0, 0, 0, 1). */
const HALF_TURN_ABOUT_Z = { b: 0, c: 0, d: 1 };
const GZIP_SYSTEM_BYTE = 9;
const UNKNOWN_SYSTEM = 255;

/** A dose volume, Gy, as the bytes of a .nii.gz file. */
export function doseNifti(doseGy: Float32Array, grid: Grid): Uint8Array {
  if (doseGy.length !== voxelCount(grid)) {
    throw new Error(`${doseGy.length} values on a grid of ${voxelCount(grid)} voxels`);
  }
  const file = new Uint8Array(DATA_OFFSET + 4 * doseGy.length);
  file.set(new Uint8Array(header(grid)));
  const view = new DataView(file.buffer, DATA_OFFSET);
  for (let v = 0; v < doseGy.length; v++) view.setFloat32(4 * v, doseGy[v], true);
  const packed = gzipSync(file, { level: 6 });
  // zlib writes the time as 0, but the operating system as it is.
  packed[GZIP_SYSTEM_BYTE] = UNKNOWN_SYSTEM;
  return packed;
}

function header({ size, spacingMm, originMm }: Grid): ArrayBuffer {
  const nifti = new NIFTI1();
  nifti.littleEndian = true;
  nifti.dims = [3, ...size, 1, 1, 1, 1];
  nifti.pixDims = [1, ...spacingMm, 0, 0, 0, 0];
  nifti.datatypeCode = FLOAT32.code;
  nifti.numBitsPerVoxel = FLOAT32.bits;
  nifti.vox_offset = DATA_OFFSET;
  nifti.scl_slope = 1;
  nifti.scl_inter = 0;
  nifti.xyzt_units = UNITS_MM;
  nifti.description = 'dose in Gy';
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
