/** What the runs of a method come to. */
import type { Figures } from '../measurement/bench.js';
import { median } from '../measurement/median.js';
import type { WangCase } from './cases.js';
import type { PlainRun } from './plain.js';
import { type EpochPoint, isCovered, type Run } from './runs.js';

/** Figures of a method's runs; medians over seeds, those that never got there count as longest. */
export function methodFigures(
  runs: readonly Run[],
  wangCase: WangCase,
  plain: PlainRun | null,
): Figures {
  const stops = runs.map(({ epochs }) => epochs.find(({ verdict }) => verdict.isMet));
  const covers = runs.map(({ epochs }) => epochs.find(({ verdict }) => isCovered(verdict)));
  const ends = runs.map(endOf);
  const failed = runs.filter((_, i) => stops[i] === undefined).map(({ seed }) => seed);
  const seconds = stops.map((stop) => stop?.seconds ?? Infinity);
  const objectives = ends.map(({ objective }) => objective);
  const perSecond = median(ends.map((end) => end.candidates / end.seconds));
  return {
    ...{ method: runs[0].method, seeds: runs.length, stopRuleMet: runs.length - failed.length },
    failedSeeds: failed.join(' '),
    medianSeconds: finite(median(seconds)),
    ...{ leastSeconds: finite(Math.min(...seconds)), mostSeconds: finite(Math.max(...seconds)) },
    medianEvaluations: finite(median(stops.map((stop) => stop?.candidates ?? Infinity))),
    secondsToV95: finite(median(covers.map((point) => point?.seconds ?? Infinity))),
    medianObjective: median(objectives),
    ...{ leastObjective: Math.min(...objectives), mostObjective: Math.max(...objectives) },
    medianTotalSeconds: median(ends.map((end) => end.seconds)),
    candidates: median(ends.map(({ candidates }) => candidates)),
    ...{ candidatesPerSecond: perSecond, indexMillionPerSecond: index(perSecond, wangCase) },
    ...ratios(plain, perSecond, median(seconds)),
  };
}

export function plainFigures({ candidates, seconds, ...run }: PlainRun, wangCase: WangCase) {
  const perSecond = candidates / seconds;
  return {
    ...{ seconds, candidates, objective: run.objective, candidatesPerSecond: perSecond },
    indexMillionPerSecond: index(perSecond, wangCase),
    secondsToStopRule: run.secondsToStopRule,
  };
}

/** A plain run that was not at the stop rule in time gives a bound. */
function ratios(plain: PlainRun | null, perSecond: number, seconds: number): Figures {
  if (plain === null) return { ratioToPlain: null, secondsRatioToPlain: null };
  const ratio = (plain.secondsToStopRule ?? plain.seconds) / seconds;
  return {
    ratioToPlain: (perSecond * plain.seconds) / plain.candidates,
    secondsRatioToPlain: `${plain.secondsToStopRule === null ? '>= ' : ''}${ratio.toFixed(1)}`,
  };
}

/**
 * F of the hybrid beside that of one of its parts, both after as many candidates: as many as every
 * run of both has computed, `most` at most. Between two epochs F is taken to fall evenly in its
 * logarithm.
 */
export function equalFigures(hybrid: readonly Run[], part: readonly Run[], most: number): Figures {
  const spent = [...hybrid, ...part].map((run) => endOf(run).candidates);
  const candidates = Math.min(most, ...spent);
  const [ours, theirs] = [hybrid, part].map((runs) =>
    runs.map((run) => objectiveAfter(run, candidates)),
  );
  return {
    ...{ method: part[0].method, candidates },
    ...{ partObjective: median(theirs), hybridObjective: median(ours) },
    hybridIsNotAbove: ours.filter((objective, i) => objective <= theirs[i]).length,
  };
}

function objectiveAfter({ epochs }: Run, candidates: number): number {
  const after = epochs.findIndex((point) => point.candidates >= candidates);
  if (after <= 0) return epochs[0].objective;
  const [a, b] = [epochs[after - 1], epochs[after]];
  const part = (candidates - a.candidates) / (b.candidates - a.candidates);
  return Math.exp((1 - part) * Math.log(a.objective) + part * Math.log(b.objective));
}

function endOf({ epochs }: Run): EpochPoint {
  return epochs[epochs.length - 1];
}

/** Wang's index, in millions a second. */
function index(candidatesPerSecond: number, { published }: WangCase): number {
  return (candidatesPerSecond * published.variables * published.constraints) / 1e6;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
