import type { Fault } from './lab/fault.js';
import { killWorker } from './scenarios/kill-worker.js';

/** All faults of the lab. */
export const faults: readonly Fault[] = [killWorker];
