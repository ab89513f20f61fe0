import type { BeamAngles } from '../beams/index.js';
import type { FluenceSpec } from './fluence-spec.js';

/** A search for the best few of many candidate beams. */
export interface AngleSearchSpec {
  /** What a set of beams is judged by; its own `angles` are not looked at. */
  readonly fluence: FluenceSpec;
  /** Beams in a set, 1 or more. */
  readonly count: number;
  /** Distinct, at least `count`, clear of collisions. */
  readonly candidates: readonly BeamAngles[];
  readonly settings: AngleSearchSettings;
}

/** How islands search; the structure is that of Wang, Huang & Bao (2009) on sets of beams. */
export interface AngleSearchSettings {
  /** Sets on each island, 2 or more. */
  readonly population: number;
  /** Generations in an epoch, 1 or more. */
  readonly generations: number;
  /** Children made for each one that is judged, 1 or more; it is the most promising. */
  readonly proposals: number;
  /** Probability that a child has two parents, in [0, 1]. */
  readonly crossover: number;
  /** Probability that a beam of a child is moved, in [0, 1]. */
  readonly mutation: number;
  /** Of the annealing at the start, as a part of the cost; 0 accepts only what is better. */
  readonly temperature: number;
  /** What the temperature is multiplied with every epoch, in (0, 1). */
  readonly cooling: number;
  /** Whether the first set of the first island is the one that group sparsity picks. */
  readonly seeding: 'none' | 'group-sparsity';
}

export const DEFAULT_ANGLE_SETTINGS: AngleSearchSettings = {
  population: 4,
  generations: 4,
  proposals: 8,
  crossover: 0.6,
  mutation: 0.1,
  temperature: 0.01,
  cooling: 0.8,
  seeding: 'none',
};

/** What one island hands to another, and the best that a search found. */
export interface BeamSet {
  /** Indices of candidates, ascending. */
  readonly beams: Uint16Array;
  /** Weights of their beamlets, beam by beam. */
  readonly weights: Float32Array;
  /** Cost of the weights on the search's clusters of voxels. */
  readonly value: number;
}

/** Keeps condensed beams between runs, by name; on disk, or not at all. */
export interface BeamCache {
  /** Null where there is none, or where it has changed. */
  get(key: string): Promise<Uint8Array | null>;
  /** May keep nothing: such a beam is computed again. */
  put(key: string, bytes: Uint8Array): Promise<void>;
}
