import { allocate, type Executor } from '@isola/kernels/backends';
import { TILE_COLUMNS } from '@isola/kernels/sparse';
import type { Beam } from '../beams/index.js';
import type { CondenseTask, GroupTolerances } from './condense-thread.js';
import type { PreparedDose } from './engine.js';
import type { RowClusters } from './row-clusters.js';

const thread = new URL('./condense-thread.js', import.meta.url).href;
/** Rows of beamlets that groups are made in: about as high as they are wide. */
const BAND_BEAMLETS = 4;
const TOLERANCES: GroupTolerances = { voxel: 5e-4, box: 2e-3 };
/** Looser: more iterations; tighter: dearer Gram matrices (condensed-curvature.ts). */
const LOOSE_TOLERANCES: GroupTolerances = { voxel: 2e-2, box: 5e-2 };

/** Condenses the dose influence of every beam of `prepared`: a buffer each (condensed-beam.ts). */
export function condensedInfluence(
  prepared: PreparedDose,
  { clusterOf, ...clusters }: RowClusters,
  executor: Executor,
): Promise<SharedArrayBuffer>[] {
  const { arena, sources, frames, spec } = prepared;
  const at = allocate(arena, clusterOf.byteLength);
  new Uint32Array(arena.memory.buffer, at, clusterOf.length).set(clusterOf);
  return sources.map((source, b) => {
    const task: CondenseTask = {
      ...{ ...source, frames: frames[b], groups: groupsOf(spec.beams[b]) },
      ...{ ...clusters, clusterOf: at },
      ...{ tolerances: TOLERANCES, looseTolerances: LOOSE_TOLERANCES },
    };
    return executor.run<SharedArrayBuffer>(thread, 'condenseBeam', task);
  });
}

/** Neighbours in groups of 16, band by band. */
function groupsOf({ xMm, zMm, beamletMm }: Beam): Uint32Array[] {
  const band = (j: number) => Math.floor(Math.round(zMm[j] / beamletMm) / BAND_BEAMLETS);
  const order = Array.from(xMm.keys()).sort(
    (i, j) => band(i) - band(j) || xMm[i] - xMm[j] || zMm[i] - zMm[j],
  );
  const groups: number[][] = [];
  for (const j of order) {
    const last = groups.at(-1);
    if (last && last.length < TILE_COLUMNS && band(last[0]) === band(j)) last.push(j);
    else groups.push([j]);
  }
  return groups.map((group) => Uint32Array.from(group));
}
