/**
 * The way in for users' calls, over gRPC and HTTP alike: each tenant has its share of this process;
 * a call beyond it waits or is refused before any of it is read. Operators have a share of their
 * own, so that a tenant's own programs do not lock them out. Workers and who has no certificate,
 * who is this machine's, are let in at once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { CLUSTER_TENANT, type Identity, RpcProblem } from '@isola/cluster/runtime';
import { CallBudget, type CallLimits } from './call-budget.js';

/** A tenant calls too much; who counts and logs that is told by the listener. */
export class CallsLimited extends RpcProblem {
  constructor(retryMs: number) {
    super('RESOURCE_EXHAUSTED', 'your tenant makes too many calls', retryMs);
  }
}

export interface AdmissionListener {
  /** A call waits for its turn. */
  readonly onDelayed: () => void;
  /** A call is refused: the first of a tenant for some time, or one of many. */
  readonly onLimited: (tenant: string, isFirst: boolean) => void;
}

/** Of one tenant, or of its operators. */
export const CALL_LIMITS: CallLimits = { perSecond: 50, open: 256 };

/** A tenant that calls too much is told of no more often. */
const TOLD_MS = 60_000;
const NOTHING = () => {};

export class Admission {
  private readonly budget: CallBudget;
  private readonly toldMs = new Map<string, number>();

  constructor(
    limits: CallLimits = CALL_LIMITS,
    private readonly listener: AdmissionListener = { onDelayed: NOTHING, onLimited: NOTHING },
  ) {
    this.budget = new CallBudget(limits);
  }

  /**
   * Resolves when a call may begin, with what is to be said when it has ended.
   * @throws RpcProblem RESOURCE_EXHAUSTED
   */
  async enter({ tenant, role }: Identity): Promise<() => void> {
    if (role === 'local' || tenant === CLUSTER_TENANT) return NOTHING;
    const caller = role === 'operator' ? `${tenant} operators` : tenant;
    const verdict = this.budget.enter(caller, performance.now());
    if (verdict.type === 'admitted') {
      if (verdict.waitMs > 0) {
        this.listener.onDelayed();
        await pause(verdict.waitMs);
      }
      let isOpen = true;
      return () => {
        if (isOpen) this.budget.leave(caller, performance.now());
        isOpen = false;
      };
    }
    this.tell(tenant);
    if (verdict.holdMs > 0) {
      await pause(verdict.holdMs);
      this.budget.told(caller, performance.now());
    }
    throw new CallsLimited(verdict.retryMs);
  }

  private tell(tenant: string): void {
    const nowMs = performance.now();
    const isFirst = nowMs - (this.toldMs.get(tenant) ?? -Infinity) > TOLD_MS;
    if (isFirst) this.toldMs.set(tenant, nowMs);
    this.listener.onLimited(tenant, isFirst);
  }
}
