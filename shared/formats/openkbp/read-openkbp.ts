/**
 * Reads one patient folder of OpenKBP (Babier et al., Med Phys 48:5549, 2021): CT, structure masks
 * and the dose of a 9-beam 6 MV plan, each a sparse CSV, plain or gzip.
 *
 * Axes. The files index a 128 x 128 x 128 array in C order whose axis 0 runs to posterior, axis 1
 * to the patient's left and axis 2 to inferior (seen in the patients: the parotids lie apart along
 * axis 1, the cord follows the brainstem along axis 2, jaws lie at low axis 0). Here x = axis 1,
 * y = axis 0, z = 127 - axis 2. Number k of `voxel_dimensions` is the spacing of axis k: the third,
 * 2 or 3 mm, is that of the slices (a brainstem of 7 x 7 x 20 voxels is then 33 x 33 x 60 mm); the
 * first two are equal in every patient seen. The files have no origin: the grid's centre is at 0.
 */
import { basename, join } from 'node:path';
import { type Grid, voxelCount } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import {
  type Case,
  type HuTable,
  matradDefaultHuTable,
  type Structure,
} from '@isola/planning/case';
import { checkedGrid, disk, type FileSource, plainOrUnpacked } from '../files/index.js';
import { externalContour, fillHoles } from './external-contour.js';
import { parseNumbers, parseSparseCsv, type SparseRows } from './sparse-csv.js';

const EDGE = 128;
const VOXELS = EDGE ** 3;
/** The range to which the makers of the set advise to clip CT numbers. */
const MAX_CT_NUMBER = 4095;
const MAX_DOSE_GY = 1000;
const NOT_STRUCTURES = new Set(['ct', 'dose', 'voxel_dimensions', 'possible_dose_mask']);

export interface OpenKbpOptions {
  /**
   * CT number of 0 HU. The set mixes scanners and states none; 1000 is the default because with it
   * muscle and brain lie at 30 to 45 HU in the patients looked at; with 1024, at 5 to 20.
   */
  readonly ctOffset?: number;
  readonly huTable?: HuTable;
  readonly files?: FileSource;
}

/** What a file holds, and the path that names it in errors. */
interface CsvFile {
  readonly path: string;
  readonly bytes: () => Uint8Array;
}

/**
 * Reads a patient. Structures are those of the folder, by name (`PTV*` targets, others organs),
 * then `External`, the outline made by `externalContour` together with all structure voxels.
 */
export function readOpenKbp(
  folder: string,
  { ctOffset = 1000, huTable = matradDefaultHuTable, files = disk }: OpenKbpOptions = {},
): Case {
  if (!(ctOffset >= 0 && ctOffset <= MAX_CT_NUMBER)) {
    throw new InputError('ctOffset', `${ctOffset}; 0 to ${MAX_CT_NUMBER}`);
  }
  const tables = csvFiles(folder, files);
  const grid = readGrid(needed(tables, 'voxel_dimensions', folder));
  const hu = readHu(needed(tables, 'ct', folder), ctOffset);
  const structures = [...tables]
    .filter(([name]) => !NOT_STRUCTURES.has(name))
    .map(([name, table]) => readStructure(name, table));
  const dose = tables.get('dose');
  return {
    name: `openkbp ${basename(folder)}`,
    grid,
    hu,
    huTable,
    structures: [...structures, external(hu, structures, grid)],
    ...(dose === undefined ? {} : { referenceDoseGy: readDose(dose) }),
  };
}

/** Each `NAME.csv` or `NAME.csv.gz` of the folder, by name. */
function csvFiles(folder: string, files: FileSource): Map<string, CsvFile> {
  const tables = new Map<string, CsvFile>();
  for (const entry of files.list(folder)) {
    const name = /^(.+)\.csv(\.gz)?$/.exec(entry)?.[1];
    if (name === undefined) continue;
    if (tables.has(name)) throw new InputError(folder, `holds both ${name}.csv and ${name}.csv.gz`);
    const path = join(folder, entry);
    tables.set(name, { path, bytes: () => plainOrUnpacked(files.bytes(path), path) });
  }
  return tables;
}

function needed(tables: Map<string, CsvFile>, name: string, folder: string): CsvFile {
  const table = tables.get(name);
  if (table === undefined) {
    throw new InputError(
      folder,
      `has no ${name}.csv or ${name}.csv.gz; an OpenKBP patient needs it`,
    );
  }
  return table;
}

function readGrid({ path, bytes }: CsvFile): Grid {
  const dimensions = parseNumbers(bytes(), path);
  if (dimensions.length !== 3) {
    throw new InputError(path, `holds ${dimensions.length} numbers; 3 voxel dimensions are needed`);
  }
  const spacingMm = [dimensions[1], dimensions[0], dimensions[2]];
  const originMm = spacingMm.map((spacing) => (-spacing * (EDGE - 1)) / 2);
  return checkedGrid([EDGE, EDGE, EDGE], spacingMm, originMm, path);
}

/** C-order index of the files -> index of the case's grid. */
function gridIndex(fileIndex: number): number {
  const inferior = fileIndex % EDGE;
  return Math.floor(fileIndex / EDGE) + EDGE * EDGE * (EDGE - 1 - inferior);
}

function readRows({ path, bytes }: CsvFile): SparseRows {
  return parseSparseCsv(bytes(), path, VOXELS);
}

function readHu(table: CsvFile, ctOffset: number): Int16Array {
  const { path } = table;
  const hu = new Int16Array(VOXELS).fill(Math.round(-ctOffset));
  const { indices, values } = readRows(table);
  for (let k = 0; k < indices.length; k++) {
    if (Number.isNaN(values[k])) {
      throw new InputError(path, `voxel index ${indices[k]} has no value; a CT number is needed`);
    }
    const number = Math.min(Math.max(values[k], 0), MAX_CT_NUMBER);
    hu[gridIndex(indices[k])] = Math.round(number - ctOffset);
  }
  return hu;
}

function readDose(table: CsvFile): Float32Array {
  const { path } = table;
  const doseGy = new Float32Array(VOXELS);
  const { indices, values } = readRows(table);
  for (let k = 0; k < indices.length; k++) {
    if (!(values[k] >= 0 && values[k] <= MAX_DOSE_GY)) {
      throw new InputError(
        path,
        `voxel index ${indices[k]} has the dose ${values[k]} Gy; 0 to ${MAX_DOSE_GY}`,
      );
    }
    doseGy[gridIndex(indices[k])] = values[k];
  }
  return doseGy;
}

function readStructure(name: string, table: CsvFile): Structure {
  const { path } = table;
  const { indices, values } = readRows(table);
  if (indices.length === 0) throw new InputError(path, 'holds no voxel; a structure needs one');
  for (let k = 0; k < indices.length; k++) {
    if (!Number.isNaN(values[k]) && values[k] !== 1) {
      throw new InputError(path, `voxel index ${indices[k]} of a mask is ${values[k]}; blank or 1`);
    }
  }
  const kind = /^PTV/i.test(name) ? 'target' : 'organ';
  return { name, kind, voxels: indices.map(gridIndex).sort() };
}

function external(hu: Int16Array, structures: readonly Structure[], grid: Grid): Structure {
  const inside = externalContour(hu, grid.size);
  for (const { voxels } of structures) for (const v of voxels) inside[v] = 1;
  fillHoles(inside, grid.size);
  return { name: 'External', kind: 'external', voxels: markedVoxels(inside, voxelCount(grid)) };
}

function markedVoxels(mask: Uint8Array, length: number): Uint32Array {
  let count = 0;
  for (let v = 0; v < length; v++) count += mask[v];
  const voxels = new Uint32Array(count);
  for (let v = 0, k = 0; v < length; v++) if (mask[v] !== 0) voxels[k++] = v;
  return voxels;
}
