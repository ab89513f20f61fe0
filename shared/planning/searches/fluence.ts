/**
 * Fluence optimisation from beginning to end: beamlets, dose influence, optimised weights,
 * normalisation, final dose. The one place where the main flow reads from top to bottom; no clock
 * and no output, who calls it listens to `FluenceEvents`.
 */
import type { Executor, SparseMatrix } from '@isola/kernels/backends';
import type { Vec3 } from '@isola/kernels/grid';
import {
  lbfgsb,
  type Minimum,
  minimise,
  type Progress,
  projectedGradient,
  twoLevel,
} from '@isola/optimizers/algorithms';
import { InputError } from '@isola/optimizers/problem';
import { type Beam, type BeamAngles, centroidMm, steerBeams } from '../beams/index.js';
import { type Case, findStructure, type Structure, unionOf, unionOfStructures } from '../case/index.js';
import {
  type DoseVoxels,
  doseGridOf,
  doseInfluence,
  doseMap,
  finalGridOf,
  forwardDose,
  monitorUnitsPerWeight,
  onFinalGrid,
  prepareDose,
  spread,
} from '../dose/index.js';
import type { Machine } from '../machines/index.js';
import { evaluateGoal, type Goal } from '../metrics/index.js';
import {
  costOfDose,
  type FluenceProblem,
  fluenceProblem,
  makeTerms,
  objectiveStructures,
  type SamplingSpec,
  type Terms,
  type TermSpec,
  uniformStart,
} from '../problem/index.js';

/** What is to be planned. Doses of objectives are per fraction, of prescription for the course. */
export interface FluenceSpec {
  readonly patient: Case;
  readonly machine: Machine;
  readonly fractions: number;
  readonly prescription: { readonly structure: string; readonly doseGy: number };
  readonly angles: readonly BeamAngles[];
  readonly isocenterMm: Vec3 | 'target-centroid';
  readonly beamletMm: number;
  readonly doseGridMm: Vec3 | 'case';
  readonly objectives: readonly TermSpec[];
  readonly priorities: Readonly<Record<string, number>>;
  readonly method: 'two-level' | 'lbfgsb' | 'projected-gradient';
  readonly maxIterations: number;
  /** Ends when an iteration lowers the cost by no more than this part of it. */
  readonly tolerance: number;
  /** Voxels of the cost, or of its coarse twin with two-level; null: all. */
  readonly sampling: SamplingSpec | null;
  /** A dose metric of the target that the weights are scaled to, or null. */
  readonly normalisation: { readonly metric: Goal; readonly toGy: number } | null;
}

export type FluencePhase = 'dose influence' | 'optimisation' | 'final dose';

export interface FluenceEvents {
  /** Called at the start of a phase and as its pieces are done. */
  onPhase?(phase: FluencePhase, done: number, total: number): void;
  onIteration?(progress: Progress): void;
  readonly signal?: { readonly aborted: boolean };
}

export interface FluenceResult {
  readonly beams: readonly Beam[];
  readonly isocenterMm: Vec3;
  /** Of all beams, in order, after normalisation. */
  readonly weights: Float64Array;
  /** What the optimiser's weights were multiplied by. */
  readonly normalisationFactor: number;
  readonly monitorUnitsPerWeight: number;
  readonly minimum: Minimum;
  /** Each term of the cost at the optimiser's end, weights applied. */
  readonly terms: readonly { structure: string; type: string; weight: number; value: number }[];
  readonly influence: Pick<SparseMatrix, 'rows' | 'columns' | 'nonzeros' | 'byteLength'>;
  /** The cost on all voxels where the optimiser saw a sample, else null. */
  readonly sampling: { readonly rows: number; readonly costOnAllVoxels: number } | null;
  readonly final: FinalDose;
}

/** The final dose for the whole course, on a grid that raw structures are given on. */
export interface FinalDose {
  readonly voxels: DoseVoxels;
  /** Gy for the whole course, one a voxel of the grid. */
  readonly doseGy: Float32Array;
  readonly structures: readonly Structure[];
}

/** Lateral reach of a beamlet's dose beyond its edge, as matRad's default. */
export const LATERAL_CUTOFF_MM = 50;

const CURVATURE_PAIRS = 20;

/** Plans the fluence. */
export async function planFluence(
  spec: FluenceSpec,
  executor: Executor,
  events: FluenceEvents = {},
): Promise<FluenceResult> {
  const target = findStructure(spec.patient, spec.prescription.structure, 'prescription.structure');
  const isocenterMm = isocentreOf(spec, target);
  const beams = steer(spec, isocenterMm);
  const grid = doseGrid(spec);
  const structures = objectiveStructures(spec.patient, spec.objectives, spec.priorities, grid);
  const costs = costTerms(spec, structures, grid);
  const influence = await influences(spec, beams, costs, executor, events);
  const problem = problemOf(costs, influence);
  const start = await startWeights(spec, costs.main, target.name, influence.main);
  events.onPhase?.('optimisation', 0, spec.maxIterations);
  const minimum = await optimise(spec, problem, start, events);
  const dose = new Float32Array(influence.main.rows);
  await influence.main.multiply(minimum.x, dose);
  const terms = costs.main.terms.map((term) => ({
    structure: term.structure,
    type: term.objective.type,
    weight: term.weight,
    value: term.weight * term.objective.value(dose, term.voxels),
  }));
  const sampling =
    costs.main.sampled === null
      ? null
      : await costOnAll(spec, beams, structures, grid, minimum.x, executor);
  const raw = await finalDose(spec, beams, minimum.x, executor, events);
  const factor = normalisationFactor(spec, raw);
  return {
    ...{ beams, isocenterMm, minimum, terms },
    weights: minimum.x.map((weight) => weight * factor),
    normalisationFactor: factor,
    monitorUnitsPerWeight: monitorUnitsPerWeight(spec.machine),
    influence: sizes(influence.main),
    sampling: sampling === null ? null : { rows: influence.main.rows, costOnAllVoxels: sampling },
    final: { ...raw, doseGy: raw.doseGy.map((gy) => gy * factor) },
  };
}

function sizes({ rows, columns, nonzeros, byteLength }: SparseMatrix) {
  return { rows, columns, nonzeros, byteLength };
}

function isocentreOf(spec: FluenceSpec, target: Structure): Vec3 {
  if (spec.isocenterMm !== 'target-centroid') return spec.isocenterMm;
  return centroidMm(spec.patient, targetVoxels(spec, target));
}

/** Beams cover every target that has an objective, and the prescribed one. */
function targetVoxels({ patient, objectives }: FluenceSpec, prescribed: Structure): Uint32Array {
  const withObjective = patient.structures.filter(
    ({ kind, name }) => kind === 'target' && objectives.some(({ structure }) => structure === name),
  );
  return unionOf(unionOfStructures(withObjective), prescribed.voxels);
}

function steer(spec: FluenceSpec, isocenterMm: Vec3): Beam[] {
  const { patient, angles, beamletMm, machine, prescription } = spec;
  const target = findStructure(patient, prescription.structure, 'prescription.structure');
  const voxels = targetVoxels(spec, target);
  if (voxels.length === 0) {
    throw new InputError('prescription.structure', `'${target.name}' holds no voxel`);
  }
  return steerBeams(patient, voxels, { angles, isocenterMm, beamletMm, sadMm: machine.sadMm });
}

function doseGrid({ patient, doseGridMm }: FluenceSpec) {
  return doseGridMm === 'case' ? patient.grid : doseGridOf(patient.grid, doseGridMm);
}

/** The cost that is minimised, and with two-level its coarse twin. */
interface Costs {
  readonly main: Terms & { readonly sampled: SamplingSpec | null };
  readonly coarse: Terms | null;
}

function costTerms(spec: FluenceSpec, structures: Structure[], grid: Case['grid']): Costs {
  const isTwoLevel = spec.method === 'two-level';
  const sampled = isTwoLevel ? null : spec.sampling;
  return {
    main: { ...makeTerms(structures, spec.objectives, grid, sampled), sampled },
    coarse: isTwoLevel ? makeTerms(structures, spec.objectives, grid, spec.sampling) : null,
  };
}

interface Influences {
  readonly main: SparseMatrix;
  readonly coarse: SparseMatrix | null;
}

async function influences(
  spec: FluenceSpec,
  beams: readonly Beam[],
  costs: Costs,
  executor: Executor,
  events: FluenceEvents,
): Promise<Influences> {
  const matrix = async (voxels: DoseVoxels) => {
    const prepared = await prepareDose(doseSpec(spec, beams, voxels), executor);
    return doseInfluence(prepared, executor, (done, total) =>
      events.onPhase?.('dose influence', done, total),
    );
  };
  events.onPhase?.('dose influence', 0, 1);
  const coarse = costs.coarse && (await matrix(costs.coarse.voxels));
  return { main: await matrix(costs.main.voxels), coarse };
}

function doseSpec(spec: FluenceSpec, beams: readonly Beam[], voxels: DoseVoxels) {
  const { patient, machine } = spec;
  return { patient, machine, beams, voxels, lateralCutoffMm: LATERAL_CUTOFF_MM, matrad: null };
}

function problemOf(costs: Costs, influence: Influences): FluenceProblem {
  const problem = fluenceProblem(doseMap(influence.main), costs.main.terms);
  if (costs.coarse === null || influence.coarse === null) return problem;
  return { ...problem, coarse: fluenceProblem(doseMap(influence.coarse), costs.coarse.terms) };
}

/** Equal weights that give the prescribed structure its dose on average. */
async function startWeights(
  spec: FluenceSpec,
  { terms, voxels }: Terms,
  target: string,
  influence: SparseMatrix,
): Promise<Float64Array> {
  const unit = new Float32Array(influence.rows);
  await influence.multiply(new Float64Array(influence.columns).fill(1), unit);
  const term = terms.find(({ structure }) => structure === target);
  if (term === undefined) {
    throw new InputError(
      'prescription.structure',
      `'${target}' has no objective; allowed: a structure with one`,
    );
  }
  const perFractionGy = spec.prescription.doseGy / spec.fractions;
  if (!term.voxels.rows.some((row) => unit[row] > 0)) {
    throw new InputError('beams', `no beam reaches '${target}' on a grid of ${voxels.grid.size}`);
  }
  return uniformStart(influence.columns, unit, term.voxels.rows, perFractionGy);
}

async function optimise(
  spec: FluenceSpec,
  problem: FluenceProblem,
  start: Float64Array,
  events: FluenceEvents,
): Promise<Minimum> {
  const { maxIterations } = spec;
  const options = { maxIterations, onProgress: events.onIteration, signal: events.signal };
  const given = Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined));
  const driver = given as unknown as Parameters<typeof minimise>[3];
  const tolerances = { relativeReductionTolerance: spec.tolerance, projectedGradientTolerance: 0 };
  if (spec.method === 'two-level' && problem.coarse) {
    const twin = { ...problem, coarse: problem.coarse };
    return minimise(twoLevel({ ...tolerances, memory: CURVATURE_PAIRS }), twin, start, driver);
  }
  if (spec.method === 'projected-gradient') {
    return minimise(projectedGradient(tolerances), problem, start, driver);
  }
  return minimise(lbfgsb({ ...tolerances, memory: CURVATURE_PAIRS }), problem, start, driver);
}

/** The cost of the weights on all voxels, where the optimiser saw a sample. */
async function costOnAll(
  spec: FluenceSpec,
  beams: readonly Beam[],
  structures: readonly Structure[],
  grid: Case['grid'],
  weights: Float64Array,
  executor: Executor,
): Promise<number> {
  const { voxels, terms } = makeTerms(structures, spec.objectives, grid, null);
  const prepared = await prepareDose(doseSpec(spec, beams, voxels), executor);
  return costOfDose(terms, await forwardDose(prepared, weights, executor));
}

/** Dose of the whole course on the final grid, everywhere inside a structure. */
async function finalDose(
  spec: FluenceSpec,
  beams: readonly Beam[],
  weights: Float64Array,
  executor: Executor,
  events: FluenceEvents,
): Promise<FinalDose> {
  const ct = spec.patient.grid;
  const structures = spec.patient.structures.map((structure) => onFinalGrid(ct, structure));
  const voxels = { grid: finalGridOf(ct), voxels: unionOfStructures(structures) };
  events.onPhase?.('final dose', 0, 1);
  const prepared = await prepareDose(doseSpec(spec, beams, voxels), executor);
  const dose = await forwardDose(prepared, weights, executor, (done, total) =>
    events.onPhase?.('final dose', done, total),
  );
  const doseGy = spread(dose, voxels).map((gy) => gy * spec.fractions);
  return { voxels, doseGy, structures };
}

function normalisationFactor(spec: FluenceSpec, { doseGy, structures }: FinalDose): number {
  if (spec.normalisation === null) return 1;
  const { metric, toGy } = spec.normalisation;
  const { value } = evaluateGoal(metric, {
    doseGy,
    structures: new Map(structures.map(({ name, voxels }) => [name, voxels])),
    prescriptionGy: spec.prescription.doseGy,
    voxelCc: 1,
  });
  return toGy / value;
}
