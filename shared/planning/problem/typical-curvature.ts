import type { Term } from './term.js';

/** How much of a one-sided penalty is active at a good plan: in targets, and elsewhere. */
const ACTIVE_IN_TARGET = 0.5;
const ACTIVE_ELSEWHERE = 0.1;

/**
 * Second derivative of the cost with respect to each row's dose at a typical good plan, halved.
 * It sets the units of beamlet weights (`scaledProblem`): on head-and-neck cases that halves the
 * iterations of L-BFGS-B.
 */
export function typicalCurvature(terms: readonly Term[], rows: number): Float32Array {
  const curvature = new Float32Array(rows);
  const targets = new Set(terms.filter(wantsDose).map(({ structure }) => structure));
  for (const term of terms) {
    const { structure, objective, weight, voxels } = term;
    if (objective.type === 'mean' || objective.type === 'geud') continue;
    const active = targets.has(structure) ? ACTIVE_IN_TARGET : ACTIVE_ELSEWHERE;
    const share = (weight / voxels.total) * (wantsDose(term) ? 1 : active);
    voxels.rows.forEach((row, i) => {
      curvature[row] += share * (voxels.weights === null ? 1 : voxels.weights[i]);
    });
  }
  return curvature;
}

function wantsDose({ objective }: Term): boolean {
  return ['squared-deviation', 'squared-underdosing', 'min-dvh'].includes(objective.type);
}
