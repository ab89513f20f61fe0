/**
 * The beam-angle search of a plan on this machine, as a job whose cells are kept in the result
 * folder: however it ends, the same command goes on behind the last cell that was finished.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobSpec } from '@isola/coordinator/jobs';
import { contentId } from '@isola/coordinator/store';
import { bestMigrates, fromBytes, toBytes } from '@isola/optimizers/islands';
import type { BeamAngles } from '@isola/planning/beams';
import { CONDENSED_VERSION } from '@isola/planning/dose';
import {
  type AngleIslandState,
  type AngleLists,
  angleSearch,
  type SearchSummary,
} from '@isola/planning/searches';
import { beamCache } from '@isola/worker/cache';
import type { AngleSearch } from '../inputs/angle-search.js';
import { dosePhysics } from '../inputs/dose-physics.js';
import type { LoadedPlan } from '../inputs/load-plan.js';
import type { Session } from '../terminal/session.js';
import { version } from '../version.js';
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
  const { spec, islands, topology } = search;
  const physics = contentId(toBytes(dosePhysics(loaded.spec)));
  const job = angleJob(loaded, search, physics);
  const goals = new GoalsSoFar(loaded, spec.candidates, session.executor);
  const beamsFolder = cacheFolder ?? join(out, 'search', 'beams');
  const progress = { part: 0, beams: 0, sets: 0 };
  const show = () => {
    const { beams, sets } = progress;
    const work = sets === 0 ? `${beams} beams computed` : `${sets} sets${goals.text()}`;
    session.show(PHASE, progress.part, work);
  };
  const named = { physics, version, form: CONDENSED_VERSION };
  const { cells } = angleSearch(spec, {
    ...{ executor: session.executor, cache: beamCache(beamsFolder), memoryBytes },
    keyOf: (angles) => contentId(toBytes({ ...named, angles: { ...angles } })),
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
    const outcome: JobOutcome<AngleIslandState> = await runJob(
      store,
      job,
      cells(islands, bestMigrates(topology)),
      {
        concurrency: islands,
        onProgress: ({ acceptedCount }) => {
          progress.part = acceptedCount / (islands * search.epochs);
          show();
        },
      },
    );
    const bytes = await Promise.all(outcome.states.map((id) => store.getBlob(id)));
    const states = bytes.map((state) => fromBytes(state, 'a state') as AngleIslandState);
    return foundAngles(spec.candidates, outcome, states);
  });
  await goals.settled();
  session.whenEnded = '';
  if (cacheFolder === null) await rm(beamsFolder, { recursive: true, force: true });
  return found;
}

/** The job, under the hash of the plan's search and of all that it works on. */
function angleJob({ plan }: LoadedPlan, search: AngleSearch, physics: string): JobSpec {
  const { seed, islands, epochs, topology, lag, spec } = search;
  const { objectives, priorities, prescription, fractions } = plan;
  const judged = { objectives, priorities, prescription, fractions };
  const { count, settings, candidates } = spec;
  const pool = candidates.map((angles) => ({ ...angles }));
  const subject = JSON.parse(JSON.stringify({ judged, count, settings, pool, physics })) as unknown;
  return jobSpec({ subject, kernelVersion: version, seed, islands, epochs, topology, lag });
}

function foundAngles(
  candidates: readonly BeamAngles[],
  { best, trace }: JobOutcome<AngleIslandState>,
  states: readonly AngleIslandState[],
): FoundAngles {
  if (best === null) throw new Error('a search that was not cancelled has a best set');
  const { beams, value } = best.state.best;
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
