/**
 * A coordinator and its workers in one process: takes runnable cells from the job's state machine,
 * computes them, keeps each result in the store before it counts. Whatever ends the process, the
 * same call goes on behind the last accepted cell, and the outcome is the same.
 */
import {
  type CellAccepted,
  type CellTask,
  Job,
  type JobEvent,
  type JobSpec,
} from '@isola/coordinator/jobs';
import { type BlobId, type Store, StoreError } from '@isola/coordinator/store';
import { type Advance, fromBytes } from '@isola/optimizers/islands';
import { type CellOutput, computeCell } from '@isola/worker/cells';

export interface RunJobOptions {
  /** Cells that may run at a time, 1 or more; no result depends on it. */
  readonly concurrency: number;
  /** Ends the run when aborted; what cells still bring to an end is kept. */
  readonly signal?: AbortSignal;
  /** Told how the job stands at the start (no event), and after each event once it is kept. */
  readonly onProgress?: (job: Job, event?: JobEvent) => void;
}

export interface JobOutcome<S> {
  readonly status: 'converged' | 'budget-spent' | 'cancelled';
  /** The best cell of the sealed epochs; null where it was cancelled before there was one. */
  readonly best: {
    readonly island: number;
    readonly epoch: number;
    readonly value: number;
    readonly state: S;
  } | null;
  /** Blobs of the islands' states after the last sealed epoch. */
  readonly states: readonly BlobId[];
  /** The best cost after each sealed epoch. */
  readonly trace: readonly number[];
  /** Costs computed in sealed epochs. */
  readonly evaluations: number;
}

/**
 * Runs a job to its end, or on to its end where the store holds a part of it.
 * @throws StoreError; ResultMismatch; what `advance` rejects with
 */
export async function runJob<S, E>(
  store: Store<JobEvent>,
  spec: JobSpec,
  advance: Advance<S, E>,
  { concurrency, signal, onProgress }: RunJobOptions,
): Promise<JobOutcome<S>> {
  const stop = new AbortController();
  const stopNow = () => stop.abort();
  if (signal?.aborted) stopNow();
  signal?.addEventListener('abort', stopNow);
  const run = new LocalRun(store, await openJob(store, spec), advance, stop.signal, onProgress);
  onProgress?.(run.job);
  const running = new Map<string, Promise<Finished>>();
  try {
    await run.decide();
    while (run.job.done === null && !stop.signal.aborted) {
      for (const task of run.job.runnable()) {
        if (running.size < concurrency && !running.has(task.input)) {
          running.set(task.input, run.finish(task));
        }
      }
      const finished = await Promise.race(running.values()).catch((error: unknown) => {
        if (stop.signal.aborted) return null;
        throw error;
      });
      if (finished === null) break;
      running.delete(finished.task.input);
      await run.accept(finished);
    }
    if (signal?.aborted) await run.acceptLast(running.values());
    return await run.outcome();
  } finally {
    signal?.removeEventListener('abort', stopNow);
    stopNow();
    await Promise.allSettled(running.values());
  }
}

/** A computed cell. */
interface Finished {
  readonly task: CellTask;
  readonly output: CellOutput;
}

/** The job of a store; submits it where the store is empty. */
async function openJob(store: Store<JobEvent>, spec: JobSpec): Promise<Job> {
  const events = await store.load();
  if (events.length === 0) {
    const submitted: JobEvent = { type: 'JobSubmitted', ...spec };
    await store.append(submitted, 0);
    return new Job([submitted]);
  }
  const job = new Job(events);
  if (job.spec.jobHash !== spec.jobHash) {
    throw new Error(`the store holds the job ${job.spec.jobHash}, not ${spec.jobHash}`);
  }
  return job;
}

class LocalRun<S, E> {
  private readonly repairs = new Map<string, Promise<void>>();

  constructor(
    private readonly store: Store<JobEvent>,
    readonly job: Job,
    private readonly advance: Advance<S, E>,
    private readonly stop: AbortSignal,
    private readonly onProgress: RunJobOptions['onProgress'],
  ) {}

  /** Computes a cell. */
  async finish(task: CellTask): Promise<Finished> {
    const { seed, island, epoch } = task;
    const state = task.state === null ? null : await this.blob(task.state);
    const immigrants = await Promise.all(
      task.immigrants.map(async (from) => ({
        island: from.island,
        emigrants: await this.blob(from.emigrants),
      })),
    );
    const cell = { seed, island, epoch, state, immigrants };
    return { task, output: await computeCell(cell, this.advance, this.stop) };
  }

  /** Keeps a result: first its blobs, then that it is accepted, then what follows from that. */
  async accept({ task, output }: Finished): Promise<void> {
    const result = resultOf(task, output, this.job.spec.kernelVersion);
    const isNew = this.job.isNew(result);
    await this.store.putBlob(output.state);
    await this.store.putBlob(output.emigrants);
    if (!isNew) return;
    await this.append(result);
    await this.decide();
  }

  /** Keeps what cells that were told to stop have brought to an end all the same. */
  async acceptLast(running: Iterable<Promise<Finished>>): Promise<void> {
    for (const settled of await Promise.allSettled(running)) {
      if (settled.status === 'fulfilled' && this.job.done === null)
        await this.accept(settled.value);
    }
  }

  /** Writes down the decisions that are due. */
  async decide(): Promise<void> {
    for (let due = this.job.due(); due !== null; due = this.job.due()) await this.append(due);
  }

  async outcome(): Promise<JobOutcome<S>> {
    const { best, trace, evaluations, done, spec } = this.job;
    const last = trace.length - 1;
    const states = spec.inNeighbours.flatMap(
      (_, island) => this.job.resultOf({ island, epoch: last })?.state ?? [],
    );
    const reached = done?.reason === 'target-reached' ? 'converged' : 'budget-spent';
    const status = done === null ? 'cancelled' : reached;
    if (best === null) return { status, best, states, trace, evaluations };
    const { island, epoch, value } = best;
    const state = fromBytes(await this.blob(best.state), 'the best state') as S;
    return { status, best: { island, epoch, value, state }, states, trace, evaluations };
  }

  private async append(event: JobEvent): Promise<void> {
    await this.store.append(event, this.job.version);
    this.job.apply(event);
    this.onProgress?.(this.job, event);
  }

  /** A blob of an accepted cell. One that was lost is computed again, from blobs further back. */
  private async blob(id: BlobId): Promise<Uint8Array> {
    try {
      return await this.store.getBlob(id);
    } catch (error) {
      const maker = this.job.makerOf(id);
      const task = maker && this.job.taskOf(maker);
      const isLost = error instanceof StoreError && error.problem === 'blob-lost';
      if (!isLost || task === undefined) throw error;
      await this.repair(task);
      return this.store.getBlob(id);
    }
  }

  /** Computes an accepted cell once more; only once where several wait for it. */
  private repair(task: CellTask): Promise<void> {
    const begun = this.repairs.get(task.input);
    if (begun !== undefined) return begun;
    const repair = this.finish(task)
      .then((finished) => this.accept(finished))
      .finally(() => this.repairs.delete(task.input));
    this.repairs.set(task.input, repair);
    return repair;
  }
}

function resultOf(task: CellTask, output: CellOutput, kernelVersion: string): CellAccepted {
  const { island, epoch, input } = task;
  const { stateHash, emigrantsHash, value, evaluations } = output;
  return {
    ...{ type: 'CellAccepted', island, epoch, input },
    ...{ state: stateHash, emigrants: emigrantsHash, value, evaluations, kernelVersion },
  };
}
