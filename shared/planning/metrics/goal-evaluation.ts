import { InputError } from '@isola/optimizers/problem';
import { conformityIndex, homogeneityIndex } from './conformity.js';
import {
  doseAtVolumeCcGy,
  doseAtVolumePercentGy,
  geudGy,
  maxDoseGy,
  meanDoseGy,
  minDoseGy,
  volumeAtDoseCc,
  volumeAtDosePercent,
} from './dose-metrics.js';
import type { Goal, GoalOperator, GoalUnit, Metric } from './goals.js';
import { sortedDoses } from './sorted-doses.js';

/** What goals are evaluated on. */
export interface GoalContext {
  /** Dose of the whole course on a grid. */
  readonly doseGy: Float32Array | Float64Array;
  readonly voxelCc: number;
  /** Voxels of that grid by structure name. */
  readonly structures: ReadonlyMap<string, Uint32Array>;
  /** Dose of the whole course; null where nothing is prescribed. */
  readonly prescriptionGy: number | null;
}

/** A goal and what the dose makes of it. `value` and `limit` are in `unit`. */
export interface GoalResult {
  /** The goal's canonical text. */
  readonly goal: string;
  readonly value: number;
  readonly unit: GoalUnit;
  readonly limit: number;
  readonly met: boolean;
}

/**
 * Doses come in float32, and normalisation makes a metric equal its limit: a value this close to
 * the limit, relatively, counts as equal to it.
 */
const equalWithin = 1e-6;

/**
 * Checks that goals can be evaluated, before any dose is known.
 * @throws InputError for a structure that is not there or empty, and for a missing prescription
 */
export function checkGoals(
  goals: readonly Goal[],
  { structures, prescriptionGy }: Pick<GoalContext, 'structures' | 'prescriptionGy'>,
): void {
  for (const { structure, text, place, metric, unit } of goals) {
    const voxels = structures.get(structure);
    if (voxels === undefined) {
      const names = [...structures.keys()].join(', ');
      throw new InputError(place, `'${text}': no structure '${structure}'; there are ${names}`);
    }
    if (voxels.length === 0) {
      throw new InputError(place, `'${text}': structure '${structure}' holds no voxel`);
    }
    if (prescriptionGy === null && needsPrescription(metric, unit)) {
      throw new InputError(place, `'${text}' refers to the prescription, but there is none`);
    }
  }
}

/** Evaluates goals, in their order; throws as `checkGoals` does. */
export function evaluateGoals(goals: readonly Goal[], context: GoalContext): GoalResult[] {
  checkGoals(goals, context);
  const sorted = new Map<string, Float64Array>();
  return goals.map((goal) => {
    const voxels = context.structures.get(goal.structure) as Uint32Array;
    const sortedGy = sorted.get(goal.structure) ?? sortedDoses(context.doseGy, voxels);
    sorted.set(goal.structure, sortedGy);
    const value = measure(goal, sortedGy, voxels, context);
    const met = isMet(value, goal.operator, goal.limit);
    return { goal: goal.text, value, unit: goal.unit, limit: goal.limit, met };
  });
}

/** Evaluates one goal; throws as `checkGoals` does. */
export function evaluateGoal(goal: Goal, context: GoalContext): GoalResult {
  return evaluateGoals([goal], context)[0];
}

function needsPrescription(metric: Metric, unit: GoalUnit): boolean {
  if (metric.kind === 'volume-at-dose') return metric.dose.unit === '%';
  if (metric.kind === 'homogeneity') return metric.formula !== 'ICRU83';
  return metric.kind === 'conformity' || unit === '%';
}

/** The metric in the goal's unit; D_x% is interpolated, D_x cc follows the rule `openkbp`. */
function measure(
  { metric, unit }: Goal,
  sortedGy: Float64Array,
  voxels: Uint32Array,
  { doseGy, voxelCc, prescriptionGy }: GoalContext,
): number {
  const prescribedGy = prescriptionGy ?? Number.NaN;
  const inUnit = (gy: number) => (unit === '%' ? (gy / prescribedGy) * 100 : gy);
  switch (metric.kind) {
    case 'dose-at-volume-percent':
      return inUnit(doseAtVolumePercentGy(sortedGy, metric.volumePercent));
    case 'dose-at-volume-cc':
      return inUnit(doseAtVolumeCcGy(sortedGy, metric.volumeCc, voxelCc));
    case 'mean':
      return inUnit(meanDoseGy(sortedGy));
    case 'max':
      return inUnit(maxDoseGy(sortedGy));
    case 'min':
      return inUnit(minDoseGy(sortedGy));
    case 'geud':
      return inUnit(geudGy(sortedGy, metric.exponent));
    case 'volume-at-dose': {
      const { value, unit: doseUnit } = metric.dose;
      const thresholdGy = doseUnit === '%' ? (value / 100) * prescribedGy : value;
      return unit === '%'
        ? volumeAtDosePercent(sortedGy, thresholdGy)
        : volumeAtDoseCc(sortedGy, thresholdGy, voxelCc);
    }
    case 'conformity':
      return conformityIndex(metric.formula, doseGy, voxels, prescribedGy);
    case 'homogeneity':
      return homogeneityIndex(metric.formula, sortedGy, prescribedGy);
  }
}

function isMet(value: number, operator: GoalOperator, limit: number): boolean {
  const equal = Math.abs(value - limit) <= equalWithin * Math.abs(limit);
  switch (operator) {
    case '<':
      return value < limit && !equal;
    case '<=':
      return value < limit || equal;
    case '>':
      return value > limit && !equal;
    case '>=':
      return value > limit || equal;
  }
}
