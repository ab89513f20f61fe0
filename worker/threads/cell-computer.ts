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

const THREAD = new URL('./cell-thread.js', import.meta.url).href;

export class CellComputer {
  /** Finds others that help with a plan in shards, through a port that the cell's thread has. */
  lead: ((port: MessagePort, subject: string) => void) | null = null;
  private readonly pool: Piscina;
  private readonly flags = new Map<string, Int32Array>();
  private readonly steps = new Map<string, CellSteps>();
  /** Cells that had others beside them in the thread. */
  private readonly accompanied = new Set<string>();

  constructor(setup: ThreadSetup, slots: number) {
    this.pool = new Piscina({
      ...{ filename: THREAD, minThreads: 1, maxThreads: 1, workerData: setup },
      // Beside the cells it may help another worker.
      concurrentTasksPerWorker: slots + 1,
    });
    this.pool.on('message', ({ key, ...step }: StepMessage) => {
      // It may come after the cell's answer.
      if (this.flags.has(key)) this.steps.set(key, step);
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
    this.flags.set(key, view);
    if (this.flags.size > 1) for (const other of this.flags.keys()) this.accompanied.add(other);
    const run = (subjectBytes: Uint8Array | null) =>
      this.run({ key, cell, isFinish, subject, subjectBytes, flag });
    try {
      const first = await run(null);
      const answer = first.type === 'needs-subject' ? await run(await fetchSubject()) : first;
      if (Atomics.load(view, 0) === REVOKED) return { type: 'revoked' };
      if (answer.type === 'needs-subject') throw new Error('a thread has lost its subject');
      return answer;
    } finally {
      if (this.flags.get(key) === view) this.flags.delete(key);
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
    { subject, fetchSubject, range, count }: HelpOrder,
    give: (port: MessagePort) => void,
  ): Promise<void> {
    const load = (subjectBytes: Uint8Array | null): Promise<boolean> =>
      this.pool.run({ subject, subjectBytes } satisfies LoadJob, { name: 'loadPlan' });
    if (!(await load(null))) await load(await fetchSubject());
    const { port1, port2 } = new MessageChannel();
    give(port1);
    const job: HelpJob = { subject, range, count, port: port2 };
    await this.pool.run(job, { name: 'help', transferList: [port2] });
  }

  /** Tells a cell to end; CUT_SHORT or REVOKED. */
  stop(key: string, how: number): void {
    const flag = this.flags.get(key);
    if (flag !== undefined && Atomics.load(flag, 0) < how) Atomics.store(flag, 0, how);
  }

  async close(): Promise<void> {
    for (const key of this.flags.keys()) this.stop(key, REVOKED);
    await this.pool.destroy();
  }

  private async run(
    job: Omit<CellJob, 'company'>,
  ): Promise<CellAnswer | { type: 'failed'; cause: ComputeFailure }> {
    const company = this.companyFor(job.subject);
    try {
      const all: CellJob = { ...job, company };
      return (await this.pool.run(all, { transferList: company ? [company] : [] })) as CellAnswer;
    } catch (error) {
      return { type: 'failed', cause: causeOf(error, this.accompanied.has(job.key)) };
    }
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
