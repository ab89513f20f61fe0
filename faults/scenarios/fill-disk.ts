import { isDeepStrictEqual } from 'node:util';
import { OwnNats } from 'isola/own-nats';
import { Disk, diskProblem } from '../lab/disk.js';
import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';

const DISK_MEBIBYTES = 128;
const CELLS_BETWEEN = 4;
/** One job lasts through all trials: between two nothing is written, so nobody is refused. */
const EPOCHS_PER_TRIAL = 4;
const POLL_MS = 50;
const FULL_MS = 5_000;
const MOST_PAUSE_MS = 5_000;
const MOST_RESUME_MS = 30_000;

/**
 * Fills the disk of the server up, gives the space back, and so on. Who watches the server starts
 * it anew when it says that it could not write, as `isola up` and the probes of a Kubernetes do.
 */
export const fillDisk: Fault = {
  number: 14,
  summary: 'full disk of the NATS server',
  trials: 10,
  lacking: diskProblem,
  async run(trials, progress) {
    const disk = Disk.make(DISK_MEBIBYTES);
    try {
      const size = { servers: 1, coordinators: 1, workers: 2, disk: disk.folder } as const;
      return await LabCluster.with(size, async (lab) => {
        const watched = new OwnNats(lab.servers[0], progress);
        try {
          return await fills(lab, disk, trials, progress);
        } finally {
          await watched.end();
        }
      });
    } finally {
      disk.close();
    }
  },
};

async function fills(
  lab: LabCluster,
  disk: Disk,
  trials: number,
  progress: (line: string) => void,
) {
  const pausedMs: number[] = [];
  const resumedMs: number[] = [];
  const work = new LabWork(lab, trials * EPOCHS_PER_TRIAL);
  for (let trial = 0; trial < trials; trial++) {
    await lab.more(CELLS_BETWEEN);
    const fullMs = performance.now();
    disk.fill();
    while (await lab.isReady(0)) await lab.elapse(POLL_MS);
    pausedMs.push(performance.now() - fullMs);
    await lab.elapse(FULL_MS);
    disk.free();
    resumedMs.push(await lab.more(1));
    progress(`${trial + 1} of ${trials}: paused ${pausedMs.at(-1)}, resumed ${resumedMs.at(-1)}`);
  }
  const verdict = await work.verdict();
  const isLogWhole = isDeepStrictEqual(await lab.store.load(), lab.events);
  const isKept = isWhole(verdict) && isLogWhole;
  const [pausedWithinMs, resumedWithinMs] = [longest(pausedMs), longest(resumedMs)];
  const isSoon = pausedWithinMs <= MOST_PAUSE_MS && resumedWithinMs <= MOST_RESUME_MS;
  const pass = isKept && isSoon;
  return { pass, isKept, trials, ...verdict, pausedWithinMs, resumedWithinMs };
}
