/** What a worker tells those who write logs and metrics, as it happens. */
import type { workers } from '@isola/cluster/wire';
import type { CellResult, ComputeFailure } from '../threads/index.js';

/** How a cell has ended here; a closed list. */
export type CellOutcome = Exclude<CellResult['type'], 'failed'> | ComputeFailure | 'blob-lost';

export type WorkerNote =
  | { readonly type: 'attached' }
  | { readonly type: 'coordinator-lost' }
  | {
      readonly type: 'cell-ended';
      readonly cell: workers.Cell;
      readonly outcome: CellOutcome;
      /** Of computing it; 0 where that was never begun. */
      readonly ms: number;
      readonly evaluations: number;
    }
  /** A blob has come in, or has gone out. */
  | { readonly type: 'blob'; readonly direction: 'in' | 'out'; readonly bytes: number }
  /** Something has gone to other workers, or has come from them. */
  | { readonly type: 'exchanged'; readonly direction: 'in' | 'out'; readonly bytes: number }
  /** A cell did not stop when nobody needed it any more: its thread was ended. */
  | { readonly type: 'thread-ended' }
  /** What another worker has sent was changed on its way. */
  | { readonly type: 'corrupted' };
