/**
 * Accelerated projected gradient descent: FISTA for a cost within bounds, monotone, with
 * backtracking and restarts. Two costs and one gradient an iteration; no memory to speak of.
 *
 * Beck, Teboulle (2009), "A fast iterative shrinkage-thresholding algorithm", SIAM J. Imaging
 * Sci. 2; restarts by value and by gradient after O'Donoghue, Candes (2015), "Adaptive restart for
 * accelerated gradient schemes", Found. Comput. Math. 15; step lengths at a restart after Barzilai,
 * Borwein (1988), IMA J. Numer. Anal. 8. Unlike in the papers the extrapolated point is moved
 * into the box, so that costs are only asked for where they are defined; the proof holds still,
 * since it compares that point with points of the box, and projection brings it closer to them.
 */
import { dot } from '@isola/kernels/vector';
import {
  type DifferentiableProblem,
  feasibleStart,
  projectedGradientInf,
  projectOntoBounds,
} from '../problem/index.js';
import { difference } from './difference.js';
import {
  afterStep,
  checkedReduction,
  type EvaluatedPoint,
  evaluatedBase,
  type FistaState,
  type ProximalStep,
  proximalStep,
  startState,
  withMomentum,
  withoutMomentum,
} from './fista.js';
import type { Optimizer } from './optimizer.js';
import { checkTolerance } from './settings.js';

export interface ProjectedGradientOptions {
  /** Converged when no projected gradient entry is larger. Default 1e-5. */
  readonly projectedGradientTolerance?: number;
  /**
   * Converged when 10 iterations lower the cost f by no more than this times max(|f|, 1).
   * Default 2e-9.
   */
  readonly relativeReductionTolerance?: number;
}

export type ProjectedGradientState = FistaState;

/** @throws InputError for a setting outside its range */
export function projectedGradient(
  options: ProjectedGradientOptions = {},
): Optimizer<ProjectedGradientState, DifferentiableProblem> {
  const gradientTolerance = options.projectedGradientTolerance ?? 1e-5;
  const reductionTolerance = options.relativeReductionTolerance ?? 2e-9;
  checkTolerance('projectedGradient.projectedGradientTolerance', gradientTolerance);
  checkTolerance('projectedGradient.relativeReductionTolerance', reductionTolerance);
  return {
    async init(problem, start) {
      const x = feasibleStart(problem, start);
      return startState(x, await problem.value(x));
    },
    async step(problem, state) {
      const here = await evaluatedBase(problem, state);
      if (projectedGradientInf(here.x, here.gradient, problem) <= gradientTolerance) {
        return atFlatPoint(state, here);
      }
      const step = await proximalStep(problem, state, here, (x) => projectOntoBounds(x, problem));
      return checkedReduction(advanced(problem, state, here, step), reductionTolerance);
    },
    status: (state) => state.status,
    best: ({ x, value }) => ({ x, value }),
  };
}

/** Takes the proximal step, with momentum for the next, or drops the momentum. */
function advanced(
  problem: DifferentiableProblem,
  state: ProjectedGradientState,
  here: EvaluatedPoint,
  proximal: ProximalStep,
): ProjectedGradientState {
  const { x, value } = proximal;
  const next = afterStep(state, here, proximal);
  // A base that no step moves is no descent, whatever it costs.
  if (x === null || x === here.x || !(value < state.value)) {
    if (!state.hasMomentum) return { ...next, status: 'stalled' };
    return { ...next, ...withoutMomentum(state.x) };
  }
  const step = difference(x, state.x);
  const isUphill = dot(here.gradient, step) > 0;
  const momentum = isUphill ? withoutMomentum(x) : withMomentum(state, x, step, problem);
  return { ...next, x, value, ...momentum };
}

/** The gradient vanishes at the base: done, unless the base is a worse point than x. */
function atFlatPoint(state: ProjectedGradientState, here: EvaluatedPoint): ProjectedGradientState {
  const next = { ...state, last: { x: here.x, gradient: here.gradient } };
  if (!state.hasMomentum) return { ...next, status: 'converged' };
  if (here.value > state.value) return { ...next, ...withoutMomentum(state.x) };
  return { ...next, status: 'converged', x: here.x, value: here.value };
}
