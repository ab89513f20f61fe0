/**
 * Two methods beside each other. A problem is a function and a target; its cost to a method are the
 * evaluations of all runs, those that failed too, over the number of runs that came to the target
 * (expected running time: Hansen et al., "COCO: performance assessment", 2016). The performance
 * profile of a method is the part of all problems that it solves within tau times what the better
 * of the two needs: Dolan, Moré, "Benchmarking optimization software with performance profiles",
 * Math. Program. 91 (2002).
 */
import { RandomStream } from '@isola/kernels/random';
import type { Figures } from '../measurement/bench.js';
import { median } from '../measurement/median.js';
import type { Run, Task } from './runs.js';

/** Costs of a method by problem; Infinity where no run came to the target. */
export function runningTimes(runs: readonly Run[], tasks: readonly Task[]): number[] {
  return tasks.flatMap(({ classic, dimension, budget }) => {
    const own = runs.filter((run) => run.function === classic.name && run.dimension === dimension);
    const targets = own[0]?.hits ?? [];
    return targets.map((_, k) => {
      const spent = own.reduce((total, { hits }) => total + (hits[k] ?? budget), 0);
      return spent / own.filter(({ hits }) => hits[k] !== null).length;
    });
  });
}

/** Of a profile: the parts of the problems that are solved first, within multiples, and at all. */
const STOPS = { First: 1, Within2: 2, Within10: 10, Solved: Number.MAX_VALUE };
const RELABELLINGS = 400;
/** A difference that chance makes more often than this is none. */
const RARE = 0.05;

/**
 * Both profiles (ties count as first for both) and the least difference of them over all tau, ours
 * less theirs. Two that are equally good have a negative one by chance; `chance` is how often, with
 * the runs of a task and seed dealt to the two at random, it is as low as that. How they did fall
 * is one of the deals, so that the test errs no more often than it says: Phipson, Smyth,
 * "Permutation P-values should never be zero", Stat. Appl. Genet. Mol. Biol. 9 (2010). Where few
 * functions decide it lets much pass; `leastMargin` tells. Ours is at least theirs where none of
 * the differences is negative, or by no more than chance makes of them.
 */
export function comparison(
  ours: readonly Run[],
  theirs: readonly Run[],
  tasks: readonly Task[],
): Figures {
  const times = [ours, theirs].map((runs) => runningTimes(runs, tasks)) as [number[], number[]];
  const [own, peer] = profiles(...times);
  const leastMargin = leastMarginOf(...times);
  const chance = chanceOf(leastMargin, ours, theirs, tasks);
  const stops = (name: string, profile: Profile) =>
    Object.entries(STOPS).map(([stop, tau]) => [`${name}${stop}`, profile(tau)]);
  return {
    ...Object.fromEntries([...stops('ours', own), ...stops('theirs', peer)]),
    ...{ leastMargin, chance },
    atLeastTheirs: leastMargin >= 0 ? 'yes' : chance > RARE ? 'within chance' : 'no',
  };
}

/** The part of the problems that are solved within tau times the better one's cost. */
type Profile = (tau: number) => number;

function profiles(ours: readonly number[], theirs: readonly number[]): [Profile, Profile] {
  const profile = (costs: readonly number[], others: readonly number[]): Profile => {
    const ratios = costs.map((cost, k) => ratioOf(cost, others[k]));
    return (tau) => ratios.filter((ratio) => ratio <= tau).length / ratios.length;
  };
  return [profile(ours, theirs), profile(theirs, ours)];
}

function ratioOf(cost: number, other: number): number {
  return cost === Infinity ? Infinity : cost / Math.min(cost, other);
}

/** Over all tau; never above 0, for both profiles begin at 0. */
function leastMarginOf(ours: readonly number[], theirs: readonly number[]): number {
  const [own, peer] = profiles(ours, theirs);
  const steps = theirs.map((cost, k) => ratioOf(cost, ours[k])).filter(Number.isFinite);
  return Math.min(0, ...steps.map((tau) => own(tau) - peer(tau)));
}

function chanceOf(
  margin: number,
  ours: readonly Run[],
  theirs: readonly Run[],
  tasks: readonly Task[],
): number {
  const random = new RandomStream(0, 'relabelling');
  const keyOf = (run: Run) => `${run.function} ${run.dimension} ${run.seed}`;
  const others = new Map(theirs.map((run) => [keyOf(run), run]));
  const pairs = ours.map((run) => [run, others.get(keyOf(run)) ?? run] as const);
  let asLow = 0;
  for (let k = 0; k < RELABELLINGS; k++) {
    const sides = pairs.map((_, i) => random.integer(2, 0, k, i, 0));
    const dealt = (other: number) =>
      runningTimes(
        pairs.map((pair, i) => pair[sides[i] === other ? 0 : 1]),
        tasks,
      );
    if (leastMarginOf(dealt(0), dealt(1)) <= margin) asLow++;
  }
  return (asLow + 1) / (RELABELLINGS + 1);
}

/** Runs that differ in their seed only. */
export function resultOf(runs: readonly Run[]): Figures {
  const { function: name, dimension, method, library } = runs[0];
  const last = runs.map(({ hits }) => hits[hits.length - 1] ?? Infinity);
  const evaluations = median(last);
  const value = median(runs.map(({ best }) => best ?? Infinity));
  return {
    ...{ function: name, dimension, method, library, seeds: runs.length },
    medianValue: Number.isFinite(value) ? value : null,
    solved: last.filter(Number.isFinite).length,
    medianEvaluations: Number.isFinite(evaluations) ? evaluations : null,
    failed: runs.filter(({ failure }) => failure !== null).length,
  };
}
