/**
 * What threads do for the pencil-beam engine: depth factors of some rows, columns of some beamlets,
 * and dose of some beamlets. Inputs and results lie in the arena; tasks carry offsets.
 */
import { type Arena, allocate, kernelsOn } from '@isola/kernels/backends';
import type { Grid, Vec3 } from '@isola/kernels/grid';
import { blockBytes, runWords, sealBlock, writeHeader, writeRun } from '@isola/kernels/sparse';
import type { Machine } from '../machines/index.js';
import { FORM_NUMBERS } from './beam-frames.js';
import { depthFactors } from './depth-functions.js';
import { lateralTable, TABLE_COMPONENTS, type TableSpec } from './lateral-tables.js';
import { matradDepths, type RayMatrix } from './matrad-depth.js';
import { voxelCentreMm } from './radiological-depth.js';
import { rowConvolution } from './row-convolution.js';

/** Depth functions of a machine as data: what a thread needs of it. */
export type DepthFunctions = Pick<Machine, 'attenuationPerMm' | 'betasPerMm'>;

export interface TableTask extends TableSpec {
  readonly arena: Arena;
}

/** Where a lateral table lies. */
export interface TablePlace {
  readonly offset: number;
  readonly n: number;
  readonly stepMm: number;
}

/** Puts a beam's lateral table into the arena. */
export function placeTable(task: TableTask): TablePlace {
  const { n, stepMm, values } = lateralTable(task, rowConvolution(task.arena));
  const offset = allocate(task.arena, values.byteLength);
  new Float32Array(task.arena.memory.buffer, offset, values.length).set(values);
  return { offset, n, stepMm };
}

export interface DepthTask {
  readonly arena: Arena;
  readonly ct: Grid;
  /** float32, one a CT voxel. */
  readonly density: number;
  readonly grid: Grid;
  /** uint32 grid indices of all rows. */
  readonly voxels: number;
  readonly from: number;
  readonly to: number;
  readonly source: Vec3;
  readonly sadMm: number;
  readonly depthFunctions: DepthFunctions;
  /** float32[4 * rows], written for rows from..to. */
  readonly coefficients: number;
  /** Set for matRad's way of tracing. */
  readonly rayMatrix: RayMatrix | null;
}

/** Depth factors times inverse square of rows from..to; 0 where matRad traces no depth. */
export function placeCoefficients(task: DepthTask): void {
  const { buffer } = task.arena.memory;
  const { grid, source, sadMm, from, to } = task;
  const voxels = new Uint32Array(buffer, task.voxels + 4 * from, to - from);
  const depths =
    task.rayMatrix === null
      ? exactDepths(task, voxels)
      : matradDepthsOf(task, task.rayMatrix, voxels);
  const out = new Float32Array(
    buffer,
    task.coefficients + 4 * TABLE_COMPONENTS * from,
    TABLE_COMPONENTS * voxels.length,
  );
  const centre: [number, number, number] = [0, 0, 0];
  for (let r = 0; r < voxels.length; r++) {
    if (Number.isNaN(depths[r])) continue;
    voxelCentreMm(grid, voxels[r], centre);
    const [dx, dy, dz] = [centre[0] - source[0], centre[1] - source[1], centre[2] - source[2]];
    const inverseSquare = (sadMm * sadMm) / (dx * dx + dy * dy + dz * dz);
    depthFactors(task.depthFunctions, depths[r], inverseSquare, out, TABLE_COMPONENTS * r);
  }
}

/** Exact integrals of density from the source to each voxel's centre (Siddon 1985). */
function exactDepths(task: DepthTask, voxels: Uint32Array): Float32Array {
  const { arena, ct, source } = task;
  const { numbers, ends, depths } = rayScratch(arena, voxels.length);
  const { buffer } = arena.memory;
  new Float64Array(buffer, numbers, 12).set([
    ...ct.size,
    ...ct.spacingMm,
    ...ct.originMm,
    ...source,
  ]);
  const centres = new Float64Array(buffer, ends, 3 * voxels.length);
  const centre: [number, number, number] = [0, 0, 0];
  for (let r = 0; r < voxels.length; r++) {
    voxelCentreMm(task.grid, voxels[r], centre);
    centres.set(centre, 3 * r);
  }
  const kernels = kernelsOn(arena);
  kernels.pathIntegrals(numbers, task.density, numbers + 72, ends, voxels.length, depths);
  return new Float32Array(buffer, depths, voxels.length);
}

interface RayScratch {
  readonly arena: string;
  readonly count: number;
  readonly numbers: number;
  readonly ends: number;
  readonly depths: number;
}

let rays: RayScratch | undefined;

/** This thread's scratch memory for `count` rays in this arena; made anew only to grow. */
function rayScratch(arena: Arena, count: number): RayScratch {
  if (rays === undefined || rays.arena !== arena.id || rays.count < count) {
    rays = {
      arena: arena.id,
      count,
      numbers: allocate(arena, 96),
      ends: allocate(arena, 24 * count),
      depths: allocate(arena, 4 * count),
    };
  }
  return rays;
}

function matradDepthsOf(task: DepthTask, matrix: RayMatrix, voxels: Uint32Array): Float32Array {
  const { ct, grid, source } = task;
  const count = ct.size[0] * ct.size[1] * ct.size[2];
  const density = new Float32Array(task.arena.memory.buffer, task.density, count);
  const depths = new Float32Array(voxels.length);
  matradDepths(ct, density, source, matrix, grid, voxels, depths);
  return depths;
}

/** What columns need besides their frames: the rows' geometry and the beam's data. */
export interface ColumnSource {
  readonly arena: Arena;
  readonly rows: number;
  readonly nx: number;
  readonly lines: number;
  readonly lineCount: number;
  readonly prefix: number;
  readonly xIndex: number;
  readonly coefficients: number;
  readonly table: TablePlace;
  readonly sadMm: number;
  readonly cutoffMm: number;
}

export interface BlockTask extends ColumnSource {
  /** float64[12] a column. */
  readonly frames: Float64Array;
}

export interface BuiltBlock {
  readonly offset: number;
  readonly columns: number;
  readonly nonzeros: number;
  readonly byteLength: number;
}

const RUN_BYTES = 12;
/** Runs that are kept while a block's size is counted; a block ends early where they run out. */
const KEPT_RUNS = 1 << 20;

interface Scratch {
  readonly forms: number;
  readonly runs: number;
  readonly values: number;
}

const scratches = new Map<string, Scratch>();

/** This thread's scratch memory for columns of this arena's rows; made once. */
function scratchFor(source: ColumnSource): Scratch {
  const key = `${source.arena.id} ${source.rows} ${source.lineCount}`;
  let scratch = scratches.get(key);
  if (scratch === undefined) {
    scratches.clear();
    scratch = {
      forms: allocate(source.arena, 8 * FORM_NUMBERS),
      runs: allocate(source.arena, RUN_BYTES * (KEPT_RUNS + source.lineCount)),
      values: allocate(source.arena, 4 * (source.rows + 3 * source.lineCount + 4)),
    };
    scratches.set(key, scratch);
  }
  return scratch;
}

function setForms(source: ColumnSource, scratch: Scratch, frames: Float64Array, j: number): void {
  const forms = new Float64Array(source.arena.memory.buffer, scratch.forms, FORM_NUMBERS);
  forms.set(frames.subarray(FORM_NUMBERS * j, FORM_NUMBERS * (j + 1)));
}

function findRuns(source: ColumnSource, scratch: Scratch, runs: number): number {
  const { lines, lineCount, prefix, nx } = source;
  const slope = source.cutoffMm / source.sadMm;
  const kernels = kernelsOn(source.arena);
  return kernels.findRuns(scratch.forms, slope * slope, lines, lineCount, prefix, nx, runs);
}

function columnValues(source: ColumnSource, scratch: Scratch, runs: number, count: number): number {
  const { table } = source;
  return kernelsOn(source.arena).columnValues(
    scratch.forms,
    runs,
    count,
    source.xIndex,
    source.coefficients,
    table.offset,
    table.n,
    source.sadMm / table.stepMm,
    (table.n - 1) / 2,
    scratch.values,
  );
}

/**
 * Doses of one beamlet in all rows, as the pairs of row and count of its runs (every third number
 * is the kernels' own) and their values, each run padded to fours; views of this thread's scratch.
 */
export function columnOnRows(source: ColumnSource, frame: Float64Array) {
  const scratch = scratchFor(source);
  setForms(source, scratch, frame, 0);
  const count = findRuns(source, scratch, scratch.runs);
  columnValues(source, scratch, scratch.runs, count);
  const { buffer } = source.arena.memory;
  return {
    runs: new Uint32Array(buffer, scratch.runs, 3 * count),
    values: new Float32Array(buffer, scratch.values),
  };
}

/** Builds the blocks of a task's columns: usually one. */
export function buildBlocks(task: BlockTask): BuiltBlock[] {
  const scratch = scratchFor(task);
  const columns = task.frames.length / FORM_NUMBERS;
  const built: BuiltBlock[] = [];
  for (let from = 0; from < columns; ) {
    const counts: number[] = [];
    let kept = 0;
    while (from + counts.length < columns && kept < KEPT_RUNS) {
      setForms(task, scratch, task.frames, from + counts.length);
      const count = findRuns(task, scratch, scratch.runs + RUN_BYTES * kept);
      counts.push(count);
      kept += count;
    }
    built.push(buildBlock(task, scratch, from, counts));
    from += counts.length;
  }
  return built;
}

function buildBlock(
  task: BlockTask,
  scratch: Scratch,
  from: number,
  counts: readonly number[],
): BuiltBlock {
  const { arena, rows } = task;
  const size = { rows, columns: counts.length, ...countWords(task, scratch, counts) };
  const offset = allocate(arena, blockBytes(size));
  const block = writeHeader(arena.memory.buffer, offset, size);
  const kernels = kernelsOn(arena);
  const found = new Uint32Array(arena.memory.buffer, scratch.runs);
  let run = 0;
  let word = 0;
  let quad = 0;
  let nonzeros = 0;
  counts.forEach((count, j) => {
    block.runStarts[j] = word;
    block.valueStarts[j] = quad;
    setForms(task, scratch, task.frames, from + j);
    const largest = columnValues(task, scratch, scratch.runs + RUN_BYTES * run, count);
    let quads = 0;
    for (let row = 0, r = run; r < run + count; r++) {
      word = writeRun(block.runs, word, found[3 * r] - row, found[3 * r + 1]);
      row = found[3 * r];
      quads += Math.ceil(found[3 * r + 1] / 4);
    }
    block.scales[j] = largest / 0xffff;
    const factor = largest > 0 ? 0xffff / largest : 0;
    const values = block.values.byteOffset + 8 * quad;
    nonzeros += kernels.quantise(scratch.values, quads, factor, values);
    quad += quads;
    run += count;
  });
  block.runStarts[counts.length] = word;
  block.valueStarts[counts.length] = quad;
  sealBlock(arena.memory.buffer, offset, nonzeros);
  return { offset, columns: counts.length, nonzeros, byteLength: blockBytes(size) };
}

function countWords(task: BlockTask, scratch: Scratch, counts: readonly number[]) {
  const found = new Uint32Array(task.arena.memory.buffer, scratch.runs);
  let words = 0;
  let quads = 0;
  let run = 0;
  for (const count of counts) {
    for (let row = 0, end = run + count; run < end; run++) {
      words += runWords(found[3 * run] - row);
      quads += Math.ceil(found[3 * run + 1] / 4);
      row = found[3 * run];
    }
  }
  return { runWords: words, quads };
}

export interface FluenceTask {
  readonly arena: Arena;
  /** The table of one beamlet, and room for that of the beam. */
  readonly table: TablePlace;
  readonly beamTable: TablePlace;
  /** Beamlet centres in the isocentre plane and their weights. */
  readonly xMm: Float64Array;
  readonly zMm: Float64Array;
  readonly weights: Float64Array;
  /** A beamlet's dose ends here. */
  readonly cutoffMm: number;
}

/**
 * Fills the lateral table of a whole beam: the beamlets' tables, cut off as columns are, shifted
 * and summed (the convolution of the fluence). Shifts between nodes are shared out bilinearly.
 */
export function fillBeamTable(task: FluenceTask): void {
  const { arena, table, beamTable, xMm, zMm, weights } = task;
  const { stepMm } = table;
  const { offset, n } = beamTable;
  new Uint8Array(arena.memory.buffer, offset, 16 * n * n).fill(0);
  const kernels = kernelsOn(arena);
  const first = (n - table.n) / 2;
  const radius = task.cutoffMm / stepMm;
  for (let j = 0; j < weights.length; j++) {
    if (weights[j] === 0) continue;
    const u = xMm[j] / stepMm;
    const v = zMm[j] / stepMm;
    const [u0, v0] = [Math.floor(u), Math.floor(v)];
    for (const [du, dv] of CORNERS) {
      const share = weights[j] * (1 - Math.abs(u - u0 - du)) * (1 - Math.abs(v - v0 - dv));
      if (share === 0) continue;
      const [atU, atV] = [first + u0 + du, first + v0 + dv];
      kernels.addTable(table.offset, table.n, radius, share, offset, n, atU, atV);
    }
  }
}

const CORNERS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

export interface DoseTask extends ColumnSource {
  /** The frame of the beam's axis. */
  readonly frame: Float64Array;
  /** float32[rows + padding], added to. */
  readonly out: number;
}

/** Adds the dose of a beam, given the table of its fluence, to `out`. */
export function addDose(task: DoseTask): void {
  const scratch = scratchFor(task);
  setForms(task, scratch, task.frame, 0);
  const count = findRuns(task, scratch, scratch.runs);
  columnValues(task, scratch, scratch.runs, count);
  kernelsOn(task.arena).addRuns(scratch.runs, count, scratch.values, task.out);
}
