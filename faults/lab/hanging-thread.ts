/** The thread that computes cells, in which those of one plan wait for what never comes. */
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

export default function computeOrHang(job: CellJob): Promise<CellAnswer> {
  // The plan comes with its first cell; nobody says later what it was.
  const isHanging = Buffer.from(job.subjectBytes ?? []).includes(`${HANGING_SEED}`);
  return isHanging ? new Promise(() => {}) : compute(job);
}
