/** A coordinator with both its doors, a toy desk and a toy worker, all in this process. */
import { logger } from '@isola/cluster/runtime';
import { canonicalJson, readPlan } from '@isola/formats/plan';
import type { ClusterEvent, JobSpec } from '../jobs/index.js';
import {
  COORDINATOR_MESSAGES,
  CoordinatorLog,
  CoordinatorMetrics,
  measuredStore,
} from '../observation/index.js';
import {
  Dispatcher,
  type Lease,
  nameOf,
  type Order,
  type WorkerLink,
} from '../scheduling/index.js';
import { Admission, rpcServer } from '../services/index.js';
import { contentId, type Store } from '../store/index.js';
import type { StreamLimits } from './event-streams.js';
import { gateway } from './gateway.js';
import type { PlanDesk } from './plan-desk.js';

export const TOY_VERSION = '0.0.0 toy';
const ADDRESS = '127.0.0.1:0';
const ISLANDS = [[1], [0]];
const EPOCHS = 3;
/** Accepted cells, sealed epochs, submitted, done. */
export const TOY_EVENTS = ISLANDS.length * EPOCHS + 1 + EPOCHS + 2;

const text = new TextDecoder();
const bytes = (content: string) => new TextEncoder().encode(content);

/** Any plan is a small search for nothing. */
const toyDesk: PlanDesk = {
  ofText: async (plan) => prepared(plan),
  ofBundle: (bundle) => prepared(text.decode(bundle)),
};

function prepared(planText: string) {
  const { plan } = readPlan(planText, 'plan');
  const { seed } = plan;
  const specOf = (subject: string): JobSpec => ({
    ...{ jobHash: contentId(`${subject} ${seed}`), kernelVersion: TOY_VERSION, seed },
    ...{ epochs: EPOCHS, inNeighbours: ISLANDS, lag: 1, targetValue: null, finish: true },
  });
  return { bundle: bytes(canonicalJson(plan)), specOf };
}

export interface ToyCluster {
  readonly dispatcher: Dispatcher;
  readonly url: string;
  /** Lines of the coordinator's log. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

export async function toyCluster(
  kept: Store<ClusterEvent>,
  streams: StreamLimits = { all: 100, ofTenant: 100 },
): Promise<ToyCluster> {
  const lines: string[] = [];
  const to = { write: (line: string) => void lines.push(line) };
  const log = new CoordinatorLog(logger('coordinator', COORDINATOR_MESSAGES, to));
  const metrics = new CoordinatorMetrics({ version: '0.0.0', kernelVersion: TOY_VERSION });
  const dispatcher = await Dispatcher.lead(measuredStore(kept, metrics), {
    ...{ name: 'toy', nowMs: () => performance.now() },
    observe: (note) => {
      log.note(note);
      metrics.note(note);
    },
  });
  metrics.watch(dispatcher);
  const rpc = await rpcServer(dispatcher, { address: ADDRESS, tls: null });
  const admission = new Admission();
  const settings = { dispatcher, plans: toyDesk, metrics, log, streams, admission };
  const web = await gateway({ address: ADDRESS, tls: null, ...settings });
  const close = async () => {
    await web.close();
    await rpc.close();
  };
  return { dispatcher, url: `http://127.0.0.1:${web.port}`, lines, close };
}

/** A worker that computes a cell when it is told to. */
export class ToyWorker {
  private readonly leases: Lease[] = [];
  private readonly link: WorkerLink = { send: (order) => this.hear(order), close: () => {} };

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly name = 'toy-worker',
  ) {
    const hello = { name, kernelVersion: TOY_VERSION, slots: 2, running: [] };
    dispatcher.attach(hello, this.link);
  }

  /** Computes one of the cells that it has; false where it has none. */
  async step(): Promise<boolean> {
    const lease = this.leases.shift();
    if (lease === undefined) return false;
    const { job, task } = lease.cell;
    const { store } = this.dispatcher;
    const state = await store.putBlob(bytes(`state ${task.input}`));
    const emigrants = await store.putBlob(bytes(`emigrants ${task.input}`));
    const value = 1 / (1 + task.epoch);
    const result = { state, emigrants, value, evaluations: 10, kernelVersion: TOY_VERSION };
    await this.dispatcher.done(this.name, { cell: nameOf(job, task), ...result });
    return true;
  }

  /** Computes until there is nothing left to do. */
  async finish(): Promise<void> {
    while (await this.step());
  }

  /** Says that it cannot compute what it has. */
  async fail(cause: 'crashed' | 'not-finite'): Promise<void> {
    for (const { cell } of this.leases.splice(0)) {
      await this.dispatcher.failed(this.name, {
        ...{ cell: nameOf(cell.job, cell.task), cause, blob: null },
      });
    }
  }

  leave(): Promise<void> {
    return this.dispatcher.detach(this.name, this.link);
  }

  private hear(order: Order): void {
    if (order.type === 'lease') this.leases.push(order.lease);
  }
}
