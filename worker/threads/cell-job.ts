/** What goes to the thread that computes cells, and what comes back. */
import type { MessagePort } from 'node:worker_threads';
import type { ShardRange } from '@isola/planning/problem';
import type { CellOutput, LeasedCell } from '../cells/index.js';

/** Values of a cell's flag, each including those before. */
export const CUT_SHORT = 1;
export const REVOKED = 2;

export interface ThreadSetup {
  /** Threads for the kernels of all cells together. */
  readonly threads: number;
  /** Condensed beams are kept here. */
  readonly cacheFolder: string;
  /** Of condensed beams in memory. */
  readonly memoryBytes: number;
  readonly version: string;
}

export interface CellJob {
  /** Names the cell in messages. */
  readonly key: string;
  readonly cell: LeasedCell;
  readonly isFinish: boolean;
  /** Names what the job is about: a plan bundle. */
  readonly subject: string;
  /** Its bytes; null as long as the thread may have it. */
  readonly subjectBytes: Uint8Array | null;
  /** One int32: 0, CUT_SHORT or REVOKED. */
  readonly flag: SharedArrayBuffer;
  /** Leads to other workers that help with a plan in shards; null where there are none. */
  readonly company: MessagePort | null;
}

/** Helping another worker: answering for shards of its plan. */
export interface HelpJob {
  readonly subject: string;
  readonly range: ShardRange;
  /** Closes when the help is over. */
  readonly port: MessagePort;
}

/** Loads a plan that is not in the thread; says whether it is there now. */
export interface LoadJob {
  readonly subject: string;
  readonly subjectBytes: Uint8Array | null;
}

export type CellAnswer =
  | { readonly type: 'done'; readonly output: CellOutput }
  | { readonly type: 'needs-subject' }
  | { readonly type: 'failed'; readonly cause: 'bad-input' | 'not-finite' | 'crashed' };
