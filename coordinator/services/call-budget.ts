/**
 * What a tenant may call, whatever the others do: so many calls a second, so many open at a time.
 * Pure: who calls and when goes in. A call too many waits for its turn; where many wait already it
 * is refused. One number stands for the rate, the time when all that was admitted would be over if
 * calls came evenly ("generic cell rate algorithm", ITU-T I.371).
 */

export interface CallLimits {
  readonly perSecond: number;
  /** Calls that are open at a time, those that follow a job among them. */
  readonly open: number;
}

export type CallVerdict =
  | { readonly type: 'admitted'; readonly waitMs: number }
  /** Told `holdMs` later, so that who asks again at once, as no client should, is slow. */
  | { readonly type: 'refused'; readonly holdMs: number; readonly retryMs: number };

/** Who was quiet for as long may call as much at once. */
const BURST_MS = 2_000;
/** Nobody waits longer for a turn. */
const MOST_WAIT_MS = 1_000;
const HOLD_MS = 3_000;
/** Told to who is refused for having too many calls open. */
const RETRY_MS = 1_000;
/** Refusals of a tenant that are held back at a time: each keeps a call in memory. */
const MOST_HELD = 1_000;

interface Account {
  /** When all that was admitted would be over. */
  overMs: number;
  open: number;
  held: number;
}

export class CallBudget {
  private readonly accounts = new Map<string, Account>();

  constructor(private readonly limits: CallLimits) {}

  /** One more call of a caller; `leave` says that it has ended, `told` that its refusal was. */
  enter(caller: string, nowMs: number): CallVerdict {
    const account = this.accountOf(caller);
    const stepMs = 1_000 / this.limits.perSecond;
    const overMs = Math.max(account.overMs, nowMs) + stepMs;
    const waitMs = Math.max(0, overMs - nowMs - Math.max(BURST_MS, stepMs));
    const isLate = waitMs > MOST_WAIT_MS;
    if (!isLate && account.open < this.limits.open) {
      account.overMs = overMs;
      account.open++;
      return { type: 'admitted', waitMs };
    }
    const holdMs = account.held < MOST_HELD ? HOLD_MS : 0;
    if (holdMs > 0) account.held++;
    return { type: 'refused', holdMs, retryMs: Math.max(RETRY_MS, waitMs) };
  }

  leave(caller: string, nowMs: number): void {
    const account = this.accountOf(caller);
    account.open--;
    this.forget(caller, account, nowMs);
  }

  /** A refusal that was held is told. */
  told(caller: string, nowMs: number): void {
    const account = this.accountOf(caller);
    account.held--;
    this.forget(caller, account, nowMs);
  }

  /** Callers of whom anything is known. */
  get size(): number {
    return this.accounts.size;
  }

  private accountOf(caller: string): Account {
    const known = this.accounts.get(caller);
    if (known !== undefined) return known;
    const fresh: Account = { overMs: -Infinity, open: 0, held: 0 };
    this.accounts.set(caller, fresh);
    return fresh;
  }

  /** What is as if it had never called is not kept. */
  private forget(caller: string, { open, held, overMs }: Account, nowMs: number): void {
    if (open === 0 && held === 0 && overMs <= nowMs) this.accounts.delete(caller);
  }
}
