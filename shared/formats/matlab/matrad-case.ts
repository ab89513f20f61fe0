/**
 * A matRad patient or phantom file (variables `ct` and `cst`) as a Case.
 *
 * matRad's cubes are (y, x, z) and column-major, its voxel indices 1-based: index = 1 + y + ny (x +
 * nx z). Where the file has no axis vectors and no DICOM position, the centre of the first voxel is
 * at -size / 2 * spacing on each axis, as matRad takes it.
 */
import { basename } from 'node:path';
import type { Grid } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import {
  type Case,
  type HuTable,
  matradDefaultHuTable,
  type Structure,
  type StructureKind,
} from '@isola/planning/case';
import { checkedGrid, disk, type FileSource } from '../files/index.js';
import {
  cellAt,
  fieldAt,
  type MatAt,
  numberAt,
  numbersAt,
  optionalFieldAt,
  sizeOf,
  textAt,
  variableAt,
} from './mat-access.js';
import type { MatValue } from './mat-value.js';
import { readMatFile } from './read-mat.js';

/** Names of the patient's outline after TG-263, and how matRad's own phantoms call it. */
const EXTERNAL_NAME = /^(body|external|skin)$/i;
const MIN_HU = -32768;
const MAX_HU = 32767;

export interface MatradCase {
  readonly case: Case;
  /** matRad's overlap priority of each structure of the case; the lower number wins. */
  readonly overlapPriorities: readonly number[];
}

export interface MatradCaseOptions {
  readonly huTable?: HuTable;
  readonly files?: FileSource;
}

/** Reads a matRad case file. Objectives in it are not read: a plan brings its own. */
export function readMatradCase(
  path: string,
  { huTable = matradDefaultHuTable, files = disk }: MatradCaseOptions = {},
): MatradCase {
  return matradCase(readMatFile(path, files), path, huTable);
}

/** The case in the variables of a matRad file. */
export function matradCase(
  variables: ReadonlyMap<string, MatValue>,
  file: string,
  huTable: HuTable,
): MatradCase {
  const ct = variableAt(variables, 'ct', file);
  const grid = readGrid(ct);
  const hu = readHu(ct, grid);
  const rows = readRows(variableAt(variables, 'cst', file), grid);
  const name = `matrad ${basename(file).replace(/\.mat$/i, '')}`;
  return {
    case: { name, grid, hu, huTable, structures: rows.map(({ structure }) => structure) },
    overlapPriorities: rows.map(({ priority }) => priority),
  };
}

function readGrid(ct: MatAt): Grid {
  const dimensions = fieldAt(ct, 'cubeDim');
  const [ny, nx, nz] = Array.from(numbersAt(dimensions));
  const resolution = fieldAt(ct, 'resolution');
  const axes = ['x', 'y', 'z'] as const;
  const size = [nx, ny, nz];
  const spacingMm = axes.map((axis) => numberAt(fieldAt(resolution, axis)));
  const position = dicomPosition(ct);
  const originMm = axes.map((axis, k) => {
    const centres = optionalFieldAt(ct, axis);
    if (centres !== undefined) return numbersAt(centres)[0];
    return position === undefined ? (-size[k] / 2) * spacingMm[k] : position[k];
  });
  return checkedGrid(size, spacingMm, originMm, dimensions.place);
}

function dicomPosition(ct: MatAt): ArrayLike<number> | undefined {
  const info = optionalFieldAt(ct, 'dicomInfo');
  if (info === undefined || info.value.kind !== 'struct') return undefined;
  const position = optionalFieldAt(info, 'ImagePositionPatient');
  return position === undefined ? undefined : numbersAt(position);
}

function readHu(ct: MatAt, { size: [nx, ny, nz] }: Grid): Int16Array {
  const cube = cellAt(fieldAt(ct, 'cubeHU'), 0);
  const size = sizeOf(cube.value);
  if (size[0] !== ny || size[1] !== nx || (size[2] ?? 1) !== nz || size.length > 3) {
    throw new InputError(cube.place, `has the size [${size}]; ct.cubeDim says [${[ny, nx, nz]}]`);
  }
  const values = numbersAt(cube);
  const hu = new Int16Array(nx * ny * nz);
  let k = 0;
  for (let z = 0; z < nz; z++) {
    for (let x = 0; x < nx; x++) {
      for (let y = 0; y < ny; y++, k++) {
        const value = values[k];
        if (!(value >= MIN_HU && value <= MAX_HU)) {
          throw new InputError(
            `${cube.place} value ${k + 1}`,
            `${value} HU; ${MIN_HU} to ${MAX_HU}`,
          );
        }
        hu[x + nx * (y + ny * z)] = Math.round(value);
      }
    }
  }
  return hu;
}

function readRows(cst: MatAt, grid: Grid): { structure: Structure; priority: number }[] {
  if (cst.value.kind !== 'cell' || cst.value.size[1] < 5) {
    const problem = `is a ${cst.value.kind} of size [${sizeOf(cst.value)}]; a cell with 6 columns`;
    throw new InputError(cst.place, problem);
  }
  return Array.from({ length: cst.value.size[0] }, (_, row) => {
    const name = textAt(cellAt(cst, row, 1));
    const kind = matradStructureKind(name, textAt(cellAt(cst, row, 2)));
    const voxels = readVoxels(cellAt(cst, row, 3), grid);
    const priority = optionalFieldAt(cellAt(cst, row, 4), 'Priority');
    return {
      structure: { name, kind, voxels },
      priority: priority === undefined ? Number.POSITIVE_INFINITY : numberAt(priority),
    };
  });
}

/** Kind of a structure by matRad's type (TARGET, OAR, IGNORED) and its name. */
export function matradStructureKind(name: string, type: string): StructureKind {
  if (EXTERNAL_NAME.test(name)) return 'external';
  if (type === 'TARGET') return 'target';
  return type === 'OAR' ? 'organ' : 'other';
}

/** Voxels of the first scenario, in our order. */
function readVoxels(column: MatAt, { size: [nx, ny, nz] }: Grid): Uint32Array {
  const list = cellAt(column, 0);
  const indices = numbersAt(list);
  if (indices.length === 0) throw new InputError(list.place, 'lists no voxel; one at least');
  const voxels = new Uint32Array(indices.length);
  for (let k = 0; k < voxels.length; k++) {
    const index = indices[k] - 1;
    if (!(index >= 0 && index < nx * ny * nz) || !Number.isInteger(index)) {
      const problem = `voxel index ${indices[k]}; 1 to ${nx * ny * nz}`;
      throw new InputError(`${list.place} value ${k + 1}`, problem);
    }
    const y = index % ny;
    const x = Math.floor(index / ny) % nx;
    voxels[k] = x + nx * (y + ny * Math.floor(index / (nx * ny)));
  }
  voxels.sort();
  for (let k = 1; k < voxels.length; k++) {
    if (voxels[k] === voxels[k - 1]) throw new InputError(list.place, 'a voxel is listed twice');
  }
  return voxels;
}
