/**
 * Fluence optimisation from beginning to end: beamlets, dose influence, optimised weights,
 * normalisation, final dose. The one place where the main flow reads from top to bottom; no clock
 * and no output, who calls it listens to `FluenceEvents`.
 */
import type { Executor, SparseMatrix } from '@isola/kernels/backends';
import type { Grid, Vec3 } from '@isola/kernels/grid';
import {
  lbfgsb,
  type MinimiseOptions,
  type Minimum,
  minimise,
  type Progress,
  projectedGradient,
  twoLevel,
} from '@isola/optimizers/algorithms';
import { InputError } from '@isola/optimizers/problem';
import type { Beam } from '../beams/index.js';
import { findStructure, type Structure } from '../case/index.js';
import {
  type DoseProgress,
  type DoseVoxels,
  doseGridOf,
  doseInfluence,
  doseMap,
  forwardDose,
  monitorUnitsPerWeight,
  type PreparedDose,
  prepareDose,
  restrictDose,
} from '../dose/index.js';
import { evaluateGoal } from '../metrics/index.js';
import {
  costOfDose,
  type FluenceProblem,
  fluenceProblem,
  makeTerms,
  objectiveStructures,
  type SamplingSpec,
  type Terms,
  uniformStart,
} from '../problem/index.js';
import { doseAt, doseSpec, type FinalDose, finalDose, finalVoxels } from './final-dose.js';
import type { FluenceSpec } from './fluence-spec.js';
import { planBeams } from './plan-beams.js';

export type FluencePhase = 'beam data' | 'dose influence' | 'optimisation' | 'final dose';

export interface FluenceEvents {
  /** Called at the start of a phase and as its pieces are done. */
  onPhase?(phase: FluencePhase, done: number, total: number): void;
  /** Waited for before the next iteration. */
  onIteration?(progress: Progress): void | Promise<void>;
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

/** Plans the fluence. */
export async function planFluence(
  spec: FluenceSpec,
  executor: Executor,
  events: FluenceEvents = {},
): Promise<FluenceResult> {
  const target = findStructure(spec.patient, spec.prescription.structure, 'prescription.structure');
  const { isocenterMm, beams } = planBeams(spec);
  const grid = doseGrid(spec);
  const structures = objectiveStructures(spec.patient, spec.objectives, spec.priorities, grid);
  const costs = costTerms(spec, structures, grid);
  const final = finalVoxels(spec);
  const prepare = ({ voxels }: { readonly voxels: DoseVoxels }) =>
    prepareDose(doseSpec(spec, beams, voxels), executor, (done, total) =>
      events.onPhase?.('beam data', done, total),
    );
  // Where the final dose is on the same grid, what belongs to its voxels serves the cost too.
  const shared = sameGrid(grid, final.voxels.grid);
  const forAll = shared ? await prepare(final) : null;
  const forCost = forAll ?? (await prepare(costs.main));
  const influence = await influences(forCost, costs, executor, events);
  const problem = problemOf(costs, influence);
  const start = await startWeights(spec, costs.main, target.name, influence.main);
  events.onPhase?.('optimisation', 0, spec.maxIterations);
  const minimum = await optimise(spec, problem, start, events);
  const dose = new Float32Array(influence.main.rows);
  await influence.main.multiply(minimum.x, dose);
  const sampling =
    costs.main.sampled && (await costOnAll(spec, beams, structures, grid, minimum.x, executor));
  events.onPhase?.('final dose', 0, 1);
  const onFinal: DoseProgress = (done, total) => events.onPhase?.('final dose', done, total);
  const raw = await (forAll
    ? finalDose(spec, final, forAll, minimum.x, executor, onFinal)
    : doseAt(spec, beams, final, minimum.x, executor, onFinal));
  const factor = normalisationFactor(spec, raw);
  return {
    ...{ beams, isocenterMm, minimum },
    weights: minimum.x.map((weight) => weight * factor),
    normalisationFactor: factor,
    monitorUnitsPerWeight: monitorUnitsPerWeight(spec.machine),
    terms: costs.main.terms.map(({ structure, objective, weight, voxels }) => ({
      ...{ structure, type: objective.type, weight },
      value: weight * objective.value(dose, voxels),
    })),
    influence: sizes(influence.main),
    sampling: sampling === null ? null : { rows: influence.main.rows, costOnAllVoxels: sampling },
    final: { ...raw, doseGy: raw.doseGy.map((gy) => gy * factor) },
  };
}

function sizes({ rows, columns, nonzeros, byteLength }: SparseMatrix) {
  return { rows, columns, nonzeros, byteLength };
}

function doseGrid({ patient, doseGridMm }: FluenceSpec) {
  return doseGridMm === 'case' ? patient.grid : doseGridOf(patient.grid, doseGridMm);
}

/** The cost that is minimised, and with two-level its coarse twin. */
interface Costs {
  readonly main: Terms & { readonly sampled: SamplingSpec | null };
  readonly coarse: Terms | null;
}

function costTerms(spec: FluenceSpec, structures: Structure[], grid: Grid): Costs {
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
  prepared: PreparedDose,
  costs: Costs,
  executor: Executor,
  events: FluenceEvents,
): Promise<Influences> {
  const matrix = ({ voxels }: Terms) =>
    doseInfluence(restrictDose(prepared, voxels.voxels), executor, (done, total) =>
      events.onPhase?.('dose influence', done, total),
    );
  const coarse = costs.coarse && (await matrix(costs.coarse));
  return { main: await matrix(costs.main), coarse };
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
  { onIteration, signal }: FluenceEvents,
): Promise<Minimum> {
  const options: MinimiseOptions = {
    maxIterations: spec.maxIterations,
    windowTolerance: spec.tolerance,
    ...(onIteration && { onProgress: onIteration }),
    ...(signal && { signal }),
  };
  const { coarse } = problem;
  if (coarse) return minimise(twoLevel(), { ...problem, coarse }, start, options);
  if (spec.method === 'projected-gradient') {
    return minimise(projectedGradient(), problem, start, options);
  }
  return minimise(lbfgsb(), problem, start, options);
}

/** The cost of the weights on all voxels, where the optimiser saw a sample. */
async function costOnAll(
  spec: FluenceSpec,
  beams: readonly Beam[],
  structures: readonly Structure[],
  grid: Grid,
  weights: Float64Array,
  executor: Executor,
): Promise<number> {
  const { voxels, terms } = makeTerms(structures, spec.objectives, grid, null);
  const prepared = await prepareDose(doseSpec(spec, beams, voxels), executor);
  return costOfDose(terms, await forwardDose(prepared, weights, executor));
}

function sameGrid(a: Grid, b: Grid): boolean {
  const numbers = ({ size, spacingMm, originMm }: Grid) => [...size, ...spacingMm, ...originMm];
  const other = numbers(b);
  return numbers(a).every((value, i) => value === other[i]);
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
  if (value > 0) return toGy / value;
  throw new InputError(
    'normalize',
    `${metric.text} cannot be scaled to: the dose there is ${value}`,
  );
}
