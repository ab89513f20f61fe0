/** Cells computed in a thread of their own; where it dies, the next cell gets a new one. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { CellOutput, LeasedCell } from '../cells/index.js';
import {
  type CellAnswer,
  type CellJob,
  type HelpJob,
  type LoadJob,
  REVOKED,
  type ThreadSetup,
} from './cell-job.js';
import type { StepMessage } from './cell-thread.js';

export interface CellOrder {
  /** Names the cell. */
  readonly key: string;
  readonly cell: LeasedCell;
  readonly isFinish: boolean;
  readonly subject: string;
  /** Fetches the bytes of the subject. */
  readonly fetchSubject: () => Promise<Uint8Array>;
}

export interface HelpOrder extends Omit<HelpJob, 'port'> {
  readonly fetchSubject: () => Promise<Uint8Array>;
}

export type CellResult =
  | { readonly type: 'done'; readonly output: CellOutput }
  | { readonly type: 'revoked' }
  | { readonly type: 'failed'; readonly cause: ComputeFailure };

export type ComputeFailure =
  | 'bad-input'
  | 'not-finite'
  | 'out-of-memory'
  | 'crashed'
  /** The thread died, perhaps of another cell. */
  | 'worker-lost';

export type CellSteps = Omit<StepMessage, 'key'>;

export interface ThreadOptions {
  /** Another module than the one that computes cells. */
  readonly thread?: string;
  /** A cell that nobody needs any more has so long to notice; then its thread is ended. */
  readonly graceMs?: number;
  /** Told when a thread is ended for that. */
  readonly onThreadEnded?: () => void;
}

const THREAD = new URL('./cell-thread.js', import.meta.url).href;
/** Whatever a cell does, it asks several times in that time whether it is still needed. */
const GRACE_MS = 30_000;

/** A cell in work. */
interface Running {
  readonly flag: Int32Array;
  /** Ends the thread that computes it. */
  readonly end: AbortController;
  late: NodeJS.Timeout | null;
}

export class CellComputer {
  /** Finds others that help with a plan in shards, through a port that the cell's thread has. */
  lead: ((port: MessagePort, subject: string) => void) | null = null;
  private readonly pool: Piscina;
  private readonly running = new Map<string, Running>();
  private readonly steps = new Map<string, CellSteps>();
  /** Cells that had others beside them in the thread. */
  private readonly accompanied = new Set<string>();
  private readonly graceMs: number;
  private readonly onThreadEnded: () => void;
  /** Threads that were ended because a cell did not stop. */
  private ended = 0;

  constructor(setup: ThreadSetup, slots: number, options: ThreadOptions = {}) {
    const { thread = THREAD, graceMs = GRACE_MS, onThreadEnded = () => {} } = options;
    this.graceMs = graceMs;
    this.onThreadEnded = onThreadEnded;
    this.pool = new Piscina({
      ...{ filename: thread, minThreads: 1, maxThreads: 1, workerData: setup },
      // Beside the cells it may help another worker.
      concurrentTasksPerWorker: slots + 1,
    });
    this.pool.on('message', ({ key, ...step }: StepMessage) => {
      // It may come after the cell's answer.
      if (this.running.has(key)) this.steps.set(key, step);
    });
  }

  /** How far a cell has come. */
  stepOf(key: string): CellSteps | undefined {
    return this.steps.get(key);
  }

  /** @throws what `fetchSubject` rejects with */
  async compute({ key, cell, isFinish, subject, fetchSubject }: CellOrder): Promise<CellResult> {
    const flag = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const view = new Int32Array(flag);
    const running: Running = { flag: view, end: new AbortController(), late: null };
    this.running.set(key, running);
    if (this.running.size > 1) for (const other of this.running.keys()) this.accompanied.add(other);
    const run = (subjectBytes: Uint8Array | null) =>
      this.run({ key, cell, isFinish, subject, subjectBytes, flag }, running);
    try {
      const first = await run(null);
      const answer = first.type === 'needs-subject' ? await run(await fetchSubject()) : first;
      if (Atomics.load(view, 0) === REVOKED) return { type: 'revoked' };
      if (answer.type === 'needs-subject') throw new Error('a thread has lost its subject');
      return answer;
    } finally {
      if (running.late !== null) clearTimeout(running.late);
      if (this.running.get(key) === running) this.running.delete(key);
      this.accompanied.delete(key);
      this.steps.delete(key);
    }
  }

  /**
   * Answers for shards of another worker's plan, as it is told through a port that `give` gets,
   * until that closes.
   * @throws what `fetchSubject` rejects with
   */
  async serve(
    { subject, fetchSubject, range }: HelpOrder,
    give: (port: MessagePort) => void,
  ): Promise<void> {
    const load = (subjectBytes: Uint8Array | null): Promise<boolean> =>
      this.pool.run({ subject, subjectBytes } satisfies LoadJob, { name: 'loadPlan' });
    if (!(await load(null))) await load(await fetchSubject());
    const { port1, port2 } = new MessageChannel();
    give(port1);
    const job: HelpJob = { subject, range, port: port2 };
    await this.pool.run(job, { name: 'help', transferList: [port2] });
  }

  /** Tells a cell to end: CUT_SHORT, or REVOKED, after which one that goes on loses its thread. */
  stop(key: string, how: number): void {
    const running = this.running.get(key);
    if (running === undefined || Atomics.load(running.flag, 0) >= how) return;
    Atomics.store(running.flag, 0, how);
    if (how < REVOKED) return;
    running.late = setTimeout(() => {
      this.ended++;
      this.onThreadEnded();
      running.end.abort();
    }, this.graceMs);
  }

  async close(): Promise<void> {
    for (const { flag, late } of this.running.values()) {
      Atomics.store(flag, 0, REVOKED);
      if (late !== null) clearTimeout(late);
    }
    await this.pool.destroy();
  }

  private async run(
    job: Omit<CellJob, 'company'>,
    { flag, end }: Running,
  ): Promise<CellAnswer | { type: 'failed'; cause: ComputeFailure }> {
    for (;;) {
      const company = this.companyFor(job.subject);
      const all: CellJob = { ...job, company };
      const { ended } = this;
      try {
        const transferList = company ? [company] : [];
        return (await this.pool.run(all, { transferList, signal: end.signal })) as CellAnswer;
      } catch (error) {
        // The thread was ended for what another cell did: this one has a new one.
        const isInnocent = this.ended > ended && Atomics.load(flag, 0) < REVOKED;
        if (!isInnocent) return { type: 'failed', cause: causeOf(error, this.isAccompanied(job)) };
      }
    }
  }

  private isAccompanied({ key }: Pick<CellJob, 'key'>): boolean {
    return this.accompanied.has(key);
  }

  private companyFor(subject: string): MessagePort | null {
    if (this.lead === null) return null;
    const { port1, port2 } = new MessageChannel();
    this.lead(port1, subject);
    return port2;
  }
}

/** A rejected task means a dead thread, which may have died of another cell. */
function causeOf(error: unknown, isAccompanied: boolean): ComputeFailure {
  if (isAccompanied) return 'worker-lost';
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out-of-memory' : 'crashed';
}
