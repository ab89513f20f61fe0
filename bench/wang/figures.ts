/** What the runs of a method come to. */
import type { Figures } from '../measurement/bench.js';
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
 * F of the hybrid beside that of one of its parts, each after as many candidates: as many as every
 * run of both has computed, `most` at most; in whole epochs, none begun beyond it.
 */
export function equalFigures(hybrid: readonly Run[], part: readonly Run[], most: number): Figures {
  const spent = [...hybrid, ...part].map((run) => endOf(run).candidates);
  const candidates = Math.min(most, ...spent);
  const pointsOf = (runs: readonly Run[]) => runs.map((run) => pointAt(run, candidates));
  const [ours, theirs] = [pointsOf(hybrid), pointsOf(part)];
  const middle = (points: readonly EpochPoint[]) => ({
    candidates: median(points.map((point) => point.candidates)),
    objective: median(points.map((point) => point.objective)),
  });
  return {
    method: part[0].method,
    partCandidates: middle(theirs).candidates,
    hybridCandidates: middle(ours).candidates,
    partObjective: middle(theirs).objective,
    hybridObjective: middle(ours).objective,
    hybridIsNotAbove: ours.filter((point, i) => point.objective <= theirs[i].objective).length,
  };
}

/** How a run stood after so many candidates; after its first epoch if that took more. */
function pointAt({ epochs }: Run, candidates: number): EpochPoint {
  return epochs.findLast((point) => point.candidates <= candidates) ?? epochs[0];
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
