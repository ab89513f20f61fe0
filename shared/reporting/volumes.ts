/**
 * CT, dose and structures as the page carries them for its script: cropped to the field of view,
 * averaged down where they would make the file too large, gzip and base64.
 * `viewer/decode.js` reads them.
 */
import { gzipSync } from 'node:zlib';
import type { Grid, Vec3 } from '@isola/kernels/grid';
import { type Box, cropped } from './field-of-view.js';
import type { ReportInput } from './report-input.js';
import { structureRuns } from './structure-runs.js';

export interface EmbeddedVolumes {
  /** One byte a voxel, an index into `huOfCode`. */
  readonly ct: { readonly grid: Grid; readonly huOfCode: readonly number[]; readonly data: string };
  /** Multiples of `quantumGy`: differences along the volume, all low bytes, then all high bytes. */
  readonly dose: { readonly grid: Grid; readonly quantumGy: number; readonly data: string };
  /** Pairs of 32-bit numbers: gap since the end of the run before, and count; by structure. */
  readonly structures: {
    readonly grid: Grid;
    readonly runCounts: readonly number[];
    readonly data: string;
  };
  /** Whether CT or dose are coarser here than in the plan. */
  readonly reduced: boolean;
}

const mostVoxels = 5_000_000;
const mostCharacters = 6_500_000;
const doseSteps = 4000;

/**
 * @param maxVoxels of the CT, and of the dose; halved until the result keeps the file small
 */
export function embedVolumes(
  input: ReportInput,
  box: Box,
  maxVoxels: number = mostVoxels,
): EmbeddedVolumes {
  const ctPart = cropped(input.hu, input.grid, box);
  const dosePart = cropped(input.doseGy, input.doseGrid, box);
  const structures = embedStructures(input);
  for (let cap = maxVoxels; ; cap /= 2) {
    const ct = averagedDown(ctPart.volume, ctPart.grid, cap);
    const dose = averagedDown(dosePart.volume, dosePart.grid, cap);
    const volumes = {
      ct: { grid: ct.grid, huOfCode, data: packed(ctCodes(ct.volume)) },
      dose: embedDose(dose.volume, dose.grid),
      structures,
      reduced: ct.reduced || dose.reduced,
    };
    const characters = volumes.ct.data.length + volumes.dose.data.length + structures.data.length;
    if (characters <= mostCharacters || cap < 1000) return volumes;
  }
}

/** 256 Hounsfield numbers: 3 HU apart in soft tissue, 20 below and 25 above. */
const huOfCode: readonly number[] = Array.from({ length: 256 }, (_, code) => {
  if (code < 40) return -1000 + 20 * code;
  if (code < 207) return -200 + 3 * (code - 40);
  return 301 + 25 * (code - 207);
});

function ctCodes(hu: ArrayLike<number>): Uint8Array {
  const lowest = huOfCode[0];
  const codeOfHu = new Uint8Array(huOfCode[255] - lowest + 1);
  for (let offset = 0, code = 0; offset < codeOfHu.length; offset++) {
    const value = lowest + offset;
    if (code < 255 && huOfCode[code + 1] - value < value - huOfCode[code]) code++;
    codeOfHu[offset] = code;
  }
  const codes = new Uint8Array(hu.length);
  for (let i = 0; i < hu.length; i++) {
    const offset = Math.round(hu[i]) - lowest;
    codes[i] = codeOfHu[Math.min(Math.max(offset, 0), codeOfHu.length - 1)];
  }
  return codes;
}

function embedDose(doseGy: ArrayLike<number>, grid: Grid): EmbeddedVolumes['dose'] {
  let maxGy = 0;
  for (let i = 0; i < doseGy.length; i++) maxGy = Math.max(maxGy, doseGy[i]);
  const quantumGy = maxGy > 0 ? maxGy / doseSteps : 1;
  const bytes = new Uint8Array(2 * doseGy.length);
  let before = 0;
  for (let i = 0; i < doseGy.length; i++) {
    const code = Math.max(0, Math.round(doseGy[i] / quantumGy));
    bytes[i] = code - before;
    bytes[doseGy.length + i] = (code - before) >> 8;
    before = code;
  }
  return { grid, quantumGy, data: packed(bytes) };
}

function embedStructures(input: ReportInput): EmbeddedVolumes['structures'] {
  const all = input.structures.map((each) => structureRuns(each.voxels, input.grid.size[0]));
  const gaps = all.map((runs) => {
    let end = 0;
    return runs.map((value, k) => {
      const gap = k % 2 === 0 ? value - end : value;
      end = k % 2 === 0 ? value : end + value;
      return gap;
    });
  });
  const bytes = Buffer.concat(gaps.map((each) => new Uint8Array(each.buffer)));
  return { grid: input.grid, runCounts: all.map((runs) => runs.length / 2), data: packed(bytes) };
}

/** Means over blocks of voxels, at most `maxVoxels` of them; the finest axis is coarsened first. */
export function averagedDown(
  volume: Int16Array | Float32Array,
  grid: Grid,
  maxVoxels: number,
): { volume: ArrayLike<number>; grid: Grid; reduced: boolean } {
  const block: [number, number, number] = [1, 1, 1];
  const blocks = (axis: number) => Math.floor(grid.size[axis] / block[axis]);
  while (blocks(0) * blocks(1) * blocks(2) > maxVoxels) {
    const divisible = [0, 1, 2].filter((axis) => blocks(axis) >= 2);
    const spacing = (axis: number) => grid.spacingMm[axis] * block[axis];
    block[divisible.reduce((best, axis) => (spacing(axis) < spacing(best) ? axis : best))] *= 2;
  }
  if (Math.max(...block) === 1) return { volume, grid, reduced: false };
  const size: Vec3 = [blocks(0), blocks(1), blocks(2)];
  const means = new Float32Array(size[0] * size[1] * size[2]);
  for (let i = 0; i < means.length; i++) {
    const line = Math.floor(i / size[0]);
    means[i] = blockMean(volume, grid, block, [
      (i % size[0]) * block[0],
      (line % size[1]) * block[1],
      Math.floor(line / size[1]) * block[2],
    ]);
  }
  const along = (axis: 0 | 1 | 2) => grid.spacingMm[axis] * block[axis];
  const centre = (axis: 0 | 1 | 2) =>
    grid.originMm[axis] + ((block[axis] - 1) / 2) * grid.spacingMm[axis];
  return {
    volume: means,
    grid: {
      size,
      spacingMm: [along(0), along(1), along(2)],
      originMm: [centre(0), centre(1), centre(2)],
    },
    reduced: true,
  };
}

function blockMean(volume: ArrayLike<number>, grid: Grid, block: Vec3, first: Vec3): number {
  let sum = 0;
  for (let z = first[2]; z < first[2] + block[2]; z++) {
    for (let y = first[1]; y < first[1] + block[1]; y++) {
      const line = grid.size[0] * (y + grid.size[1] * z);
      for (let x = first[0]; x < first[0] + block[0]; x++) sum += volume[line + x];
    }
  }
  return sum / (block[0] * block[1] * block[2]);
}

function packed(bytes: Uint8Array): string {
  return gzipSync(bytes).toString('base64');
}
