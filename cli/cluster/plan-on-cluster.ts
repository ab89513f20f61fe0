/** A plan made by a cluster: sends it, follows its job, fetches the result. */
import { jobs } from '@isola/cluster/wire';
import { specToWire } from '@isola/coordinator/services';
import { fromBytes } from '@isola/optimizers/islands';
import type { AngleIslandState, FluenceResult } from '@isola/planning/searches';
import { bundlePlan, type LoadedPlan, readOutcome } from '@isola/worker/plans';
import { type FoundAngles, foundAngles } from '../local/search-angles.js';
import { EXIT } from '../terminal/exit-code.js';
import type { Session } from '../terminal/session.js';
import { ClusterClient, type ClusterPlace } from './cluster-client.js';
import { ClusterProblem } from './cluster-problem.js';
import { planJob } from './plan-job.js';

export interface PlannedPlan {
  readonly found: FoundAngles | null;
  readonly result: FluenceResult;
}

const CAUSES: Readonly<Record<string, string>> = {
  'worker-lost': 'workers were lost again and again while they computed it',
  'out-of-memory': 'workers ran out of memory with it; give them more, or a larger doseGridMm',
  'not-finite': 'its cost is not a finite number; check doses and weights of the objectives',
  'bad-input': 'workers refuse the plan; check that they are of the same version',
  crashed: 'workers crashed with it; their logs say where',
  'blob-lost': 'what it is computed from was lost; give the same command again',
  'timed-out': 'workers took longer for a part of it than the coordinator allows (--cell-timeout)',
  'results-differ': 'two workers came to different results; check their memory and processors',
};

/** @throws ClusterProblem */
export async function planOnCluster(
  loaded: LoadedPlan,
  place: ClusterPlace,
  session: Session,
): Promise<PlannedPlan> {
  const client = new ClusterClient(place);
  try {
    session.show('send plan', 0);
    const subject = await client.push(bundlePlan(loaded.plan, loaded.path));
    const spec = specToWire(planJob(loaded.plan, subject), subject);
    const { jobId } = await client.submit(spec);
    const goesOn = `the job goes on: the same command follows it, "isola cancel ${jobId}" ends it`;
    session.whenEnded = `; ${goesOn}`;
    const last = await client.follow(jobId, (update) =>
      show(update, loaded.search !== null, session),
    );
    session.whenEnded = '';
    if (last.result === '') throw withoutResult(last);
    session.show('fetch result', 0);
    const bytes = await client.pull(last.result);
    const found = loaded.search && (await anglesOf(loaded.search, last, client));
    const angles = found?.angles ?? loaded.spec.angles;
    return { found, result: readOutcome(bytes, { ...loaded.spec, angles }) };
  } finally {
    client.close();
  }
}

function withoutResult({ jobId, state, cause }: jobs.JobUpdate): ClusterProblem {
  if (state === jobs.JobState.CANCELLED) {
    return new ClusterProblem(`job ${jobId} was cancelled before it had a result`, EXIT.cancelled);
  }
  return new ClusterProblem(`job ${jobId} failed: ${CAUSES[cause] ?? cause}`, EXIT.failed);
}

async function anglesOf(
  search: NonNullable<LoadedPlan['search']>,
  { bestState, bestValues, states }: jobs.JobUpdate,
  client: ClusterClient,
): Promise<FoundAngles> {
  const read = async (id: string) =>
    fromBytes(await client.pull(id), 'a state') as AngleIslandState;
  const all = await Promise.all(states.map(read));
  return foundAngles(search.spec.candidates, await read(bestState), bestValues, all);
}

/** What the cluster is doing, for the progress line. */
function show(update: jobs.JobUpdate, isSearch: boolean, session: Session): void {
  const { state, cellsAccepted, cellsTotal, bestValues, activities } = update;
  const version = update.missingVersion === '' ? '' : ` of version ${update.missingVersion}`;
  if (state === jobs.JobState.QUEUED || version !== '') {
    session.show('waiting', 0, `for a worker${version}`);
    return;
  }
  const [first] = activities;
  if (!isSearch || cellsAccepted >= cellsTotal - 1) {
    session.show(first?.phase ?? 'waiting', first?.part ?? 0, first?.detail);
    return;
  }
  const best = bestValues.at(-1);
  const cost = best === undefined ? '' : `, best cost ${best.toPrecision(5)}`;
  const workers = new Set(activities.map(({ worker }) => worker)).size;
  const work = `${cellsAccepted} of ${cellsTotal} cells, ${workers} workers${cost}`;
  session.show('beam angles', cellsAccepted / cellsTotal, work);
}
