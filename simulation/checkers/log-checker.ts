import type {
  Audit,
  CellAccepted,
  CellAudited,
  CellPlace,
  CellQuarantined,
  ClusterEvent,
  EpochSealed,
  JobDone,
  JobEvent,
  JobId,
  JobSpec,
} from '@isola/coordinator/jobs';
import { type Golden, goldenFinish, goldenOf, type ToyOutput } from '../cells/index.js';
import type { Report } from './violation.js';

/** A job as its log tells of it, folded without the code under test. */
export interface JobRecord {
  readonly id: JobId;
  readonly spec: JobSpec;
  readonly audit: Audit;
  /** By cell: who has confirmed it; null: nobody was there. */
  readonly audited: Map<string, string | null>;
  best: CellPlace | null;
  readonly golden: Golden;
  readonly accepted: Map<string, CellAccepted>;
  readonly trace: number[];
  cancels: number;
  quarantined: CellQuarantined | null;
  done: JobDone | null;
  /** Holds a lie: it is not compared with the golden one any more. */
  isTainted: boolean;
}

/** What the simulation knows that the log does not tell. */
export interface Circumstances {
  /** Whether a worker told this result though it is not the right one. */
  wasLie(result: CellAccepted): boolean;
  /** Whether a blob is in the store, or was. */
  wasKept(blob: string): boolean;
  /** Whether there is a reason to give a cell up. */
  isGuilty(spec: JobSpec, cell: CellQuarantined): boolean;
  cancelsAsked(job: JobId): number;
}

const nameOf = ({ island, epoch }: CellPlace) => `${island}@${epoch}`;

/** Walks with the log: whatever is appended must be what may follow. */
export class LogChecker {
  readonly jobs = new Map<JobId, JobRecord>();
  private term = 0;

  constructor(
    private readonly report: Report,
    private readonly circumstances: Circumstances,
  ) {}

  appended(text: string): void {
    const event = JSON.parse(text) as ClusterEvent;
    if (event.type === 'LeaderElected') {
      if (event.term !== ++this.term) this.report('wrong-term', text);
    } else if (event.type === 'JobOpened') {
      if (this.jobs.has(event.job)) this.report('submitted-wrongly', text);
      const { job: id, spec, audit = 'none' } = event;
      this.jobs.set(id, {
        ...{ id, spec, golden: goldenOf(spec), accepted: new Map(), trace: [], cancels: 0 },
        ...{ quarantined: null, done: null, isTainted: false },
        ...{ audit, audited: new Map(), best: null },
      });
    } else if (event.type === 'JobMoved') this.moved(event.job, event.event);
  }

  /** Whether a cell's result is in the log. */
  isAccepted(job: JobId, cell: CellPlace & { readonly input: string }): boolean {
    return this.jobs.get(job)?.accepted.get(nameOf(cell))?.input === cell.input;
  }

  private moved(id: JobId, event: JobEvent): void {
    const job = this.jobs.get(id);
    if (job === undefined) {
      this.report('job-lost', id);
      return;
    }
    if (job.done !== null) this.report('moved-after-end', JSON.stringify(event));
    if (event.type === 'CellAccepted') this.accepted(job, event);
    else if (event.type === 'CellAudited') this.audited(job, event);
    else if (event.type === 'EpochSealed') this.sealed(job, event);
    else if (event.type === 'JobCancelled') {
      const asked = this.circumstances.cancelsAsked(id);
      // What was not begun is ended by one cancellation, which is written as two.
      const most = asked > 0 && job.spec.epochs === 0 ? 2 : Math.min(2, asked);
      if (++job.cancels > most) this.report('cancelled-unasked', id);
    } else if (event.type === 'CellQuarantined') {
      job.quarantined = event;
      const isGuilty = this.circumstances.isGuilty(job.spec, event);
      if (!isGuilty) this.report('quarantined-innocent', JSON.stringify(event));
    } else if (event.type === 'JobDone') this.ended(job, event);
  }

  private accepted(job: JobRecord, result: CellAccepted): void {
    const name = nameOf(result);
    if (job.accepted.has(name)) this.report('accepted-twice', `${job.id} ${name}`);
    job.accepted.set(name, result);
    const areKept = [result.state, result.emigrants].every((id) => this.circumstances.wasKept(id));
    if (!areKept) this.report('blobs-missing', `${job.id} ${name}`);
    if (this.circumstances.wasLie(result)) job.isTainted = true;
    if (job.isTainted) return;
    const right = this.rightResults(job, result);
    if (!right.some((output) => isSame(output, result)))
      this.report('wrong-result', `${job.id} ${name}`);
  }

  private audited(job: JobRecord, event: CellAudited): void {
    const result = job.accepted.get(nameOf(event));
    const isOther = result !== undefined && result.worker !== event.worker;
    if (!isOther || job.audited.has(nameOf(event)) || job.audit === 'none') {
      this.report('wrong-audit', `${job.id} ${nameOf(event)}`);
    }
    job.audited.set(nameOf(event), event.worker);
  }

  /** Why the audit of a job that ends with a plan is not done. */
  private wrongAudit({ id, spec, audit, audited, accepted, best }: JobRecord): string | null {
    if (audit === 'none') return null;
    const ofPlan = [...(best ? [nameOf(best)] : []), `0@${spec.epochs}`];
    const names =
      audit === 'all' ? [...accepted.keys()] : ofPlan.filter((name) => accepted.has(name));
    for (const name of names) {
      const result = accepted.get(name);
      const isConfirmed = (audited.get(name) ?? null) !== null;
      if (isConfirmed && result && this.circumstances.wasLie(result)) {
        this.report('lie-in-plan', `${id} ${name}`);
      }
    }
    return names.every((name) => audited.has(name)) ? null : 'is not audited';
  }

  /** The results that a cell may have: one, or two of a finishing cell that may be cut short. */
  private rightResults({ spec, golden, trace, cancels }: JobRecord, cell: CellPlace): ToyOutput[] {
    if (cell.epoch < spec.epochs) return [golden.cells[cell.epoch]?.[cell.island]].flatMap(there);
    const best = golden.best[trace.length - 1] ?? null;
    const whole = goldenFinish(spec, best, false);
    return cancels > 0 ? [whole, goldenFinish(spec, best, true)] : [whole];
  }

  private sealed(job: JobRecord, { epoch, best, value }: EpochSealed): void {
    const { accepted, trace, golden, spec } = job;
    const bad = (law: 'wrong-seal' | 'trace-worsened') =>
      this.report(law, `${job.id} epoch ${epoch}`);
    const isWhole = spec.inNeighbours.every((_, island) => accepted.has(`${island}@${epoch}`));
    if (epoch !== trace.length || !isWhole) bad('wrong-seal');
    if (value > (trace.at(-1) ?? Infinity)) bad('trace-worsened');
    trace.push(value);
    job.best = best;
    if (job.isTainted) return;
    const isRight = value === golden.trace[epoch];
    const state = accepted.get(nameOf(best))?.state;
    if (!isRight || state !== golden.best[epoch]?.stateId) bad('wrong-seal');
  }

  private ended(job: JobRecord, done: JobDone): void {
    job.done = done;
    const why = this.wrongEnd(job, done);
    if (why !== null) this.report('wrong-end', `${job.id}: ${why}`);
  }

  /** Why a job may not end so. */
  private wrongEnd(job: JobRecord, { reason, epoch }: JobDone): string | null {
    const { spec, golden, trace, cancels, quarantined, accepted } = job;
    if (epoch !== trace.length - 1) return `ends at epoch ${epoch}`;
    const result = accepted.get(nameOf({ island: 0, epoch: spec.epochs }));
    if (reason === 'failed') return quarantined === null ? 'failed for no reason' : null;
    if (reason === 'cancelled') {
      if (cancels === 0) return 'was not cancelled';
      const isOwed = spec.finish && spec.epochs > 0 && trace.length > 0 && cancels === 1;
      return isOwed && result === undefined ? 'has no result' : null;
    }
    if (cancels > 0) return 'was cancelled';
    if (spec.finish && result === undefined) return 'has no result';
    const unaudited = this.wrongAudit(job);
    if (unaudited !== null) return unaudited;
    if (job.isTainted) return null;
    const last = golden.trace.at(-1);
    const isReached = last !== undefined && last <= (spec.targetValue ?? -Infinity);
    if ((reason === 'target-reached') !== isReached) return `ends as ${reason}`;
    const isGolden = JSON.stringify(trace) === JSON.stringify(golden.trace);
    return isGolden ? null : 'has not the golden trace';
  }
}

function there<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function isSame(output: ToyOutput, { state, emigrants, value, evaluations }: CellAccepted) {
  return (
    output.stateId === state &&
    output.emigrantsId === emigrants &&
    output.value === value &&
    output.evaluations === evaluations
  );
}
