import { createHash } from 'node:crypto';
import type { Executor } from '@isola/kernels/backends';
import { type Advance, bestMigrates, toBytes } from '@isola/optimizers/islands';
import { CONDENSED_VERSION } from '@isola/planning/dose';
import {
  type AngleIslandState,
  angleSearch,
  type BeamCache,
  type BeamSet,
  type JudgedBeams,
} from '@isola/planning/searches';
import type { AngleSearch } from './angle-search.js';
import { dosePhysics } from './dose-physics.js';

/** What the cells of a search run on. */
export interface AngleCellMeans {
  readonly executor: Executor;
  /** Condensed beams are kept here. */
  readonly cache: BeamCache;
  /** Of condensed beams in memory. */
  readonly memoryBytes: number;
  /** Of the code that computes beams. */
  readonly version: string;
  readonly onBeam?: () => void;
  readonly onJudged?: (set: JudgedBeams) => void;
}

/** The cells of a search for beam angles. */
export function angleCells(
  { spec, islands, topology }: AngleSearch,
  { executor, cache, memoryBytes, version, onBeam, onJudged }: AngleCellMeans,
): Advance<AngleIslandState, BeamSet> {
  const named = { physics: physicsHash(spec.fluence), version, form: CONDENSED_VERSION };
  const search = angleSearch(spec, {
    ...{ executor, cache, memoryBytes },
    keyOf: (angles) => sha256({ ...named, angles: { ...angles } }),
    ...(onBeam && { onBeam }),
    ...(onJudged && { onJudged }),
  });
  return search.cells(islands, bestMigrates(topology));
}

/** Names all that decides the doses of a plan's possible beams. */
export function physicsHash(fluence: AngleSearch['spec']['fluence']): string {
  return sha256(dosePhysics(fluence));
}

function sha256(data: unknown): string {
  return createHash('sha256').update(toBytes(data)).digest('hex');
}
