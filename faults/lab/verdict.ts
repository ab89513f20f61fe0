import type { LabCluster } from './lab-cluster.js';
import { labFolder, planHash } from './lab-plan.js';

/** What every fault of a cluster must leave whole. */
export interface Verdict {
  /** Cells of the job that are not accepted. */
  readonly lost: number;
  /** Cells that were accepted twice. */
  readonly doubled: number;
  /** Whether the plan is that of one machine without faults. */
  readonly hashEqual: boolean;
  readonly cells: number;
}

/** @param planned the hash that the cluster came to, of the lab's plan with so many epochs */
export async function verdictOf(
  lab: LabCluster,
  planned: Promise<string>,
  epochs: number,
): Promise<Verdict> {
  const clustered = await planned;
  const [{ job }] = lab.book().all();
  const hashEqual = clustered === (await planHash(labFolder(epochs)));
  const lost = job.cellCount - job.acceptedCount;
  return { lost, doubled: lab.doubled, hashEqual, cells: job.cellCount };
}

export function isWhole({ lost, doubled, hashEqual }: Verdict): boolean {
  return lost === 0 && doubled === 0 && hashEqual;
}
