/**
 * The beam-angle search of a plan on this machine, as a job whose cells are kept in the result
 * folder: however it ends, the same command goes on behind the last cell that was finished.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobSpec } from '@isola/coordinator/jobs';
import { fromBytes } from '@isola/optimizers/islands';
import type { BeamAngles } from '@isola/planning/beams';
import type { AngleIslandState, AngleLists, SearchSummary } from '@isola/planning/searches';
import { beamCache } from '@isola/worker/cache';
import { type AngleSearch, angleCells, type LoadedPlan, physicsHash } from '@isola/worker/plans';
import type { Session } from '../terminal/session.js';
import { kernelVersion, version } from '../version.js';
import { GoalsSoFar } from './goals-so-far.js';
import { jobSpec } from './job-spec.js';
import { inJobStore } from './job-store.js';
import { type JobOutcome, runJob } from './run-job.js';

export interface AngleSearchPlaces {
  /** The result folder. */
  readonly out: string;
  /** Condensed beams are kept here for other runs; null: in the result folder, until it ends. */
  readonly cacheFolder: string | null;
  /** Of condensed beams in memory. */
  readonly memoryBytes: number;
}

export interface FoundAngles {
  readonly angles: readonly BeamAngles[];
  readonly summary: SearchSummary;
}

const PHASE = 'beam angles';

/** @throws InputError, StoreError */
export async function searchAngles(
  loaded: LoadedPlan,
  search: AngleSearch,
  { out, cacheFolder, memoryBytes }: AngleSearchPlaces,
  session: Session,
): Promise<FoundAngles> {
  const { spec, islands } = search;
  const job = angleJob(loaded, search);
  const goals = new GoalsSoFar(loaded, spec.candidates, session.executor);
  const beamsFolder = cacheFolder ?? join(out, 'search', 'beams');
  const progress = { part: 0, beams: 0, sets: 0 };
  const show = () => {
    const { beams, sets } = progress;
    const work = sets === 0 ? `${beams} beams computed` : `${sets} sets${goals.text()}`;
    session.show(PHASE, progress.part, work);
  };
  const cache = beamCache(beamsFolder, { onUnkept: (line) => session.warn(line) });
  const cells = angleCells(search, {
    ...{ executor: session.executor, cache, memoryBytes, version },
    onBeam: () => {
      progress.beams++;
      show();
    },
    onJudged: (set) => {
      progress.sets++;
      if (!set.isRejected) goals.offer(set);
      show();
    },
  });
  session.whenEnded = '; the same command goes on from here';
  session.show(PHASE, 0);
  const found = await inJobStore(join(out, 'search'), job, async (store) => {
    const outcome: JobOutcome<AngleIslandState> = await runJob(store, job, cells, {
      concurrency: islands,
      onProgress: ({ acceptedCount }) => {
        progress.part = acceptedCount / (islands * search.epochs);
        show();
      },
    });
    const bytes = await Promise.all(outcome.states.map((id) => store.getBlob(id)));
    const states = bytes.map((state) => fromBytes(state, 'a state') as AngleIslandState);
    const { best, trace } = outcome;
    if (best === null) throw new Error('a search that was not cancelled has a best set');
    return foundAngles(spec.candidates, best.state, trace, states);
  });
  await goals.settled();
  session.whenEnded = '';
  if (cacheFolder === null) await rm(beamsFolder, { recursive: true, force: true });
  return found;
}

/** The job, under the hash of the plan's search and of all that it works on. */
function angleJob({ plan }: LoadedPlan, search: AngleSearch): JobSpec {
  const { seed, islands, epochs, topology, lag, spec } = search;
  const { objectives, priorities, prescription, fractions } = plan;
  const judged = { objectives, priorities, prescription, fractions };
  const { count, settings, candidates } = spec;
  const pool = candidates.map((angles) => ({ ...angles }));
  const physics = physicsHash(spec.fluence);
  const subject = JSON.parse(JSON.stringify({ judged, count, settings, pool, physics })) as unknown;
  return jobSpec({ subject, kernelVersion, seed, islands, epochs, topology, lag });
}

/**
 * What a search has found.
 * @param best state of the island with the best set
 * @param trace the best cost after each epoch
 * @param states of all islands at the end
 */
export function foundAngles(
  candidates: readonly BeamAngles[],
  best: AngleIslandState,
  trace: readonly number[],
  states: readonly AngleIslandState[],
): FoundAngles {
  const { beams, value } = best.best;
  const angles = Array.from(beams, (beam) => candidates[beam]);
  const optimised = states.reduce((sum, state) => sum + state.optimised, 0);
  const judged = states.reduce((sum, state) => sum + state.judged.length, 0);
  return {
    angles,
    summary: {
      ...{ method: 'beam-angles', candidatesDeg: lists(candidates), trace },
      sets: { optimised, screened: judged - optimised },
      best: { value, anglesDeg: lists(angles) },
    },
  };
}

function lists(angles: readonly BeamAngles[]): AngleLists {
  return {
    gantryDeg: angles.map(({ gantryDeg }) => gantryDeg),
    couchDeg: angles.map(({ couchDeg }) => couchDeg),
    collimatorDeg: angles.map(({ collimatorDeg }) => collimatorDeg),
  };
}
