import type { JobId, JobSpec } from '@isola/coordinator/jobs';
import { Refusal } from '@isola/coordinator/scheduling';
import { StoreError } from '@isola/coordinator/store';
import type { Network } from '../network/index.js';
import type { Chance, Process } from '../time/index.js';
import type { Coordinator } from './coordinator.js';

/** What a user does about one job. */
export interface UserPlan {
  readonly tenant: string;
  /** Empty: none of its own. */
  readonly key: string;
  readonly spec: JobSpec;
  readonly startMs: number;
  /** Whether it is submitted again under its key, as after a lost answer. */
  readonly submitsAgain: boolean;
  /** How often it is cancelled, and when, after it was submitted. */
  readonly cancels: number;
  readonly cancelMs: number;
  /** Whether it is submitted anew, with another key, once it has come to nothing. */
  readonly resubmits: boolean;
}

/** What users have been told, and have asked for. */
export interface UserWatch {
  submitted(plan: UserPlan, job: JobId, isNew: boolean): void;
  /** Asks for it now; whether it is heard is not known. */
  cancels(job: JobId): void;
  refused(plan: UserPlan, refusal: Refusal): void;
}

const TIMEOUT_MS = 5_000;
const RETRY_MS = 700;
const POLL_MS = 2_000;

export class User {
  /** Whether it has done all that it wanted. */
  isDone = false;
  private next = 0;

  constructor(
    private readonly process: Process,
    private readonly network: Network,
    private readonly coordinators: readonly Coordinator[],
    private readonly chance: Chance,
    private readonly plan: UserPlan,
    private readonly watch: UserWatch,
  ) {
    process.after(plan.startMs, () => void this.act());
  }

  private async act(): Promise<void> {
    const { plan } = this;
    const job = await this.submit(plan.key);
    if (plan.submitsAgain) await this.submit(plan.key);
    for (let n = 0; n < plan.cancels; n++) {
      await this.sleep(this.chance.between(0, plan.cancelMs));
      await this.cancel(job, n > 0);
    }
    if (plan.resubmits) {
      const isNothing = await this.ended(job);
      if (isNothing) await this.submit(plan.key === '' ? '' : `${plan.key}, once more`);
    }
    this.isDone = true;
  }

  /** Until it is acknowledged. */
  private async submit(key: string): Promise<JobId> {
    const { tenant, spec } = this.plan;
    const bytes = new TextEncoder().encode(spec.jobHash);
    for (;;) {
      const subject = await this.insist((to) => to.blobs().putBlob(bytes));
      try {
        const { job, isNew } = await this.insist(async ({ dispatcher }) => {
          if (dispatcher === null) throw new Refusal('not-leading', 'a standby');
          return dispatcher.submit({ tenant, key, subject, spec });
        });
        this.watch.submitted({ ...this.plan, key }, job, isNew);
        return job;
      } catch (error) {
        // The subject has rotted in between.
        if (!(error instanceof Refusal)) throw error;
        if (error.code !== 'subject-missing') this.watch.refused(this.plan, error);
        await this.sleep(RETRY_MS);
      }
    }
  }

  private cancel(job: JobId, isNow: boolean): Promise<void> {
    return this.insist(async ({ dispatcher }) => {
      if (dispatcher === null) throw new Refusal('not-leading', 'a standby');
      this.watch.cancels(job);
      return dispatcher.cancel(job, isNow);
    });
  }

  /** Waits for the end of a job; whether it came to nothing. */
  private async ended(job: JobId): Promise<boolean> {
    for (;;) {
      const done = await this.insist(async ({ dispatcher }) => {
        if (dispatcher === null) throw new Refusal('not-leading', 'a standby');
        return dispatcher.book.find(job)?.job.done ?? null;
      });
      if (done !== null) return done.reason === 'cancelled' || done.reason === 'failed';
      await this.sleep(POLL_MS);
    }
  }

  /**
   * Asks one coordinator after the other until one does it.
   * @throws Refusal of one that leads
   */
  private async insist<T>(serve: (to: Coordinator) => Promise<T>): Promise<T> {
    for (;;) {
      const to = this.coordinators[this.next % this.coordinators.length];
      try {
        return await this.network.call(this.process, to, TIMEOUT_MS, async (target) =>
          serve(target),
        );
      } catch (error) {
        if (error instanceof Refusal && error.code !== 'not-leading') throw error;
        if (!(error instanceof StoreError)) this.next++;
      }
      await this.sleep(RETRY_MS);
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.process.sleep(ms, resolve);
    });
  }
}
