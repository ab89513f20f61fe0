/** Optimisers of pygmo and pycma on the classic functions, in a Python process of their own. */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { anyPoint, type Run, TARGETS, type Task } from './runs.js';

const python = process.env.ISOLA_PYTHON ?? 'python3';
const script = fileURLToPath(new URL('../../classic/peers.py', import.meta.url));

export interface PeerRuns {
  readonly versions: string;
  readonly runs: readonly Run[];
}

/** Why there are no peers; null where there are. */
export function missingPeers(): string | null {
  const probe = spawnSync(python, ['-c', 'import cma, numpy, pygmo'], { encoding: 'utf8' });
  if (probe.status === 0) return null;
  const reason = probe.error?.message ?? probe.stderr.trim().split('\n').at(-1);
  return `${python} (ISOLA_PYTHON) has no pygmo and pycma: ${reason}`;
}

/** All runs of all peers. Rejects where the process fails. */
export async function peerRuns(tasks: readonly Task[], seeds: number): Promise<PeerRuns> {
  // Matrices of this size are slower in threads, and the runs themselves fill the cores.
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1' };
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'], env });
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  child.stdin.end(JSON.stringify({ tasks: tasks.map(described), targets: TARGETS, seeds }));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  if ((await ended) !== 0) throw new Error(complaints.join('').trim());
  const [head, ...runs] = lines.map((line) => JSON.parse(line) as unknown);
  return { versions: (head as { versions: string }).versions, runs: runs as Run[] };
}

/** A task as JSON, with a value by which the other side checks that its function is the same. */
function described(task: Task) {
  const { name, lower, upper, rotation, value } = task.classic;
  const probe = anyPoint(task, 0);
  return {
    ...{ function: name, dimension: task.dimension, budget: task.budget },
    ...{ lower, upper, rotation, probe: [...probe], probeValue: value(probe) },
  };
}
