import type { Fault } from './lab/fault.js';
import { anyWorkers } from './scenarios/any-workers.js';
import { badCells } from './scenarios/bad-cells.js';
import { canaries } from './scenarios/canaries.js';
import { cutPower } from './scenarios/cut-power.js';
import { damagedMessages } from './scenarios/damaged-messages.js';
import { fillDisk } from './scenarios/fill-disk.js';
import { forgedSizes } from './scenarios/forged-sizes.js';
import { killEverything } from './scenarios/kill-everything.js';
import { killLeader } from './scenarios/kill-leader.js';
import { killServer } from './scenarios/kill-server.js';
import { killWorker } from './scenarios/kill-worker.js';
import { lostMessages } from './scenarios/lost-messages.js';
import { lyingWorker } from './scenarios/lying-worker.js';
import { otherTenant } from './scenarios/other-tenant.js';
import { partition } from './scenarios/partition.js';
import { simulatedFaults } from './scenarios/simulated.js';
import { stopLeader } from './scenarios/stop-leader.js';
import { stopWorker } from './scenarios/stop-worker.js';
import { straggler } from './scenarios/straggler.js';
import { strangers } from './scenarios/strangers.js';

/** All faults of the lab, in the order of their numbers. */
export const faults: readonly Fault[] = [
  ...[killWorker, killLeader, killEverything, stopWorker, stopLeader, killServer, cutPower],
  ...[
    partition,
    lostMessages,
    damagedMessages,
    fillDisk,
    badCells,
    lyingWorker,
    straggler,
    anyWorkers,
    forgedSizes,
  ],
  ...[strangers, otherTenant, canaries, simulatedFaults],
];
