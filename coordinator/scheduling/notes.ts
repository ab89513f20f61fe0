/** What a coordinator tells those who write logs and metrics, as it happens. */
import type { ClusterEvent, FailureCause } from '../jobs/index.js';
import type { PausingProblem } from '../store/index.js';
import type { CellName } from './orders.js';

export type DispatcherNote =
  /** It is in the log of the cluster: it counts. */
  | { readonly type: 'written'; readonly event: ClusterEvent }
  | { readonly type: 'worker-attached'; readonly worker: string; readonly slots: number }
  | { readonly type: 'worker-lost'; readonly worker: string }
  /** The worker that it was leased to has sent a cell's result, so long after it got the lease. */
  | { readonly type: 'cell-computed'; readonly worker: string; readonly ms: number }
  | {
      readonly type: 'cell-failed';
      readonly worker: string;
      readonly cell: CellName;
      readonly cause: FailureCause;
    }
  /** The store takes nothing; said once until it does again. */
  | { readonly type: 'paused'; readonly problem: PausingProblem }
  | { readonly type: 'resumed' }
  /** Another coordinator leads. */
  | { readonly type: 'deposed' };

/** Told of everything that happens; must not throw. */
export type Observer<N> = (note: N) => void;
