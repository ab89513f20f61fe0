/**
 * The thread that computes cells, so that sockets and heartbeats never wait for maths. It keeps
 * what the cells of a job share (the loaded plan, condensed beams) for the jobs it saw last.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Executor, threadExecutor } from '@isola/kernels/backends';
import { InputError } from '@isola/optimizers/problem';
import { beamCache } from '../cache/index.js';
import { type CellOutput, type LeasedCell, NotFinite } from '../cells/index.js';
import { openBundle, type PlanCells, planCells } from '../plans/index.js';
import {
  type CellAnswer,
  type CellJob,
  CUT_SHORT,
  type HelpJob,
  type LoadJob,
  REVOKED,
  type ThreadSetup,
} from './cell-job.js';

/** Jobs whose plans are kept. */
const PLANS_KEPT = 2;

/** What is told of a cell before it is done. */
export interface StepMessage {
  readonly key: string;
  readonly phase: string;
  readonly part: number;
  readonly detail: string;
}

const setup = workerData as ThreadSetup;
const cache = beamCache(setup.cacheFolder, {
  onUnkept: (line) => void process.stderr.write(`isola: ${line}\n`),
});
const plans = new Map<string, Promise<PlanCells>>();
const keys = new WeakMap<LeasedCell, string>();
let executor: Executor | null = null;

/** Computes a cell. Asks for the plan where it does not have it. */
export default async function computeCellJob(job: CellJob): Promise<CellAnswer> {
  try {
    return await computed(job);
  } finally {
    job.company?.close();
  }
}

/** Puts a plan at hand; false where its bytes are needed for that. */
export async function loadPlan({ subject, subjectBytes }: LoadJob): Promise<boolean> {
  const plan = planOf(subject, subjectBytes);
  await plan;
  return plan !== null;
}

/** Answers for shards of a plan that was loaded just now. */
export async function help({ subject, range, port }: HelpJob): Promise<void> {
  try {
    const plan = planOf(subject, null);
    if (plan === null) throw new Error('a plan was loaded and is gone');
    await (await plan).help(port, range);
  } finally {
    port.close();
  }
}

async function computed(job: CellJob): Promise<CellAnswer> {
  const { key, cell, isFinish, subject, subjectBytes, company } = job;
  const plan = planOf(subject, subjectBytes);
  if (plan === null) return { type: 'needs-subject' };
  keys.set(cell, key);
  const flag = new Int32Array(job.flag);
  const stop = {
    get isRevoked() {
      return Atomics.load(flag, 0) >= REVOKED;
    },
    get isCutShort() {
      return Atomics.load(flag, 0) >= CUT_SHORT;
    },
  };
  try {
    const cells = await plan;
    const output: CellOutput = await (isFinish
      ? cells.finish(cell, stop)
      : cells.compute(cell, stop, company));
    return { type: 'done', output };
  } catch (error) {
    if (error instanceof InputError) return { type: 'failed', cause: 'bad-input' };
    if (error instanceof NotFinite) return { type: 'failed', cause: 'not-finite' };
    // Its message may hold what must not be logged; where it happened does not.
    process.stderr.write(`isola: a cell crashed\n${framesOf(error)}\n`);
    return { type: 'failed', cause: 'crashed' };
  }
}

function framesOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
}

/** The plan of a job; null where neither it nor its bytes are here. */
function planOf(subject: string, bytes: Uint8Array | null): Promise<PlanCells> | null {
  const known = plans.get(subject);
  if (known === undefined && bytes === null) return null;
  const plan = known ?? load(bytes as Uint8Array);
  plans.delete(subject);
  plans.set(subject, plan);
  plan.catch(() => plans.delete(subject));
  for (const oldest of plans.keys()) if (plans.size > PLANS_KEPT) plans.delete(oldest);
  return plan;
}

async function load(bytes: Uint8Array): Promise<PlanCells> {
  const { threads, memoryBytes, version } = setup;
  executor ??= threadExecutor(threads);
  return planCells(await openBundle(bytes), {
    ...{ executor, cache, memoryBytes, version },
    onStep: (cell, step) => {
      const message: StepMessage = { key: keys.get(cell) ?? '', ...step };
      parentPort?.postMessage(message);
    },
  });
}
