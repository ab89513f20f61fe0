import type { Network } from '../network/index.js';
import type { LogServer } from '../storage/index.js';
import type { Chance, Process, Timeline } from '../time/index.js';
import type { FaultOptions } from './fault-options.js';

/** What can be done wrong to. */
export interface Victims {
  readonly network: Network;
  readonly server: LogServer;
  readonly hosts: readonly string[];
  coordinators(): readonly Process[];
  workers(): readonly Process[];
  /** Makes a standby take over. */
  coup(): void;
  drain(worker: Process): void;
}

/** Does all the harm of a run. */
export class Nemesis {
  constructor(
    private readonly timeline: Timeline,
    private readonly chance: Chance,
    private readonly faults: FaultOptions,
    private readonly calmMs: number,
    private readonly victims: Victims,
  ) {}

  begin(): void {
    const { faults, victims } = this;
    const { network, server } = victims;
    this.often(faults.resetEveryMs, () => network.reset());
    this.often(faults.cutEveryMs, () => this.cut());
    this.often(faults.fullDiskEveryMs, () => {
      server.isFull = true;
      this.within(6_000, () => {
        server.isFull = false;
      });
    });
    this.often(faults.slowDiskEveryMs, () => {
      server.writeMs = this.chance.between(100, 2_500);
      this.within(5_000, () => {
        server.writeMs = 0;
      });
    });
    this.often(faults.lostBlobEveryMs, () => {
      const ids = server.blobIds();
      if (ids.length > 0) server.lose(this.chance.pick(ids));
    });
    this.often(faults.coupEveryMs, () => victims.coup());
    this.to(faults.coordinatorKillEveryMs, victims.coordinators, (own) => own.kill());
    this.to(faults.coordinatorFreezeEveryMs, victims.coordinators, (own) => this.freeze(own));
    this.to(faults.workerKillEveryMs, victims.workers, (own) => own.kill());
    this.to(faults.workerFreezeEveryMs, victims.workers, (own) => this.freeze(own));
    this.to(faults.drainEveryMs, victims.workers, (own) => victims.drain(own));
  }

  private cut(): void {
    const { network, hosts } = this.victims;
    const [from, to] = [this.chance.pick(hosts), this.chance.pick(hosts)];
    if (from === to) return;
    const durationMs = this.duration(20_000);
    network.cut(from, to, durationMs);
    if (this.chance.happens(0.6)) network.cut(to, from, durationMs);
  }

  private freeze(own: Process): void {
    own.freeze(this.duration(20_000));
  }

  private to(everyMs: number, victims: () => readonly Process[], harm: (one: Process) => void) {
    this.often(everyMs, () => {
      const alive = victims();
      if (alive.length > 0) harm(this.chance.pick(alive));
    });
  }

  /** Again and again, until it is calm. */
  private often(everyMs: number, harm: () => void): void {
    if (everyMs === 0) return;
    this.timeline.after(2 * everyMs * this.chance.part(), () => {
      if (this.timeline.nowMs >= this.calmMs) return;
      harm();
      this.often(everyMs, harm);
    });
  }

  private within(mostMs: number, undo: () => void): void {
    this.timeline.after(this.duration(mostMs), undo);
  }

  /** No fault lasts into the calm. */
  private duration(mostMs: number): number {
    return Math.min(this.chance.part() * mostMs, this.calmMs - this.timeline.nowMs);
  }
}
