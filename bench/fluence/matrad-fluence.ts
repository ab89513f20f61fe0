/** matRad's C-shape as an optimisation that is timed: its start, its costs, our methods. */

import { readReference } from '@isola/formats/reference';
import type { Executor } from '@isola/kernels/backends';
import { lbfgsb, type MinimiseOptions, minimise, twoLevel } from '@isola/optimizers/algorithms';
import { doseInfluence, doseMap, prepareDose, restrictDose } from '@isola/planning/dose';
import { fluenceProblem, uniformStart } from '@isola/planning/problem';
import { loadMatrad } from '../inputs/dose-cases.js';

export const METHODS = ['lbfgsb', 'two-level'] as const;
export type Method = (typeof METHODS)[number];

/** Costs that count as done. */
export interface CostGoals {
  /** Where matRad's optimiser stops with its default settings. */
  readonly matrad: number;
  /** A thousandth above the lowest cost known. */
  readonly nearBest: number;
}

/** When an optimisation had which cost. */
export interface TracePoint {
  readonly iteration: number;
  readonly evaluations: number;
  readonly cost: number;
  readonly seconds: number;
}

export interface MatradFluence {
  readonly goals: CostGoals;
  /**
   * Minimises from matRad's start until both goals are reached. Seconds count from there; with
   * two-level they hold the coarse level's dose influence.
   */
  trace(method: Method): Promise<TracePoint[]>;
}

const NEAR_BEST = 1e-3;
const MAX_ITERATIONS = 2000;
/** Only the goals and the budget end a run. */
const NEVER = { projectedGradientTolerance: 0, relativeReductionTolerance: 0 };

export async function matradFluence(folder: string, executor: Executor): Promise<MatradFluence> {
  const { dose, terms, coarseTerms, targetRows, startDosePerFractionGy } = loadMatrad(folder);
  const goals = costGoals(folder);
  const prepared = await prepareDose(dose, executor);
  const influence = await doseInfluence(prepared, executor);
  const problem = fluenceProblem(doseMap(influence), terms.terms);
  const unit = new Float32Array(influence.rows);
  await influence.multiply(new Float64Array(influence.columns).fill(1), unit);
  const start = uniformStart(influence.columns, unit, targetRows, startDosePerFractionGy);
  const coarseProblem = async () => {
    const { voxels, terms: coarse } = coarseTerms();
    const matrix = await doseInfluence(restrictDose(prepared, voxels.voxels), executor);
    return fluenceProblem(doseMap(matrix), coarse);
  };
  return {
    goals,
    trace: async (method) => {
      const points: TracePoint[] = [];
      const startMs = performance.now();
      const options: MinimiseOptions = {
        maxIterations: MAX_ITERATIONS,
        targetValue: Math.min(goals.matrad, goals.nearBest),
        onProgress: ({ iteration, evaluations, value }) => {
          const seconds = (performance.now() - startMs) / 1000;
          points.push({ iteration, evaluations, cost: value, seconds });
        },
      };
      if (method === 'lbfgsb') await minimise(lbfgsb(NEVER), problem, start, options);
      else {
        const coarse = await coarseProblem();
        await minimise(twoLevel(NEVER), { ...problem, coarse }, start, options);
      }
      return points;
    },
  };
}

function costGoals(folder: string): CostGoals {
  const { optimizations, bestKnown } = readReference(folder);
  const matrad = optimizations.find(
    ({ variant, mode }) => variant === 'default' && mode === 'matRadDefault',
  );
  if (matrad === undefined || bestKnown === null) throw new Error(`${folder}: no cost to reach`);
  return { matrad: matrad.objective, nearBest: bestKnown.objective * (1 + NEAR_BEST) };
}
