import type { Timeline } from './timeline.js';

export interface ProcessOptions {
  readonly name: string;
  /** The machine that it runs on, of which the network knows. */
  readonly host: string;
  /** Milliseconds that its clock shows for one of the timeline's. */
  readonly clockRate: number;
  /** What its clock shows at first. */
  readonly clockMs: number;
}

/**
 * One life of a process: what it waits for never comes once it is killed, and comes late while it
 * is frozen. All code under test runs in actions of a process, so a kill can strike at any await.
 */
export class Process {
  readonly name: string;
  readonly host: string;
  isAlive = true;
  frozenUntilMs = 0;
  readonly bornMs: number;
  private readonly onKill: (() => void)[] = [];
  private readonly onFreeze: ((untilMs: number) => void)[] = [];

  constructor(
    readonly timeline: Timeline,
    private readonly options: ProcessOptions,
  ) {
    this.name = options.name;
    this.host = options.host;
    this.bornMs = timeline.nowMs;
  }

  get isFrozen(): boolean {
    return this.timeline.nowMs < this.frozenUntilMs;
  }

  /** A clock that never goes back, right neither in what it shows nor in its rate. */
  clockMs(): number {
    const { clockRate, clockMs } = this.options;
    return clockMs + (this.timeline.nowMs - this.bornMs) * clockRate;
  }

  /** What happens to this process after a time of its own clock. */
  sleep(ownMs: number, action: () => void): void {
    this.after(ownMs / this.options.clockRate, action);
  }

  /** What happens to this process later, if it lives then; where it is frozen, once it is not. */
  after(delayMs: number, action: () => void): void {
    this.timeline.after(delayMs, () => this.run(action));
  }

  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.timeline.note(`${this.name} is killed`);
    for (const heard of this.onKill) heard();
  }

  freeze(durationMs: number): void {
    this.frozenUntilMs = Math.max(this.frozenUntilMs, this.timeline.nowMs + durationMs);
    this.timeline.note(`${this.name} is frozen`);
    for (const heard of this.onFreeze) heard(this.frozenUntilMs);
  }

  /** For the network and the checkers, who see it from outside. */
  whenKilled(heard: () => void): void {
    this.onKill.push(heard);
  }

  whenFrozen(heard: (untilMs: number) => void): void {
    this.onFreeze.push(heard);
  }

  private run(action: () => void): void {
    if (!this.isAlive) return;
    if (this.isFrozen) this.after(this.frozenUntilMs - this.timeline.nowMs, action);
    else action();
  }
}
