import type { Objective, VoxelSet } from '../objectives/index.js';

/** One term of the cost: weight times an objective of some rows' dose. */
export interface Term {
  readonly structure: string;
  readonly objective: Objective;
  readonly weight: number;
  readonly voxels: VoxelSet;
}

/** The weighted sum of the terms for a dose, Gy per fraction. */
export function costOfDose(terms: readonly Term[], dose: Float32Array): number {
  let sum = 0;
  for (const term of terms) sum += term.weight * term.objective.value(dose, term.voxels);
  return sum;
}
