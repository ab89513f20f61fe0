import { createRequire } from 'node:module';
import { type Part, startPart } from 'isola/cluster-processes';

const PROGRAM = createRequire(import.meta.url).resolve('@isola/faults/paced-worker');
/** How long a cell takes where nobody says. */
export const CELL_MS = 1_000;

export interface PacedWorker {
  readonly coordinator: string;
  readonly name: string;
  /** Each cell takes so long at least. */
  readonly cellMs?: number;
  /** A folder with certificates; none by default. */
  readonly certs?: string;
}

/** Starts a worker that waits most of the time that its cells take. */
export function startPacedWorker(folder: string, worker: PacedWorker): Promise<Part> {
  const { coordinator, name, cellMs = CELL_MS, certs = '' } = worker;
  const args = [coordinator, name, folder, String(cellMs), certs];
  return startPart(folder, args, /attached to/, PROGRAM);
}
