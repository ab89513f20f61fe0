import { status } from '@grpc/grpc-js';
import { jobs } from '@isola/cluster/wire';
import type { Fault } from '../lab/fault.js';
import { GuardedClient } from '../lab/guarded-client.js';
import { GuardedCluster } from '../lab/guarded-cluster.js';
import { labPlan } from '../lab/lab-plan.js';

const EPOCHS = 400;
const CELLS_BEFORE = 8;
/** Calls of the other tenant at a time. */
const AT_ONCE = 16;
const MEASURED_MS = 15_000;
const MOST_LOST_PERCENT = 10;

/** A tenant that knows every name of what another one has asks for it, and then calls a lot. */
export const otherTenant: Fault = {
  number: 24,
  summary: 'one tenant against another: 10,000 tries, and a flood',
  trials: 10_000,
  async run(trials, progress) {
    const cluster = await GuardedCluster.start(['a', 'b'], 1);
    const { rpc, web, certs } = cluster;
    const [a, b] = ['a-operator', 'b-planner'].map(
      (name) => new GuardedClient(rpc, web, certs, name),
    );
    try {
      const answer = await b.http('POST', '/v1/jobs', labPlan(EPOCHS));
      const { id } = JSON.parse(answer.text) as { id: string };
      await once(b, ({ cellsAccepted }) => cellsAccepted >= CELLS_BEFORE);
      const subject = cluster.files.filter((file) => /^store\/blobs\/[0-9a-f]{64}$/.test(file));
      const names = subject.map((file) => file.slice(-64));
      const before = await paceOf(b);
      const all = tries(a, id, names);
      const seen = { reads: 0, writes: 0, tries: 0 };
      const flood = atOnce(trials, async (n) => {
        const { isWrite, call } = all[n % all.length];
        seen.tries++;
        if (!(await call())) return;
        if (isWrite) seen.writes++;
        else seen.reads++;
      });
      const during = await paceOf(b);
      await flood;
      progress(`cells per second: ${before} before, ${during} in the flood`);
      const lostPercent = Math.round(100 * (1 - during / before));
      const [job] = await b.list();
      const isUntouched =
        job.state === jobs.JobState.RUNNING || job.state === jobs.JobState.SUCCEEDED;
      const isKept = seen.reads === 0 && seen.writes === 0 && isUntouched;
      const pass = isKept && lostPercent <= MOST_LOST_PERCENT;
      return { pass, trials, ...seen, isUntouched, lostPercent };
    } finally {
      a.close();
      b.close();
      await cluster.close();
    }
  },
};

interface Try {
  readonly isWrite: boolean;
  /** Whether it gave anything. */
  readonly call: () => Promise<boolean>;
}

function tries(a: GuardedClient, job: string, blobs: readonly string[]): Try[] {
  const rpc = (isWrite: boolean, call: () => Promise<unknown>): Try => ({
    ...{ isWrite, call: async () => (await a.code(call)) === status.OK },
  });
  const web = (isWrite: boolean, method: string, path: string): Try => ({
    ...{ isWrite, call: async () => (await a.http(method, path)).status < 400 },
  });
  const spec = {
    ...{ jobHash: 'a'.repeat(64), kernelVersion: 'k', seed: 1, epochs: 0, inNeighbours: [] },
    ...{ lag: 1, finish: true },
  };
  return blobs.flatMap((blob) => [
    rpc(false, () => a.pull(blob)),
    rpc(true, () => a.submit({ ...spec, subject: blob })),
    web(true, 'POST', `/v1/jobs?subject=${blob}`),
    rpc(false, () => a.watch(job)),
    rpc(true, () => a.cancel(job)),
    web(false, 'GET', `/v1/jobs/${job}`),
    web(false, 'GET', `/v1/jobs/${job}/result`),
    web(false, 'GET', `/v1/jobs/${job}/events`),
    web(false, 'GET', `/v1/jobs?cursor=${job}`),
    web(true, 'POST', `/v1/jobs/${job}/cancel?now=true`),
    { isWrite: false, call: async () => (await a.list()).length > 0 },
  ]);
}

/** Cells of the only job that are done in a second. */
async function paceOf(client: GuardedClient): Promise<number> {
  const [first] = await client.list();
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
  const [last] = await client.list();
  const seconds = (performance.now() - startMs) / 1000;
  return Math.round((100 * (last.cellsAccepted - first.cellsAccepted)) / seconds) / 100;
}

async function once(client: GuardedClient, isSo: (job: jobs.JobUpdate) => boolean): Promise<void> {
  for (;;) {
    const [job] = await client.list();
    if (isSo(job)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function atOnce(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
