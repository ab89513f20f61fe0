import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { ended } from '../lab/ended.js';
import type { Fault } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { fluencePlan, folderWith, goldenOf, labPlan, planHash } from '../lab/lab-plan.js';
import { temporaryFolder } from '../lab/temporary.js';

const PROGRAM = createRequire(import.meta.url).resolve('@isola/faults/lying-worker');
const EPOCHS = 6;

/** One of some workers tells each of its results wrong by one unit in the last place. */
export const lyingWorker: Fault = {
  number: 17,
  summary: 'a worker that lies by one ulp',
  trials: 5,
  async run(trials, progress) {
    const seen = { liesFound: 0, harmless: 0, entered: 0 };
    for (let trial = 0; trial < trials; trial++) {
      const parts = { servers: 1, coordinators: 1 } as const;
      const search = { ...parts, workers: 2, serve: ['--audit', 'all'] } as const;
      const cells = await LabCluster.with(search, (lab) => lied(lab, labPlan(EPOCHS, trial + 1)));
      // The liar makes the plan, or looks at it: there is only one other worker.
      const fluence = { ...parts, workers: 1, serve: ['--audit', 'plan'] } as const;
      const plan = await LabCluster.with(fluence, (lab) => lied(lab, fluencePlan()));
      for (const came of [cells, plan]) seen[came]++;
      progress(`${trial + 1} of ${trials}: ${cells} among all cells, ${plan} in a plan`);
    }
    const isKept = seen.entered === 0;
    return { pass: isKept && seen.liesFound > 0, isKept, trials, ...seen };
  },
};

/** Whether the lie was found, came into the plan, or into nothing that the plan is made from. */
async function lied(lab: LabCluster, text: string): Promise<'liesFound' | 'entered' | 'harmless'> {
  const liar = await startLiar(lab.coordinator);
  try {
    const hash = await planHash(folderWith(text), ['--coordinator', lab.coordinator]);
    return hash === (await goldenOf(text)) ? 'harmless' : 'entered';
  } catch (error) {
    if (/different results/.test((error as Error).message)) return 'liesFound';
    throw error;
  } finally {
    liar.kill('SIGKILL');
  }
}

async function startLiar(coordinator: string): Promise<ChildProcess> {
  const args = [PROGRAM, coordinator, 'liar', temporaryFolder('beams')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout !== null)
    await Promise.race([once(child.stdout, 'data'), ended(child, 'the liar')]);
  return child;
}
