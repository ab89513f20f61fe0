/** Our optimisers without gradients beside pygmo's and pycma's, on functions of the literature. */
import { setImmediate } from 'node:timers/promises';
import type { Bench, Records } from '../measurement/bench.js';
import { LIBRARY, OURS, ourRun } from './ours.js';
import { comparison, resultOf } from './profile.js';
import { type Run, type Task, tasks } from './runs.js';
import { missingPeers, peerRuns } from './theirs.js';

export const classic: Bench = {
  name: 'classic',
  summary: "optimisers on test functions beside pygmo's and pycma's, if ISOLA_PYTHON has them",
  run: async ({ isFull }, records) => {
    const seeds = isFull ? 9 : 5;
    const all = tasks(1000);
    const reason = missingPeers();
    // Evaluations are counted, not timed, so both sides may run at once.
    const theirs = reason === null ? peerRuns(all, seeds) : null;
    // A failure is kept below, where it is waited for.
    theirs?.catch(() => undefined);
    const runs = await ourResults(all, seeds, records);
    if (theirs === null) {
      records.leaveOut('peers', reason ?? '');
      return;
    }
    await records.add('peers', async () => {
      const { versions, runs: more } = await theirs;
      await peerResults(more, records);
      runs.push(...more);
      return { versions };
    });
    await profiles(runs, all, records);
  },
};

async function ourResults(all: readonly Task[], seeds: number, records: Records): Promise<Run[]> {
  const runs: Run[] = [];
  for (const our of OURS) {
    for (const task of all) {
      const name = `${task.classic.name} ${task.dimension}: ${LIBRARY} ${our.method}`;
      await records.add(name, async () => {
        const own: Run[] = [];
        for (let seed = 0; seed < seeds; seed++) {
          own.push(await ourRun(our, task, seed));
          // Nothing in a run waits for the outside, and the peers' pipes are to be served.
          await setImmediate();
        }
        runs.push(...own);
        return resultOf(own);
      });
    }
  }
  return runs;
}

async function peerResults(runs: readonly Run[], records: Records): Promise<void> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const name = `${run.function} ${run.dimension}: ${run.library} ${run.method}`;
    groups.set(name, [...(groups.get(name) ?? []), run]);
  }
  for (const [name, own] of groups) await records.add(name, () => resultOf(own));
}

async function profiles(
  runs: readonly Run[],
  all: readonly Task[],
  records: Records,
): Promise<void> {
  const runsOf = (library: string, method: string) =>
    runs.filter((run) => run.library === library && run.method === method);
  for (const { family, method, peers } of OURS) {
    for (const [library, peer] of peers) {
      await records.add(`profile: ${method}, ${library} ${peer}`, () => ({
        ...{ family, ours: method, theirs: `${library} ${peer}` },
        ...comparison(runsOf(LIBRARY, method), runsOf(library, peer), all),
      }));
    }
  }
}
