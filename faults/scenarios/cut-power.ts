import { isDeepStrictEqual } from 'node:util';
import { startNatsServer } from '@isola/coordinator/nats';
import { RandomStream } from '@isola/kernels/random';
import { startPart } from 'isola/cluster-processes';
import { Disk, diskProblem } from '../lab/disk.js';
import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';
import { Ledger } from '../lab/ledger.js';

const DISK_MEBIBYTES = 256;
const CELLS_BETWEEN = 6;
const MOST_MS = 30_000;
const CONTROL_CUTS = 3;
const CONTROL_WRITES = 500;

/**
 * Cuts the power of the server's disk while a cluster works and a ledger is written, mounts what
 * the disk had been given, and so on. A server that syncs as it does by default is the control: it
 * must lose something, or these cuts prove nothing.
 */
export const cutPower: Fault = {
  number: 7,
  summary: 'power cut of the NATS server',
  trials: 50,
  lacking: diskProblem,
  async run(trials, progress) {
    const disk = Disk.make(DISK_MEBIBYTES);
    try {
      const size = { servers: 1, coordinators: 1, workers: 2, disk: disk.folder } as const;
      const seen = await LabCluster.with(size, (lab) => cuts(lab, disk, trials, progress));
      const control = await forgetfulServer();
      const isProven = control.isRefused && control.lost > 0;
      const isKept = seen.acknowledgedLost === 0 && isWhole(seen) && isProven;
      const pass = isKept && seen.progressWithinMs <= MOST_MS;
      return { pass, isKept, trials, ...seen, control };
    } finally {
      disk.close();
    }
  },
};

async function cuts(lab: LabCluster, disk: Disk, trials: number, progress: (line: string) => void) {
  const random = new RandomStream(7, 'cut-power');
  const progressMs: number[] = [];
  let acknowledged = 0;
  let acknowledgedLost = 0;
  const work = new LabWork(lab);
  for (let trial = 0; trial < trials; trial++) {
    let isCut = false;
    const ledger = await Ledger.open(lab.servers[0]);
    const writing = ledger.write(() => isCut);
    writing.catch((error: unknown) => lab.fail(error));
    await lab.more(1 + random.integer(CELLS_BETWEEN - 1, trial, 0, 0, 0));
    await lab.servers[0].kill();
    disk.cutPower();
    lab.servers[0] = await startNatsServer(lab.servers[0].options);
    progressMs.push(await lab.more(1));
    isCut = true;
    await writing;
    acknowledgedLost += await ledger.lost(lab.servers[0]);
    acknowledged += ledger.acknowledged;
    await ledger.close();
    progress(`${trial + 1} of ${trials}: ${acknowledged} acknowledged, ${acknowledgedLost} lost`);
  }
  const verdict = await work.verdict();
  if (!isDeepStrictEqual(await lab.store.load(), lab.events)) acknowledgedLost++;
  const progressWithinMs = longest(progressMs);
  return { ...verdict, acknowledged, acknowledgedLost, progressWithinMs };
}

async function forgetfulServer() {
  const disk = Disk.make(DISK_MEBIBYTES);
  const { folder } = disk;
  let server = await startNatsServer({ folder, more: { jetstream: { store_dir: folder } } });
  try {
    const log = ['--nats', server.url, '--nats-monitor', server.monitorUrl];
    const serve = ['serve', '--listen', '127.0.0.1:0', '--http', 'none', ...log];
    const refusal = await startPart(folder, serve, /listens on/).then(
      (part) => part.end(),
      (error: Error) => error,
    );
    const isRefused = /forgets in a power cut/.test(refusal?.message ?? '');
    let acknowledged = 0;
    let lost = 0;
    for (let cut = 0; cut < CONTROL_CUTS; cut++) {
      const ledger = await Ledger.open(server);
      await ledger.write(() => ledger.acknowledged >= CONTROL_WRITES);
      await server.kill();
      disk.cutPower();
      server = await startNatsServer(server.options);
      lost += await ledger.lost(server);
      acknowledged += ledger.acknowledged;
      await ledger.close();
    }
    return { isRefused, cuts: CONTROL_CUTS, acknowledged, lost };
  } finally {
    await server.kill();
    disk.close();
  }
}
