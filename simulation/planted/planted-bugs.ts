import { jobBugs } from './job-bugs.js';
import { leaseBugs } from './lease-bugs.js';
import type { PlantedBug } from './planted-bug.js';
import { recoveryBugs } from './recovery-bugs.js';
import { storeBugs } from './store-bugs.js';

/** All of them, each by its own. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...jobBugs,
  ...leaseBugs,
  ...recoveryBugs,
  ...storeBugs,
];
