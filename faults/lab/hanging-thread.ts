/**
 * The thread that computes cells, in which those of one plan wait for what never comes, and others
 * take a while.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { CellAnswer, CellJob } from '@isola/worker/threads';
import { HANGING_SEED } from './hanging-seed.js';

const REAL = new URL('./cell-thread.js', import.meta.resolve('@isola/worker/threads')).href;
const {
  default: compute,
  loadPlan,
  help,
} = (await import(REAL)) as {
  readonly default: (job: CellJob) => Promise<CellAnswer>;
  readonly loadPlan: unknown;
  readonly help: unknown;
};

export { help, loadPlan };

/** A cell takes so long at least, so that workers share a machine as if each had its own. */
const CELL_MS = 1_000;

export default async function computeOrHang(job: CellJob): Promise<CellAnswer> {
  const startMs = performance.now();
  // The plan comes with its first cell; nobody says later what it was.
  const isHanging = Buffer.from(job.subjectBytes ?? []).includes(`${HANGING_SEED}`);
  if (isHanging) return new Promise(() => {});
  const answer = await compute(job);
  if (answer.type === 'done') await pause(Math.max(0, CELL_MS - (performance.now() - startMs)));
  return answer;
}
