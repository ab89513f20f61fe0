/**
 * Picks about so many groups of variables: the penalty of `groupSparse` is bisected until so many
 * groups stay above zero. Each solution starts from that of the next higher penalty, so that groups
 * enter one after another.
 */
import { type DifferentiableProblem, InputError } from '../problem/index.js';
import {
  atPenalty,
  type GroupSparseState,
  type GroupSparseTolerances,
  groupSparse,
} from './group-sparse.js';
import { groupNorms, type VariableGroups, zeroingPenalty } from './group-sparse-norm.js';
import { checkCount } from './settings.js';

export interface SelectGroupsOptions extends GroupSparseTolerances {
  /** Penalties tried at most. Default 16. */
  readonly maxSolves?: number;
  /** Iterations for each of them at most. Default 200. */
  readonly maxIterations?: number;
}

export interface SelectedGroups {
  /** The groups above zero, largest norm first; of equal ones, the lower number first. */
  readonly groups: readonly number[];
  /** The penalised solution: biased towards zero, so solve again over the chosen groups. */
  readonly x: Float64Array;
  readonly penalty: number;
}

/**
 * The groups that stay where a penalty leaves just `count` of them. Where no penalty that was tried
 * does so, more than `count` are returned, those of the highest such penalty; fewer only where no
 * penalty that was tried left as many.
 *
 * @param count 1 to the number of groups
 * @throws InputError for a count or setting outside its range, and as `groupSparse` does
 */
export async function selectGroups(
  problem: DifferentiableProblem,
  groups: VariableGroups,
  count: number,
  options: SelectGroupsOptions = {},
): Promise<SelectedGroups> {
  const { maxSolves = 16, maxIterations = 200 } = options;
  checkCount('selectGroups.maxSolves', maxSolves, 1);
  checkCount('selectGroups.maxIterations', maxIterations, 1);
  checkCount('selectGroups.count', count, 1);
  if (count > groups.weights.length) {
    const most = groups.weights.length;
    throw new InputError('selectGroups.count', `is ${count}; allowed: at most the ${most} groups`);
  }
  let sparse = await emptySolution(problem, groups);
  let dense: Solution | null = null;
  for (let solves = 0; solves < maxSolves && sparse.penalty > 0; solves++) {
    const penalty: number =
      dense === null ? sparse.penalty / 2 : Math.sqrt(sparse.penalty) * Math.sqrt(dense.penalty);
    const settings = { ...options, ...groups, penalty };
    const optimizer = groupSparse(settings);
    let state = atPenalty(sparse.state, settings);
    while (optimizer.status(state) === 'running' && state.iteration < maxIterations) {
      state = await optimizer.step(problem, state);
    }
    const solution = { penalty, state };
    const active = activeGroups(solution, groups).length;
    if (active === count) return selected(solution, groups);
    if (active > count) dense = solution;
    else sparse = solution;
  }
  return selected(dense ?? sparse, groups);
}

interface Solution {
  readonly penalty: number;
  readonly state: GroupSparseState;
}

/** All variables at zero, with the least penalty that keeps them there. */
async function emptySolution(
  problem: DifferentiableProblem,
  groups: VariableGroups,
): Promise<Solution> {
  const x = new Float64Array(problem.size);
  const state = await groupSparse({ ...groups, penalty: 0 }).init(problem, x, 0);
  const gradient = new Float64Array(problem.size);
  await problem.valueAndGradient(x, gradient);
  const penalty = zeroingPenalty(gradient, groups);
  if (!Number.isFinite(penalty)) throw new Error(`selectGroups: gradient of norm ${penalty} at 0`);
  return { penalty, state: atPenalty(state, { ...groups, penalty }) };
}

function activeGroups({ state }: Solution, groups: VariableGroups): number[] {
  const norms = groupNorms(state.x, groups);
  const active = Array.from(norms.keys()).filter((g) => norms[g] > 0);
  return active.sort((a, b) => norms[b] - norms[a] || a - b);
}

function selected(solution: Solution, groups: VariableGroups): SelectedGroups {
  const { penalty, state } = solution;
  return { groups: activeGroups(solution, groups), x: state.x, penalty };
}
