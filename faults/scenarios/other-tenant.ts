import { setTimeout as pause } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { jobs } from '@isola/cluster/wire';
import type { Fault } from '../lab/fault.js';
import { Flood } from '../lab/flood.js';
import { GuardedClient } from '../lab/guarded-client.js';
import { GuardedCluster } from '../lab/guarded-cluster.js';
import { ISLANDS, labPlan } from '../lab/lab-plan.js';

/** More than are computed while it is looked at. */
const EPOCHS = 20_000;
const CELLS_BEFORE = 160;
/** Calls of the other tenant at a time. */
const AT_ONCE = 16;
/** Pairs of turns without a flood and with one, each so long; odd, so that one is in the middle. */
const TURNS = 11;
const MEASURED_MS = 4_000;
const POLL_MS = 50;
const PATIENCE_MS = 180_000;
/** Of the other tenant's, asked for by name. */
const BLOBS = 100;
const MOST_LOST_PERCENT = 10;

/** A tenant that knows every name of what another one has asks for it, and then calls a lot. */
export const otherTenant: Fault = {
  number: 24,
  summary: 'one tenant against another: 10,000 tries, and a flood',
  trials: 10_000,
  async run(trials, progress) {
    const cluster = await GuardedCluster.start(['a', 'b'], ISLANDS);
    const { rpc, web, certs } = cluster;
    const [b, ...a] = ['b-planner', 'a-planner', 'a-operator'].map(
      (name) => new GuardedClient(rpc, web, certs, name),
    );
    try {
      const answer = await b.http('POST', '/v1/jobs', labPlan(EPOCHS));
      const { id } = JSON.parse(answer.text) as { id: string };
      await once(b, ({ cellsAccepted }) => cellsAccepted >= CELLS_BEFORE);
      const lost = await lostInFlood(cluster, b, progress);
      const subject = cluster.files.filter((file) => /^store\/blobs\/[0-9a-f]{64}$/.test(file));
      const names = subject.slice(0, BLOBS).map((file) => file.slice(-64));
      const each = trials / a.length;
      const seen = await Promise.all(a.map((client) => tried(tries(client, id, names), each)));
      const total = (key: keyof Seen) => sum(seen.map((one) => one[key]));
      const [reads, writes] = [total('reads'), total('writes')];
      const [job] = await b.list();
      const isUntouched = job.state === jobs.JobState.RUNNING;
      const isFlooded = lost.answeredPerSecond > 0;
      const isKept = reads === 0 && writes === 0 && isUntouched && isFlooded;
      // A machine with other work sends less than is let in.
      const isLimited = lost.refusedPerSecond > 0;
      const pass = isKept && isLimited && lost.lostPercent <= MOST_LOST_PERCENT;
      return { pass, isKept, trials, tries: total('tries'), reads, writes, isUntouched, ...lost };
    } finally {
      for (const client of [b, ...a]) client.close();
      await cluster.close();
    }
  },
};

/**
 * What the tenant loses of its pace while the other one calls as much as it can. Its workers wait
 * most of the time, as who calls, who answers and who computes share this machine's processors. Of
 * the pairs of turns the middle one counts: a host that takes the processors away for some seconds
 * looks like a loss or a gain of a third.
 */
async function lostInFlood(
  cluster: GuardedCluster,
  b: GuardedClient,
  progress: (line: string) => void,
) {
  const flood = await Flood.start(cluster);
  const lostPercents: number[] = [];
  let floodMs = 0;
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      const quiet = await paceOf(b);
      const startMs = performance.now();
      flood.go();
      const flooded = await paceOf(b);
      flood.rest();
      floodMs += performance.now() - startMs;
      lostPercents.push(Math.round(100 * (1 - flooded / quiet)));
      const paces = `${quiet.toFixed(2)} and ${flooded.toFixed(2)}`;
      progress(`${paces} epochs per second without and with a flood`);
    }
  } finally {
    await flood.end();
  }
  lostPercents.sort((one, other) => one - other);
  const perSecond = (count: number) => Math.round((1000 * count) / floodMs);
  return {
    lostPercent: lostPercents[(TURNS - 1) / 2],
    lostPercents,
    answeredPerSecond: perSecond(flood.last.answered),
    refusedPerSecond: perSecond(flood.last.refused),
  };
}

interface Seen {
  readonly tries: number;
  readonly reads: number;
  readonly writes: number;
}

/** Calls for all that there is, as often as said, as fast as they are let in. */
async function tried(all: readonly Try[], count: number): Promise<Seen> {
  const seen = { reads: 0, writes: 0, tries: 0 };
  let next = 0;
  const caller = async () => {
    while (next < count) {
      const { isWrite, call } = all[next++ % all.length];
      const outcome = await untilLetIn(call);
      seen.tries++;
      if (outcome !== 'given') continue;
      if (isWrite) seen.writes++;
      else seen.reads++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  return seen;
}

/** What was refused for its time only has tried nothing. */
async function untilLetIn(call: () => Promise<Outcome>): Promise<Outcome> {
  for (;;) {
    const outcome = await call();
    if (outcome !== 'limited') return outcome;
  }
}

/** What a call came to: it gave something, nothing, or was one too many in a second. */
type Outcome = 'given' | 'nothing' | 'limited';

interface Try {
  readonly isWrite: boolean;
  readonly call: () => Promise<Outcome>;
}

const ofCode = (code: status): Outcome =>
  code === status.OK ? 'given' : code === status.RESOURCE_EXHAUSTED ? 'limited' : 'nothing';
const ofWeb = (code: number): Outcome =>
  code < 400 ? 'given' : code === 429 ? 'limited' : 'nothing';

function tries(a: GuardedClient, job: string, blobs: readonly string[]): Try[] {
  const rpc = (isWrite: boolean, call: () => Promise<unknown>): Try => ({
    ...{ isWrite, call: async () => ofCode(await a.code(call)) },
  });
  const web = (isWrite: boolean, method: string, path: string): Try => ({
    ...{ isWrite, call: async () => ofWeb((await a.http(method, path)).status) },
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
    rpc(false, async () => {
      if ((await a.list()).length === 0) throw new Nothing();
    }),
  ]);
}

/** Epochs of the only job in a second, from the end of one to the end of another. */
async function paceOf(client: GuardedClient): Promise<number> {
  const first = await nextEpoch(client);
  await pause(MEASURED_MS);
  const last = await nextEpoch(client);
  return (1000 * (last.epochs - first.epochs)) / (last.timeMs - first.timeMs);
}

async function nextEpoch(client: GuardedClient) {
  const [before] = await client.list();
  const after = await once(client, (job) => epochsOf(job) > epochsOf(before));
  return { epochs: epochsOf(after), timeMs: performance.now() };
}

/** Those that are over on all islands, if they keep step. */
function epochsOf({ cellsAccepted }: jobs.JobUpdate): number {
  return Math.floor(cellsAccepted / ISLANDS);
}

async function once(
  client: GuardedClient,
  isSo: (job: jobs.JobUpdate) => boolean,
): Promise<jobs.JobUpdate> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const [job] = await client.list();
    if (isSo(job)) return job;
    if (performance.now() > endMs) throw new Error('the tenant has no more cells');
    await pause(POLL_MS);
  }
}

/** A list without jobs is as good as none. */
class Nothing extends Error {
  readonly code = status.NOT_FOUND;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
