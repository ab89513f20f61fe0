/**
 * The pencil-beam engine: SVD decomposition of Bortfeld, Schlegel & Rhein, Med Phys 20:311 (1993),
 * with exact radiological depths (Siddon 1985). `prepareDose` computes what belongs to beams and
 * voxels; `doseInfluence` builds the matrix of beamlet doses for repeated products, `forwardDose`
 * gives the dose of weighted beamlets without one. Work is split into tasks that do not depend on
 * the number of threads.
 */
import {
  type Arena,
  allocate,
  type BlockPlace,
  createArena,
  type Executor,
  type SparseMatrix,
  sparseMatrix,
} from '@isola/kernels/backends';
import type { Vec3 } from '@isola/kernels/grid';
import { LANES, ROW_PADDING } from '@isola/kernels/sparse';
import { InputError } from '@isola/optimizers/problem';
import { type Beam, beamAxes, sourcePosition } from '../beams/index.js';
import { type Case, densityOf, unionOfStructures } from '../case/index.js';
import type { Machine } from '../machines/index.js';
import { axisFrame, beamletFrames, FORM_NUMBERS } from './beam-frames.js';
import type { RayMatrix } from './matrad-depth.js';
import { distanceToSurfaceMm } from './radiological-depth.js';
import type {
  BlockTask,
  BuiltBlock,
  ColumnSource,
  DepthTask,
  DoseTask,
  FluenceTask,
  TablePlace,
  TableTask,
} from './thread.js';
import type { DoseVoxels } from './voxels.js';

/** matRad's behaviour where it differs from ours, for comparisons with its results only. */
export interface MatradCompatibility {
  readonly uncroppedSize: Vec3;
  readonly cropOffset: Vec3;
}

export interface DoseSpec {
  readonly patient: Case;
  readonly machine: Machine;
  readonly beams: readonly Beam[];
  readonly voxels: DoseVoxels;
  /** Lateral cutoff in the isocentre plane, from a beamlet's edge; matRad's default is 50 mm. */
  readonly lateralCutoffMm: number;
  /**
   * Reproduces matRad's results instead of ours (its own-ray lateral coordinates, half-pixel kernel
   * shift, ray-matrix depths with the untraced shell); null: ours.
   */
  readonly matrad: MatradCompatibility | null;
}

/** Done and total pieces of a phase. */
export type DoseProgress = (done: number, total: number) => void;

/** What is computed once for voxels and beams; both kinds of dose start from it. */
export interface PreparedDose {
  readonly spec: DoseSpec;
  readonly arena: Arena;
  /** One a beam. */
  readonly sources: readonly ColumnSource[];
  /** Frames of all beamlets, one array a beam. */
  readonly frames: readonly Float64Array[];
  /** Source-surface distance on the beam's central ray. */
  readonly ssdMm: readonly number[];
  /** Where forward dose is summed, `LANES` vectors over the rows; nothing in an arena is freed. */
  readonly lanes: number;
  /** Room for the lateral tables of whole beams, for `forwardDose`. */
  readonly beamTables: readonly TablePlace[];
}

const thread = new URL('./thread.js', import.meta.url).href;
const ROWS_A_TASK = 16384;
const COLUMNS_A_BLOCK = 128;
/** Density at which a ray has reached the patient's surface, as matRad's. */
const SURFACE_DENSITY = 0.05;
/** Distance of a beamlet's corner from its centre, in beamlet widths. */
const CORNER = 1 / Math.sqrt(2);

/** Depth factors and lateral tables of every beam. */
export async function prepareDose(
  spec: DoseSpec,
  executor: Executor,
  onProgress: DoseProgress = () => {},
): Promise<PreparedDose> {
  const { patient, machine, voxels } = spec;
  const arena = createArena();
  const density = densityInside(patient);
  const rows = placeRows(arena, voxels);
  const densityAt = place(arena, density);
  const cutoffMm = (beam: Beam) => spec.lateralCutoffMm + CORNER * beam.beamletMm;
  const ssdMm = spec.beams.map((beam) => surfaceDistance(patient, density, beam, machine.sadMm));
  const depthTasks = (beam: Beam, coefficients: number): DepthTask[] => {
    const { sadMm, attenuationPerMm, betasPerMm } = machine;
    const axes = beamAxes({ ...beam, collimatorDeg: 0 });
    const source = sourcePosition(beam.isocenterMm, axes, sadMm);
    const rayMatrix: RayMatrix | null = spec.matrad && {
      ...{ axes, sadMm, cutoffMm: cutoffMm(beam), xMm: beam.xMm, zMm: beam.zMm },
      ...{ inside: unionOfStructures(patient.structures), ...spec.matrad },
    };
    const size = rayMatrix === null ? ROWS_A_TASK : rows.rows;
    return ranges(rows.rows, size).map(([from, to]) => ({
      ...{ arena, ct: patient.grid, density: densityAt, grid: voxels.grid, voxels: rows.voxels },
      ...{ from, to, source, sadMm, coefficients, rayMatrix },
      depthFunctions: { attenuationPerMm, betasPerMm },
    }));
  };
  const coefficients = spec.beams.map(() => allocate(arena, 16 * (rows.rows + ROW_PADDING)));
  const depths = spec.beams.flatMap((beam, b) => depthTasks(beam, coefficients[b]));
  let done = 0;
  const counted = async <T>(task: Promise<T>) => {
    const result = await task;
    onProgress(++done, depths.length + spec.beams.length);
    return result;
  };
  const tables = spec.beams.map((beam, b) => {
    const task: TableTask = {
      arena,
      kernels: machine.kernels(ssdMm[b]),
      beamletMm: beam.beamletMm,
      penumbraFwhmMm: machine.penumbraFwhmMm,
      reachMm: cutoffMm(beam),
      shiftedOpening: spec.matrad !== null,
    };
    return counted(executor.run<TablePlace>(thread, 'placeTable', task));
  });
  await Promise.all(
    depths.map((task) => counted(executor.run<void>(thread, 'placeCoefficients', task))),
  );
  const places = await Promise.all(tables);
  return {
    spec,
    arena,
    ssdMm,
    lanes: allocate(arena, LANES * laneBytes(rows.rows)),
    beamTables: places.map(({ stepMm }, b) =>
      reserveBeamTable(arena, stepMm, beamReachMm(spec.beams[b], cutoffMm(spec.beams[b]))),
    ),
    frames: spec.beams.map((beam) =>
      beamletFrames(beam, machine.sadMm, voxels.grid, spec.matrad !== null),
    ),
    sources: places.map((table, b) => ({
      ...{ arena, rows: rows.rows, nx: voxels.grid.size[0], lines: rows.lines },
      ...{ lineCount: rows.lineCount, prefix: rows.prefix, xIndex: rows.xIndex },
      ...{ coefficients: coefficients[b], table, sadMm: machine.sadMm },
      cutoffMm: cutoffMm(spec.beams[b]),
    })),
  };
}

/** The same beams for fewer voxels: `voxels` of the same grid, ascending, all prepared already. */
export function restrictDose(prepared: PreparedDose, voxels: Uint32Array): PreparedDose {
  const { arena, spec } = prepared;
  const rows = placeRows(arena, { grid: spec.voxels.grid, voxels });
  const picked = rowsOf(spec.voxels.voxels, voxels);
  const sources = prepared.sources.map((source) => {
    const coefficients = allocate(arena, 16 * (voxels.length + ROW_PADDING));
    const { buffer } = arena.memory;
    const from = new Float64Array(buffer, source.coefficients, 2 * source.rows);
    const to = new Float64Array(buffer, coefficients, 2 * voxels.length);
    picked.forEach((row, r) => {
      to[2 * r] = from[2 * row];
      to[2 * r + 1] = from[2 * row + 1];
    });
    const { lines, lineCount, prefix, xIndex } = rows;
    return { ...source, rows: voxels.length, lines, lineCount, prefix, xIndex, coefficients };
  });
  return { ...prepared, sources, spec: { ...spec, voxels: { grid: spec.voxels.grid, voxels } } };
}

/** Where each of `some` stands in `all`; both ascend. */
function rowsOf(all: Uint32Array, some: Uint32Array): Uint32Array {
  let row = 0;
  return some.map((voxel) => {
    while (all[row] < voxel) row++;
    if (all[row] !== voxel) throw new Error(`voxel ${voxel} was not prepared`);
    return row;
  });
}

/**
 * The dose influence: Gy per fraction for unit weight, rows as `spec.voxels`, columns beam by beam
 * in the order of the beamlets.
 */
export async function doseInfluence(
  prepared: PreparedDose,
  executor: Executor,
  onProgress: DoseProgress = () => {},
): Promise<SparseMatrix> {
  const tasks = prepared.sources.flatMap((source, b) =>
    columnRanges(prepared.frames[b]).map((frames): BlockTask => ({ ...source, frames })),
  );
  let done = 0;
  const built = await Promise.all(
    tasks.map(async (task) => {
      const blocks = await executor.run<BuiltBlock[]>(thread, 'buildBlocks', task);
      onProgress(++done, tasks.length);
      return blocks;
    }),
  );
  let firstColumn = 0;
  const places = built.flat().map((block): BlockPlace => {
    const at = firstColumn;
    firstColumn += block.columns;
    return { ...block, firstColumn: at };
  });
  return sparseMatrix(prepared.arena, prepared.spec.voxels.voxels.length, places, executor);
}

/**
 * Dose of weighted beamlets, Gy per fraction, rows as `spec.voxels`, without any matrix: a beam's
 * fluence is convolved once, then every voxel looks its dose up. Agrees with the dose influence
 * but for the matrix's 16-bit rounding and the pixels on the rim of the lateral cutoff. Only for
 * our own lateral coordinates, in which dose is a convolution. One at a time for each prepared
 * dose.
 */
export async function forwardDose(
  prepared: PreparedDose,
  weights: Float64Array,
  executor: Executor,
  onProgress: DoseProgress = () => {},
): Promise<Float32Array> {
  const { arena, spec, sources, lanes: parts } = prepared;
  if (spec.matrad !== null) throw new Error('matRad compatibility has no forward dose');
  const rows = spec.voxels.voxels.length;
  const stride = laneBytes(rows);
  new Uint8Array(arena.memory.buffer, parts, LANES * stride).fill(0);
  const ofBeams = weightsOfBeams(spec.beams, weights);
  let done = 0;
  const addBeam = async (b: number, out: number) => {
    const beam = spec.beams[b];
    const { table, cutoffMm } = sources[b];
    const beamTable = prepared.beamTables[b];
    const fluence: FluenceTask = {
      ...{ arena, table, beamTable, cutoffMm, weights: ofBeams[b], xMm: beam.xMm, zMm: beam.zMm },
    };
    await executor.run<void>(thread, 'fillBeamTable', fluence);
    const frame = axisFrame(beam, spec.machine.sadMm, spec.voxels.grid);
    const reachMm = beamReachMm(beam, cutoffMm);
    const dose: DoseTask = { ...sources[b], table: beamTable, cutoffMm: reachMm, frame, out };
    await executor.run<void>(thread, 'addDose', dose);
    onProgress(++done, sources.length);
  };
  const lane = async (index: number) => {
    for (let b = index; b < sources.length; b += LANES) await addBeam(b, parts + index * stride);
  };
  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)));
  return sumLanes(arena, parts, stride, rows);
}

function weightsOfBeams(beams: readonly Beam[], weights: Float64Array): Float64Array[] {
  let first = 0;
  return beams.map(({ xMm }) => {
    const own = weights.slice(first, first + xMm.length);
    first += own.length;
    return own;
  });
}

/** How far from its axis a beam gives dose, in the isocentre plane. */
function beamReachMm({ xMm, zMm }: Beam, cutoffMm: number): number {
  let squared = 0;
  for (let j = 0; j < xMm.length; j++) {
    squared = Math.max(squared, xMm[j] * xMm[j] + zMm[j] * zMm[j]);
  }
  return Math.sqrt(squared) + cutoffMm;
}

function reserveBeamTable(arena: Arena, stepMm: number, reachMm: number): TablePlace {
  const n = 2 * (Math.ceil(reachMm / stepMm) + 2) + 1;
  return { offset: allocate(arena, 16 * n * n), n, stepMm };
}

function laneBytes(rows: number): number {
  return 16 * Math.ceil((rows + ROW_PADDING) / 4);
}

function sumLanes(arena: Arena, parts: number, stride: number, rows: number): Float32Array {
  const lanes = Array.from(
    { length: LANES },
    (_, lane) => new Float32Array(arena.memory.buffer, parts + lane * stride, rows),
  );
  return Float32Array.from({ length: rows }, (_, r) => {
    let sum = 0;
    for (const lane of lanes) sum += lane[r];
    return sum;
  });
}

function columnRanges(frames: Float64Array): Float64Array[] {
  const step = COLUMNS_A_BLOCK * FORM_NUMBERS;
  return ranges(frames.length, step).map(([from, to]) => frames.slice(from, to));
}

function ranges(total: number, size: number): [number, number][] {
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => [
    i * size,
    Math.min((i + 1) * size, total),
  ]);
}

/** Density of the CT, 0 outside every structure: couch and mask are not the patient. */
function densityInside(patient: Case): Float32Array {
  const all = densityOf(patient);
  const density = new Float32Array(all.length);
  for (const v of unionOfStructures(patient.structures)) density[v] = all[v];
  return density;
}

function place(arena: Arena, values: Float32Array | Uint32Array): number {
  const offset = allocate(arena, values.byteLength);
  new Uint8Array(arena.memory.buffer, offset, values.byteLength).set(
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  return offset;
}

/** Puts the rows' geometry into the arena, in the layouts of kernels/sparse/projected-columns. */
function placeRows(arena: Arena, { grid, voxels }: DoseVoxels) {
  const [nx, ny, nz] = grid.size;
  const prefix = new Uint32Array(nx * ny * nz + 1);
  for (const v of voxels) prefix[v + 1] = 1;
  for (let v = 0; v < nx * ny * nz; v++) prefix[v + 1] += prefix[v];
  const lines: number[] = [];
  for (let line = 0; line < ny * nz; line++) {
    if (prefix[(line + 1) * nx] === prefix[line * nx]) continue;
    lines.push((line % ny) | (Math.floor(line / ny) << 16), line * nx);
  }
  const xIndex = new Float32Array(voxels.length + ROW_PADDING);
  voxels.forEach((v, row) => {
    xIndex[row] = v % nx;
  });
  return {
    rows: voxels.length,
    voxels: place(arena, voxels),
    prefix: place(arena, prefix),
    lines: place(arena, Uint32Array.from(lines)),
    lineCount: lines.length / 2,
    xIndex: place(arena, xIndex),
  };
}

/** Distance from the source to the surface along the beamlet nearest to the axis. */
function surfaceDistance(patient: Case, density: Float32Array, beam: Beam, sadMm: number): number {
  let central = 0;
  const offAxis = (j: number) => beam.xMm[j] * beam.xMm[j] + beam.zMm[j] * beam.zMm[j];
  for (let j = 1; j < beam.xMm.length; j++) if (offAxis(j) < offAxis(central)) central = j;
  const { x, y, z } = beamAxes(beam);
  const source = sourcePosition(beam.isocenterMm, { x, y, z }, sadMm);
  const behind = (axis: 0 | 1 | 2) =>
    source[axis] +
    2 * (beam.xMm[central] * x[axis] + sadMm * y[axis] + beam.zMm[central] * z[axis]);
  const end: Vec3 = [behind(0), behind(1), behind(2)];
  const ssdMm = distanceToSurfaceMm(patient.grid, density, source, end, SURFACE_DENSITY);
  if (ssdMm !== null) return ssdMm;
  const { gantryDeg, couchDeg } = beam;
  throw new InputError('beams', `gantry ${gantryDeg}, couch ${couchDeg} does not hit the patient`);
}
