/**
 * Reads a folder with a reference case: `meta.json`, `beams.json` and files of raw numbers,
 * little-endian. Needed are those two, the CT and the structures; everything else may be absent.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Vec3, voxelCount } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { matradDefaultHuTable } from '@isola/planning/case';
import type { Machine } from '@isola/planning/machines';
import {
  checkedGrid,
  readFileBytes,
  readFloat32,
  readFloat64,
  readInt16,
  readInt32,
  readJson,
} from '../files/index.js';
import { matradStructureKind, readMatradBasedata } from '../matlab/index.js';
import type {
  BestKnown,
  BixelSample,
  CroppedGrid,
  GradientCheck,
  MatradReference,
  ReferenceBeam,
  ReferenceEngine,
  ReferenceMatrix,
  ReferenceOptimization,
  ReferenceStructure,
} from './reference.js';
import { matradObjective } from './reference-objectives.js';
import {
  beamsSchema,
  bestKnownSchema,
  bixelsSchema,
  type GridEntry,
  type Meta,
  metaSchema,
  type StructureEntry,
} from './reference-schema.js';

/** Reads the case in `folder`. The densities that the run used are in `density`. */
export function readReference(folder: string): MatradReference {
  const metaFile = join(folder, 'meta.json');
  const meta = readJson(metaFile, metaSchema);
  const ctGrid = croppedGrid(meta.ct, `${metaFile}: ct`);
  const doseGrid = croppedGrid(meta.doseGrid, `${metaFile}: doseGrid`);
  const ctVoxels = voxelCount(ctGrid.grid);
  const doseVoxels = voxelCount(doseGrid.grid);
  const beams = readBeams(folder, doseVoxels);
  const columns = beams.reduce((sum, { raysXMm }) => sum + raysXMm.length, 0);
  const optional = optionalReader(folder);
  return {
    case: {
      name: `matrad ${meta.case}`,
      grid: ctGrid.grid,
      hu: readInt16(join(folder, meta.ct.file_hu), ctVoxels),
      huTable: matradDefaultHuTable,
      structures: meta.structures.map(({ name, type, file_ct, nCt }) => ({
        name,
        kind: matradStructureKind(name, type),
        voxels: readVoxels(folder, file_ct, nCt, ctVoxels),
      })),
    },
    density: optional.float32(meta.ct.file_red, ctVoxels),
    ctGrid,
    doseGrid,
    structures: meta.structures.map((entry) =>
      readStructure(folder, entry, doseVoxels, meta.numOfFractions),
    ),
    fractions: meta.numOfFractions,
    bixelMm: meta.bixelWidth_mm,
    sadMm: meta.machine.SAD,
    engine: engineOf(meta),
    beams,
    columns,
    dijNonzeros: meta.dij.nnz,
    dij: readMatrix(folder, meta, columns, doseVoxels),
    doseW1Gy: meta.dose_w1 ? optional.float32(meta.dose_w1.file, doseVoxels) : null,
    bixelSamples: readBixels(folder, columns, doseVoxels),
    optimizations: meta.optimization.map((entry): ReferenceOptimization => {
      const { variant, mode, status, iterations, objective, objectiveAtStart } = entry;
      return {
        variant,
        mode,
        status,
        iterations,
        objective,
        objectiveAtStart,
        weightsFile: join(folder, entry.file_w),
        weights: optional.float64(entry.file_w, columns),
        doseGy: optional.float32(entry.file_dose, doseVoxels),
      };
    }),
    constraints: meta.constraintDefinitions.map((entry) => ({
      structure: entry.structure,
      className: entry.class,
      maxTotalGy: entry.max_total_Gy,
    })),
    gradientChecks: readGradientChecks(folder, meta, columns),
    bestKnown: readBestKnown(folder, columns),
  };
}

/** The machine of a reference folder: of `folder/basedata`, else of `folder/../basedata`. */
export function readReferenceMachine(folder: string, gyPerMu?: number): Machine {
  const own = join(folder, 'basedata');
  return readMatradBasedata(existsSync(own) ? own : join(folder, '..', 'basedata'), gyPerMu);
}

/** Readers that give null where the file is absent. */
function optionalReader(folder: string) {
  const when =
    <T>(read: (path: string, count: number) => T) =>
    (name: string, count: number): T | null => {
      const path = join(folder, name);
      return existsSync(path) ? read(path, count) : null;
    };
  return { float32: when(readFloat32), float64: when(readFloat64) };
}

function croppedGrid(entry: GridEntry, place: string): CroppedGrid {
  const grid = checkedGrid(entry.dims_xyz, entry.spacing_mm, entry.origin_mm, place);
  const full = checkedGrid(entry.fullDims_xyz, entry.spacing_mm, entry.fullOrigin_mm, place);
  const [x, y, z] = entry.cropOffset_xyz;
  const cropOffset: Vec3 = [x, y, z];
  for (let axis = 0; axis < 3; axis++) {
    const offset = cropOffset[axis];
    const originMm = full.originMm[axis] + offset * full.spacingMm[axis];
    const fits = offset >= 0 && offset + grid.size[axis] <= full.size[axis];
    if (!fits || Math.abs(originMm - grid.originMm[axis]) > 1e-6 * grid.spacingMm[axis]) {
      const problem = `offset ${offset} on axis ${axis} does not fit sizes and origins`;
      throw new InputError(`${place}.cropOffset_xyz`, problem);
    }
  }
  return { grid, full, cropOffset };
}

/** A file of voxel indices, ascending, each below `limit`. */
function readVoxels(folder: string, name: string, count: number, limit: number): Uint32Array {
  const path = join(folder, name);
  const voxels = checkedIndices(readInt32(path, count), limit, path).sort();
  for (let k = 1; k < voxels.length; k++) {
    if (voxels[k] === voxels[k - 1]) throw new InputError(path, `voxel ${voxels[k]} twice`);
  }
  return voxels;
}

function checkedIndices(indices: Int32Array, limit: number, path: string): Uint32Array {
  for (let k = 0; k < indices.length; k++) {
    if (indices[k] < 0 || indices[k] >= limit) {
      throw new InputError(`${path} number ${k}`, `index ${indices[k]}; 0 to ${limit - 1}`);
    }
  }
  return Uint32Array.from(indices);
}

function readStructure(
  folder: string,
  entry: StructureEntry,
  doseVoxels: number,
  fractions: number,
): ReferenceStructure {
  const { name, type, priority, nDoseGrid, nDoseGrid_opt: nObjective } = entry;
  return {
    name,
    kind: matradStructureKind(name, type),
    priority,
    doseVoxels: readVoxels(folder, entry.file_doseGrid, nDoseGrid, doseVoxels),
    objectiveVoxels: readVoxels(folder, entry.file_doseGrid_opt, nObjective, doseVoxels),
    objectives: entry.objectives.map(
      ({ class: className, parameters_total: parametersTotal, penalty }) => ({
        spec: matradObjective(className, parametersTotal, fractions),
        penalty,
        className,
        parametersTotal,
      }),
    ),
  };
}

function readBeams(folder: string, doseVoxels: number): ReferenceBeam[] {
  const file = join(folder, 'beams.json');
  const { beams } = readJson(file, beamsSchema);
  const { float32 } = optionalReader(folder);
  let columns = 0;
  return beams.map((beam, b) => {
    const raysXMm = Float64Array.from(beam.rays_bev_x_mm);
    const raysZMm = Float64Array.from(beam.rays_bev_z_mm);
    const ssdMm = Float64Array.from(beam.ssd_mm, (ssd) => ssd ?? Number.NaN);
    const lengths = [raysXMm.length, raysZMm.length, ssdMm.length];
    if (lengths[0] !== lengths[1] || lengths[0] !== lengths[2] || lengths[0] === 0) {
      throw new InputError(`${file}: beams.${b}`, `ray lists of ${lengths}; equal lengths above 0`);
    }
    if (beam.firstColumn !== columns) {
      throw new InputError(`${file}: beams.${b}.firstColumn`, `${beam.firstColumn}; ${columns}`);
    }
    columns += raysXMm.length;
    const [x, y, z] = beam.isocenter_mm;
    return {
      gantryDeg: beam.gantry_deg,
      couchDeg: beam.couch_deg,
      isocenterMm: [x, y, z],
      raysXMm,
      raysZMm,
      ssdMm,
      kernelSsdMm: beam.kernelSSD_mm,
      firstColumn: beam.firstColumn,
      radiologicalDepthMm: float32(`raddepth_beam${b}.f32.bin`, doseVoxels),
    };
  });
}

function engineOf({ doseCalc }: Meta): ReferenceEngine {
  return {
    geometricLateralCutOffMm: doseCalc.geometricLateralCutOff_mm,
    kernelCutOffMm: doseCalc.kernelCutOff_mm,
    effectiveLateralCutOffMm: doseCalc.effectiveLateralCutOff_mm,
    convolutionStepMm: doseCalc.intConvResolution_mm,
    penumbraFwhmMm: doseCalc.penumbraFWHM_mm,
    ssdDensityThreshold: doseCalc.ssdDensityThreshold,
    useCustomPrimaryFluence: doseCalc.useCustomPrimaryPhotonFluence,
    ignoreOutsideDensities: doseCalc.ignoreOutsideDensities,
    sampling: doseCalc.enableDijSampling,
  };
}

function readMatrix(
  folder: string,
  { dij }: Meta,
  columns: number,
  doseVoxels: number,
): ReferenceMatrix | null {
  const startsFile = join(folder, 'dij.colptr.i32.bin');
  const rowsFile = join(folder, 'dij.rowidx.i32.bin');
  const valuesFile = join(folder, 'dij.val.f32.bin');
  if (![startsFile, rowsFile, valuesFile].every((path) => existsSync(path))) return null;
  const columnStarts = Uint32Array.from(readInt32(startsFile, columns + 1));
  const ascending = columnStarts.every((start, j) => j === 0 || start >= columnStarts[j - 1]);
  if (!ascending || columnStarts[0] !== 0 || columnStarts[columns] !== dij.nnz) {
    throw new InputError(startsFile, `column starts do not ascend from 0 to ${dij.nnz}`);
  }
  const rows = checkedIndices(readInt32(rowsFile, dij.nnz), doseVoxels, rowsFile);
  return { columnStarts, rows, values: readFloat32(valuesFile, dij.nnz) };
}

function readBixels(folder: string, columns: number, doseVoxels: number): BixelSample[] {
  const file = join(folder, 'bixels.json');
  const indexFile = join(folder, 'bixels.idx.i32.bin');
  const valueFile = join(folder, 'bixels.val.f32.bin');
  if (![file, indexFile, valueFile].every((path) => existsSync(path))) return [];
  const total = Math.floor(readFileBytes(indexFile).length / 4);
  const voxels = checkedIndices(readInt32(indexFile, total), doseVoxels, indexFile);
  const doseGy = readFloat32(valueFile, total);
  return readJson(file, bixelsSchema).bixels.map(({ beam, ray, column, offset, count }, k) => {
    const end = offset + count;
    if (column >= columns || end > total) {
      const problem = `column ${column} with numbers up to ${end}; below ${columns}, to ${total}`;
      throw new InputError(`${file}: bixels.${k}`, problem);
    }
    const part = { voxels: voxels.subarray(offset, end), doseGy: doseGy.subarray(offset, end) };
    return { column, beam, ray, ...part };
  });
}

/** Weights at which objective and gradient were taken, by the words of the file. */
const checkWeights: Readonly<Record<string, (column: number) => number>> = {
  ones: () => 1,
  '(1+mod(column,7))/4': (column) => (1 + (column % 7)) / 4,
};

function readGradientChecks(folder: string, meta: Meta, columns: number): GradientCheck[] {
  const points = new Map<string, number>();
  const { float64 } = optionalReader(folder);
  return meta.objectiveChecks.map(({ variant, w, f, gradNorm2 }, k) => {
    const point = points.get(variant) ?? 0;
    points.set(variant, point + 1);
    if (!Object.hasOwn(checkWeights, w)) {
      const known = Object.keys(checkWeights).join(', ');
      throw new InputError(
        `${join(folder, 'meta.json')}: objectiveChecks.${k}.w`,
        `${w}; ${known}`,
      );
    }
    return {
      variant,
      weights: Float64Array.from({ length: columns }, (_, column) => checkWeights[w](column)),
      objective: f,
      gradientNorm: gradNorm2,
      gradient: float64(`grad_${variant}_pt${point}.f64.bin`, columns),
    };
  });
}

function readBestKnown(folder: string, columns: number): BestKnown | null {
  const file = join(folder, 'best_known_lbfgsb.json');
  if (!existsSync(file)) return null;
  const { f: objective, iterations } = readJson(file, bestKnownSchema);
  const weights = optionalReader(folder).float64('w_best_known_lbfgsb.f64.bin', columns);
  return { objective, iterations, weights };
}
