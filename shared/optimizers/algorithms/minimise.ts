/**
 * The driver loop: the one place that knows budgets, cancelling, progress and non-finite values.
 *
 * It hands the algorithm a watched twin of the problem. An evaluation that may not run (budget,
 * cancel) or whose result is not finite interrupts the step that asked for it; the step is dropped
 * and the best point seen is returned, so limits hold to the single evaluation.
 */
import {
  type CoordinateMoves,
  checkProblem,
  firstCrossedBound,
  InputError,
  type Problem,
  projectedGradientInf,
} from '../problem/index.js';
import type { Optimizer, Status } from './optimizer.js';
import { checkCount, checkTolerance } from './settings.js';
import { type KnownBest, WatchedPoint } from './watched-point.js';

/** What `onProgress` is told: once at the start and after every iteration. */
export interface Progress {
  readonly iteration: number;
  /** Costs computed so far; a candidate of a batch and the price of a change count as one. */
  readonly evaluations: number;
  /** The best cost so far. */
  readonly value: number;
  /** At the point of the last gradient; NaN where the algorithm asked for none. */
  readonly projectedGradientInf: number;
}

/** Iterations over which `windowTolerance` looks for progress: one may be short by chance. */
export const STALL_WINDOW = 10;

export interface MinimiseOptions {
  /** Names the random streams of the algorithm. Default 0. */
  readonly seed?: number;
  /** Steps after the start, 0 or more. */
  readonly maxIterations: number;
  /** Costs computed, 1 or more. Default: no limit. */
  readonly maxEvaluations?: number;
  /** Stop as converged once the best cost is this or lower. Default: none. */
  readonly targetValue?: number;
  /**
   * Stop as converged once the last `STALL_WINDOW` iterations lowered the best cost by no more than
   * this part of it. Default 0: never.
   */
  readonly windowTolerance?: number;
  /** Stop as converged once this is true of the best costs at the start and after every step. */
  readonly isConverged?: (trace: readonly number[]) => boolean;
  /** Looked at before every evaluation and iteration; an AbortSignal fits. */
  readonly signal?: { readonly aborted: boolean };
  /** Waited for, so that it may let timers and signals in before the next iteration. */
  readonly onProgress?: (progress: Progress) => void | Promise<void>;
}

export interface Minimum {
  /** Never 'running'; `STATUS_ADVICE` says what to do about it. */
  readonly status: Status;
  /** The best point evaluated, within the bounds; the start where no cost was finite. */
  readonly x: Float64Array;
  /** Cost at x; NaN where no cost was finite. */
  readonly value: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** Best cost at the start and after every iteration. */
  readonly trace: readonly number[];
}

/** A minimisation that may be under way: plain data, from which it goes on bit for bit the same. */
export interface Minimisation<S> extends Minimum {
  /** Of the algorithm; null before its first. */
  readonly state: S | null;
  /** At the point of the last gradient; NaN where the algorithm asked for none. */
  readonly projectedGradientInf: number;
}

/**
 * Minimises a problem.
 * @param start moved into the bounds first
 * @throws InputError for malformed problems, starts and options. Crossed bounds are no error but
 * end as 'infeasible'.
 */
export async function minimise<S, P extends Problem>(
  optimizer: Optimizer<S, P>,
  problem: P,
  start: Float64Array,
  options: MinimiseOptions,
): Promise<Minimum> {
  const begun = minimisation<S>(start);
  const ended = await minimiseOn(optimizer, problem, begun, Number.POSITIVE_INFINITY, options);
  const { status, x, value, iterations, evaluations, trace } = ended;
  return { status, x, value, iterations, evaluations, trace };
}

/** A minimisation that has yet to begin. */
export function minimisation<S>(start: Float64Array): Minimisation<S> {
  const nothing = { state: null, value: NaN, projectedGradientInf: NaN, trace: [] };
  return { ...nothing, status: 'running', x: start, iterations: 0, evaluations: 0 };
}

/**
 * Goes on with a minimisation for some steps, or to its end. In however many parts it is done, with
 * the same optimiser, problem and options it ends as in one.
 * @throws InputError as `minimise`
 */
export async function minimiseOn<S, P extends Problem>(
  optimizer: Optimizer<S, P>,
  problem: P,
  before: Minimisation<S>,
  steps: number,
  options: MinimiseOptions,
): Promise<Minimisation<S>> {
  checkOptions(options);
  checkProblem(problem, before.x);
  const watch = watchOf(before);
  const trace = [...before.trace];
  let { status, state } = before;
  const settle = async (next: S) => {
    state = next;
    trace.push(watch.value);
    await options.onProgress?.(progressOf(watch, trace.length - 1));
    status = statusOf(optimizer.status(next), trace, options);
  };
  try {
    if (firstCrossedBound(problem) >= 0) throw new Interruption('infeasible');
    const watched = watchedProblem(problem, watch, options);
    if (state === null) await settle(await optimizer.init(watched, before.x, options.seed ?? 0));
    for (let step = 0; step < steps && status === 'running' && state !== null; step++) {
      checkCancelled(options);
      await settle(await optimizer.step(watched, state));
    }
  } catch (interruption) {
    if (!(interruption instanceof Interruption)) throw interruption;
    status = interruption.status;
  }
  watch.trail?.settle();
  const { evaluations, value, projectedGradientInf } = watch;
  const x = watch.x ?? Float64Array.from(before.x);
  const iterations = Math.max(0, trace.length - 1);
  return { status, state, x, value, iterations, evaluations, projectedGradientInf, trace };
}

/** How it stands after a step, by the algorithm and by the limits. */
function statusOf(own: Status, trace: readonly number[], options: MinimiseOptions): Status {
  const now = trace[trace.length - 1];
  if (now <= (options.targetValue ?? -Infinity)) return 'converged';
  if (isFlat(trace, options.windowTolerance ?? 0)) return 'converged';
  if (options.isConverged?.(trace)) return 'converged';
  return own === 'running' && trace.length > options.maxIterations ? 'budget-spent' : own;
}

/** What the evaluations have shown so far. */
interface Watch extends KnownBest {
  evaluations: number;
  projectedGradientInf: number;
}

function watchOf({ x, value, evaluations, projectedGradientInf }: Minimisation<unknown>): Watch {
  const best = Number.isNaN(value) ? null : Float64Array.from(x);
  return { x: best, value, trail: null, evaluations, projectedGradientInf };
}

/** Unwinds a step that may not go on; never leaves this file. */
class Interruption extends Error {
  constructor(readonly status: Status) {
    super(status);
  }
}

/** The problem as the algorithm sees it: the same costs, but counted, limited and checked. */
function watchedProblem<P extends Problem>(problem: P, watch: Watch, options: MinimiseOptions): P {
  const { size, lower, upper } = problem;
  const admit = (count: number) => {
    checkCancelled(options);
    if (watch.evaluations + count > (options.maxEvaluations ?? Infinity)) {
      throw new Interruption('budget-spent');
    }
    watch.evaluations += count;
  };
  const watched: Problem = {
    size,
    lower,
    upper,
    ...(problem.coarse && { coarse: problem.coarse }),
    async value(x) {
      admit(1);
      return keepBest(watch, x, await problem.value(x));
    },
  };
  const valueAndGradient = problem.valueAndGradient?.bind(problem);
  if (valueAndGradient) {
    watched.valueAndGradient = async (x, gradient) => {
      admit(1);
      const value = await valueAndGradient(x, gradient);
      if (!gradient.every(Number.isFinite)) throw new Interruption('non-finite');
      keepBest(watch, x, value);
      watch.projectedGradientInf = projectedGradientInf(x, gradient, problem);
      return value;
    };
  }
  const batchValue = problem.batchValue?.bind(problem);
  if (batchValue) {
    watched.batchValue = async (candidates, out) => {
      admit(candidates.length);
      await batchValue(candidates, out);
      for (let k = 0; k < candidates.length; k++) keepBest(watch, candidates[k], out[k]);
    };
  }
  const { coordinateMoves } = problem;
  if (!coordinateMoves) return watched as P;
  return { ...watched, coordinateMoves: watchedMoves(coordinateMoves, size, watch, admit) } as P;
}

function watchedMoves(
  moves: CoordinateMoves,
  size: number,
  watch: Watch,
  admit: (count: number) => void,
): CoordinateMoves {
  const watcher = {
    best: watch,
    admit: () => admit(1),
    check: checkFinite,
    keep: (x: Float64Array, value: number) => keepBest(watch, x, value),
  };
  return {
    newImage: () => moves.newImage(),
    async images(candidates, images, values) {
      admit(candidates.length);
      await moves.images(candidates, images, values);
      for (let k = 0; k < candidates.length; k++) keepBest(watch, candidates[k], values[k]);
    },
    imageValue(x, image) {
      admit(1);
      return keepBest(watch, x, moves.imageValue(x, image));
    },
    movingPoint: () => new WatchedPoint(moves.movingPoint(), size, watcher),
  };
}

function checkFinite(value: number): void {
  if (!Number.isFinite(value)) throw new Interruption('non-finite');
}

function keepBest(watch: Watch, x: Float64Array, value: number): number {
  checkFinite(value);
  if (!(value >= watch.value)) {
    watch.x ??= new Float64Array(x.length);
    watch.x.set(x);
    watch.value = value;
    watch.trail = null;
  }
  return value;
}

/** Did the last iterations lower the cost by no more than `tolerance` times it? */
function isFlat(trace: readonly number[], tolerance: number): boolean {
  if (tolerance === 0 || trace.length <= STALL_WINDOW) return false;
  const now = trace[trace.length - 1];
  return trace[trace.length - 1 - STALL_WINDOW] - now <= tolerance * Math.abs(now);
}

function checkCancelled(options: MinimiseOptions): void {
  if (options.signal?.aborted) throw new Interruption('cancelled');
}

function progressOf(watch: Watch, iteration: number): Progress {
  const { evaluations, value, projectedGradientInf } = watch;
  return { iteration, evaluations, value, projectedGradientInf };
}

function checkOptions(options: MinimiseOptions): void {
  checkCount('maxIterations', options.maxIterations, 0);
  if (options.maxEvaluations !== undefined) checkCount('maxEvaluations', options.maxEvaluations, 1);
  checkTolerance('windowTolerance', options.windowTolerance ?? 0);
  if (Number.isNaN(options.targetValue)) {
    throw new InputError('targetValue', 'is NaN; allowed: a number');
  }
}
