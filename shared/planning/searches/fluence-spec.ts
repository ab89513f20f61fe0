import type { Vec3 } from '@isola/kernels/grid';
import type { BeamAngles } from '../beams/index.js';
import type { Case } from '../case/index.js';
import type { Machine } from '../machines/index.js';
import type { Goal } from '../metrics/index.js';
import type { SamplingSpec, TermSpec } from '../problem/index.js';

/** What is to be planned. Doses of objectives are per fraction, of prescription for the course. */
export interface FluenceSpec {
  readonly patient: Case;
  readonly machine: Machine;
  readonly fractions: number;
  readonly prescription: { readonly structure: string; readonly doseGy: number };
  readonly angles: readonly BeamAngles[];
  readonly isocenterMm: Vec3 | 'target-centroid';
  readonly beamletMm: number;
  readonly doseGridMm: Vec3 | 'case';
  readonly objectives: readonly TermSpec[];
  readonly priorities: Readonly<Record<string, number>>;
  readonly method: 'two-level' | 'lbfgsb' | 'projected-gradient';
  readonly maxIterations: number;
  /** Ends when ten iterations lower the cost by no more than this part of it. */
  readonly tolerance: number;
  /** Voxels of the cost, or of its coarse twin with two-level; null: all. */
  readonly sampling: SamplingSpec | null;
  /**
   * Into how many parts the voxels are divided, so that several machines can optimise at once: a
   * power of two; 1: they stay together. Sums are grouped by it, so the last bits depend on it.
   */
  readonly shards: number;
  /** A dose metric of the target that the weights are scaled to, or null. */
  readonly normalisation: { readonly metric: Goal; readonly toGy: number } | null;
}
