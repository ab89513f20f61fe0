/** Bugs in who works on what. */
import {
  type CellName,
  Dispatcher,
  LeaseTable,
  nameOf,
  WorkerLinks,
} from '@isola/coordinator/scheduling';
import { type FaultOptions, NO_FAULTS } from '../faults/index.js';
import { type PlantedBug, wrongMethod } from './planted-bug.js';

const poison: FaultOptions = { ...NO_FAULTS, poison: 0.6 };
const silence: FaultOptions = { ...NO_FAULTS, unwatched: 2, workerFreezeEveryMs: 2_000 };

export const leaseBugs: readonly PlantedBug[] = [
  wrongMethod('leases of a lost worker are forgotten', LeaseTable, 'leave', () => {
    return function (name) {
      this.workers.delete(name);
      return [];
    };
  }),
  wrongMethod('a failed cell is not tried again', LeaseTable, 'fail', () => () => false),
  wrongMethod('the first failure is one too many', LeaseTable, 'fail', (right) => {
    return function (name, job, input, isMended) {
      const isHeld = this.workers.get(name)?.leases.has(`${job} ${input}`);
      right.call(this, name, job, input, isMended);
      return isHeld;
    };
  }),
  wrongMethod('the first loss is one too many', LeaseTable, 'isHopeless', () => {
    return function (key) {
      return (this.cells.get(key)?.losses.length ?? 0) >= 1;
    };
  }),
  wrongMethod('homes of jobs that are done are kept', LeaseTable, 'forget', (right) => {
    return function (job) {
      this.homes.forgetJob = () => {};
      return right.call(this, job);
    };
  }),
  wrongMethod('nothing is quarantined', Dispatcher, 'quarantine', () => async () => {}),
  wrongMethod('draining is not heard', LeaseTable, 'drain', () => () => {}),
  wrongMethod('a worker audits itself', LeaseTable, 'choose', (right) => {
    return function ({ except: _, ...cell }, ...others) {
      return right.call(this, cell, ...others);
    };
  }),
  wrongMethod('silent workers are waited for', LeaseTable, 'silent', () => () => [], silence),
  wrongMethod('slots are not counted', LeaseTable, 'isFree', () => {
    return ({ isDraining }) => !isDraining;
  }),
  wrongMethod(
    'a cell is blamed for what killed its neighbour',
    LeaseTable,
    'leave',
    (right) => {
      return function (name) {
        this.isSolo = () => false;
        const leases = [...(this.workers.get(name)?.leases ?? [])];
        right.call(this, name);
        const losses = leases.flatMap(([key]) => this.cells.get(key).losses);
        for (const loss of losses) loss.isAlone = true;
        return leases.filter(([key]) => this.isHopeless(key)).map(([, lease]) => lease);
      };
    },
    poison,
  ),
  wrongMethod('versions of kernels are mixed', LeaseTable, 'able', () => {
    return function () {
      return [...this.workers.values()].filter(({ isDraining }) => !isDraining);
    };
  }),
  wrongMethod('another cell of the worker is revoked', WorkerLinks, 'send', (right) => {
    const leased = new Map<string, CellName>();
    return function (worker, order) {
      if (order.type === 'lease') {
        const { job, task } = order.lease.cell;
        leased.set(worker, nameOf(job, task));
      }
      const other = order.type === 'revoke' ? leased.get(worker) : undefined;
      return right.call(this, worker, other ? { type: 'revoke', cell: other } : order);
    };
  }),
];
