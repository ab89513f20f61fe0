/** Runs of a method on a case, each from a seed, watched epoch by epoch. */
import type { Executor } from '@isola/kernels/backends';
import type { Best } from '@isola/optimizers/algorithms';
import { type Advance, routesOf, runArchipelago } from '@isola/optimizers/islands';
import type { CellOutcome, CellTask } from './cells.js';
import { type IslandState, type Method, MIGRATION } from './methods.js';
import { ISLANDS } from './settings.js';
import type { DoseVerdict } from './stop-rule.js';
import { PRESCRIBED_GY, type WangProblem } from './wang-problem.js';

/** How the best of all islands stood after an epoch. */
export interface EpochPoint {
  readonly seconds: number;
  /** Costs computed so far. */
  readonly candidates: number;
  readonly objective: number;
  readonly verdict: DoseVerdict;
}

export interface Run {
  readonly method: Method;
  readonly seed: number;
  readonly epochs: readonly EpochPoint[];
}

export interface RunLimits {
  /** A run goes on until it has computed so many and meets the stop rule and V95 % >= 95 %, */
  readonly candidates: number;
  /** or until the time is over. */
  readonly seconds: number;
}

export const isCovered = ({ targetV95Percent }: DoseVerdict) => targetV95Percent >= 95;

const thread = new URL('./cells.js', import.meta.url).href;
const MOST_EPOCHS = 1_000_000;

export async function runMethod(
  { shared, wangCase, uniform, upper }: WangProblem,
  executor: Executor,
  method: Method,
  seed: number,
  limits: RunLimits,
): Promise<Run> {
  const cells = new EpochCells();
  const epochs: EpochPoint[] = [];
  const stop = new AbortController();
  const common = { method, shared, limits: wangCase.limits, start: uniform, upper };
  const advance: Advance<IslandState, Best> = async (cell) => {
    const task: CellTask = { ...common, prescribedGy: PRESCRIBED_GY, cell };
    const outcome = await executor.run<CellOutcome>(thread, 'computeCell', task);
    cells.add(cell.epoch, outcome);
    return outcome.result;
  };
  const startMs = performance.now();
  const onSealed = (epoch: number) => {
    const seconds = (performance.now() - startMs) / 1000;
    epochs.push({ seconds, ...cells.seal(epoch) });
    if (isOver(epochs, limits)) stop.abort();
  };
  await runArchipelago(advance, {
    ...routesOf(MIGRATION.topology, ISLANDS, 1),
    ...{ seed, epochs: MOST_EPOCHS, concurrency: executor.threads, signal: stop.signal, onSealed },
  });
  return { method, seed, epochs };
}

function isOver(epochs: readonly EpochPoint[], { candidates, seconds }: RunLimits): boolean {
  const last = epochs[epochs.length - 1];
  if (last.seconds >= seconds) return true;
  if (last.candidates < candidates) return false;
  return epochs.some(({ verdict }) => verdict.isMet) && isCovered(last.verdict);
}

/** What came back of the epochs that are not sealed. */
class EpochCells {
  private readonly waiting = new Map<number, CellOutcome[]>();
  private candidates = 0;

  add(epoch: number, outcome: CellOutcome): void {
    const others = this.waiting.get(epoch) ?? [];
    this.waiting.set(epoch, [...others, outcome]);
  }

  /** The best of an epoch whose cells are all there. */
  seal(epoch: number): Omit<EpochPoint, 'seconds'> {
    const outcomes = this.waiting.get(epoch) ?? [];
    this.waiting.delete(epoch);
    for (const { result } of outcomes) this.candidates += result.statistics.evaluations;
    const value = ({ result }: CellOutcome) => result.statistics.value;
    const best = outcomes.reduce((a, b) => (value(b) < value(a) ? b : a));
    return { candidates: this.candidates, objective: value(best), verdict: best.verdict };
  }
}
