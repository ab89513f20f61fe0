/**
 * The group norm over nonnegative variables: sum over groups g of w_g ||x_g||_2, the penalty that
 * sets whole groups to zero. Yuan, Lin (2006), "Model selection and estimation in regression with
 * grouped variables", J. R. Statist. Soc. B 68. Its proximal operator with x >= 0 has a closed
 * form: clip at 0, then shrink each group; O'Connor, Voronenko, Nguyen, Yin, Sheng (2018), "Fast
 * non-coplanar beam orientation optimization based on group sparsity", arXiv 1710.05308.
 */
import { norm2 } from '@isola/kernels/vector';
import { InputError } from '../problem/index.js';

/** A partition of the variables into runs of neighbours. */
export interface VariableGroups {
  /** Group g is variables groupStarts[g] to groupStarts[g + 1] - 1; one entry more than groups. */
  readonly groupStarts: Uint32Array;
  /** What a unit of the norm of a group costs, relative to the other groups; positive. */
  readonly weights: Float64Array;
}

/**
 * @param size how many variables there are
 * @throws InputError for groups that are empty or do not cover the variables, or a weight that is
 * not positive
 */
export function checkGroups({ groupStarts, weights }: VariableGroups, size: number): void {
  const count = groupStarts.length - 1;
  if (weights.length !== count) {
    throw new InputError('weights', `has length ${weights.length}; allowed: ${count}, one a group`);
  }
  if (count < 1 || groupStarts[0] !== 0 || groupStarts[count] !== size) {
    throw new InputError('groupStarts', `do not run from 0 to the problem size, ${size}`);
  }
  for (let g = 0; g < count; g++) {
    if (!(groupStarts[g] < groupStarts[g + 1])) {
      const [start, end] = [groupStarts[g], groupStarts[g + 1]];
      throw new InputError(`groupStarts[${g + 1}]`, `is ${end}; allowed: more than ${start}`);
    }
    if (!(weights[g] > 0 && weights[g] < Infinity)) {
      throw new InputError(`weights[${g}]`, `is ${weights[g]}; allowed: a positive number`);
    }
  }
}

/** ||x_g||_2 of every group: 0 exactly where all its variables are. */
export function groupNorms(x: Float64Array, { groupStarts }: VariableGroups): Float64Array {
  const norms = new Float64Array(groupStarts.length - 1);
  for (let g = 0; g < norms.length; g++) norms[g] = norm2(groupOf(x, groupStarts, g));
  return norms;
}

/** Sum over groups g of w_g ||x_g||_2. */
export function groupNormSum(x: Float64Array, groups: VariableGroups): number {
  const norms = groupNorms(x, groups);
  let sum = 0;
  for (let g = 0; g < norms.length; g++) sum += groups.weights[g] * norms[g];
  return sum;
}

/**
 * Replaces x, in place, by the z >= 0 least in ||z - x||^2 / 2 + penalty sum_g w_g ||z_g||.
 * Returns x.
 */
export function shrinkGroups(
  x: Float64Array,
  { groupStarts, weights }: VariableGroups,
  penalty: number,
): Float64Array {
  for (let g = 0; g < weights.length; g++) {
    const group = groupOf(x, groupStarts, g);
    for (let i = 0; i < group.length; i++) if (!(group[i] > 0)) group[i] = 0;
    const norm = norm2(group);
    const threshold = penalty * weights[g];
    if (norm <= threshold) group.fill(0);
    else for (let i = 0; i < group.length; i++) group[i] -= group[i] * (threshold / norm);
  }
  return x;
}

/**
 * The least penalty at which x = 0 is stationary: the largest ||max(-gradient, 0)_g|| / w_g.
 * @param gradient of the smooth cost at x = 0
 */
export function zeroingPenalty(
  gradient: Float64Array,
  { groupStarts, weights }: VariableGroups,
): number {
  const downhill = gradient.map((gi) => Math.max(-gi, 0));
  let largest = 0;
  for (let g = 0; g < weights.length; g++) {
    largest = Math.max(largest, norm2(groupOf(downhill, groupStarts, g)) / weights[g]);
  }
  return largest;
}

function groupOf(x: Float64Array, groupStarts: Uint32Array, g: number): Float64Array {
  return x.subarray(groupStarts[g], groupStarts[g + 1]);
}
