import type { CellAccepted, JobId, JobSpec } from '@isola/coordinator/jobs';
import type { Refusal } from '@isola/coordinator/scheduling';
import { contentId } from '@isola/coordinator/store';
import {
  checkEnding,
  checkMemory,
  LeaseChecker,
  LogChecker,
  type Report,
  type Violation,
} from '../checkers/index.js';
import { type FaultOptions, Nemesis } from '../faults/index.js';
import { Network } from '../network/index.js';
import { type CellFates, Coordinator, User, type UserPlan, Worker } from '../processes/index.js';
import { LogServer } from '../storage/index.js';
import { Chance, Process, Timeline } from '../time/index.js';
import { type Scenario, scenarioOf } from './scenario.js';
import type { SimulationReport } from './simulation-report.js';

/** A worker's place: who dies there is followed by another. */
interface Berth {
  readonly host: string;
  worker: Worker | null;
  /** Whether each life has the same name, as in a container. */
  readonly keepsName: boolean;
}

export class Cluster {
  readonly timeline = new Timeline();
  private readonly scenario: Scenario;
  private readonly network: Network;
  private readonly server: LogServer;
  private readonly log: LogChecker;
  private readonly leaseChecker: LeaseChecker;
  private readonly coordinators: Coordinator[] = [];
  private readonly berths: Berth[];
  private readonly users: User[];
  private readonly acknowledged = new Map<number, string>();
  private readonly promised = new Map<JobId, UserPlan>();
  private readonly cancels = new Map<JobId, number>();
  private readonly lies = new Set<string>();
  private lives = 0;

  constructor(
    private readonly seed: number,
    private readonly faults: FaultOptions,
    calmMs: number,
    private readonly law: Report,
  ) {
    const { timeline } = this;
    const chance = new Chance(seed, 'cluster');
    this.scenario = scenarioOf(chance, faults);
    const isWatched = !chance.happens(faults.unwatched / 2);
    const wire = { delayMs: chance.between(1, 40), jitterMs: faults.jitterMs, isWatched };
    const { loss, duplicates } = faults;
    const settings = { ...wire, loss, duplicates };
    this.network = new Network(timeline, new Chance(seed, 'network'), settings);
    timeline.after(calmMs, () => this.network.calm());
    this.server = new LogServer(this.born('store', 'store', false));
    this.log = new LogChecker(law, {
      wasLie: (result) => this.wasLie(result),
      wasKept: (blob) => this.server.has(blob) || this.server.lost.has(blob),
      isGuilty: (spec, cell) => this.isGuilty(spec, cell),
      cancelsAsked: (job) => this.cancels.get(job) ?? 0,
    });
    this.server.whenAppended((text) => this.log.appended(text));
    this.leaseChecker = new LeaseChecker(law, this.log, this.server);
    for (let i = 0; i < this.scenario.coordinators; i++) this.addCoordinator(`c${i}`);
    this.berths = this.scenario.workers.map((_, i) => ({
      ...{ host: `w${i}`, worker: null, keepsName: chance.happens(0.5) },
    }));
    for (const berth of this.berths) this.addWorker(berth);
    this.users = this.scenario.plans.map((plan, i) => this.userOf(plan, i));
    this.nemesis(calmMs).begin();
  }

  /** Whether nothing is left to be done, and nothing goes wrong any more. */
  isOver(): boolean {
    const areDone = [...this.log.jobs.values()].every(({ done }) => done !== null);
    return areDone && this.users.every(({ isDone }) => isDone);
  }

  checkEnding(): void {
    const { law, server, log, acknowledged, promised } = this;
    checkEnding(law, server, log, acknowledged, [...promised.keys()]);
    if (!this.users.every(({ isDone }) => isDone)) law('not-ended', 'a user');
    for (const { dispatcher } of this.coordinators) {
      const isUpToDate = dispatcher?.book.version === server.events.length;
      if (dispatcher === null || !isUpToDate || dispatcher.isDeposed) continue;
      // What waits for a store that is full is known to be of no use once it is not.
      if (dispatcher.paused === null) checkMemory(law, dispatcher);
    }
    for (const { spec, done, cancels, trace, id } of log.jobs.values()) {
      // The cell that cannot be computed is needed, unless the job ends before it.
      const poison = [...(this.scenario.poison.get(spec.jobHash)?.keys() ?? [])];
      const epochs = poison.map((place) => Number(place.split('@')[1]));
      const isPassed = epochs.some((epoch) => epoch < trace.length && spec.epochs > 0);
      if (done !== null && cancels === 0 && isPassed) law('wrong-end', `${id} passes its poison`);
    }
  }

  report(violations: readonly Violation[]): SimulationReport {
    const jobs = [...this.log.jobs.values()];
    const tainted = jobs.filter(({ isTainted }) => isTainted);
    return {
      ...{ seed: this.seed, violations, traceHash: this.timeline.traceHash() },
      ...{ steps: this.timeline.steps, virtualMs: this.timeline.nowMs, jobs: jobs.length },
      cells: jobs.reduce((sum, { accepted }) => sum + accepted.size, 0),
      lies: {
        told: this.lies.size,
        found: jobs.filter(({ quarantined }) => quarantined?.cause === 'results-differ').length,
        kept: tainted.filter(({ done }) => done?.reason !== 'failed').length,
      },
    };
  }

  private born(host: string, name: string, drifts: boolean): Process {
    const chance = new Chance(this.seed, `clock ${name} ${this.lives++}`);
    const { clockDrift } = this.faults;
    const faster = 1 + chance.part() * clockDrift;
    const clockRate = drifts ? (chance.happens(0.5) ? faster : 1 / faster) : 1;
    const clockMs = chance.between(0, 1_000_000);
    return new Process(this.timeline, { host, name, clockRate, clockMs });
  }

  private addCoordinator(host: string): void {
    const chance = new Chance(this.seed, host);
    const coordinator: Coordinator = new Coordinator(
      ...([host, this.network, this.server, chance] as const),
      {
        acknowledged: (text, version) => {
          if (this.server.events[version - 1] !== text) this.law('acknowledged-lost', text);
          this.acknowledged.set(version, text);
        },
        sends: (from, stream, message) => this.leaseChecker.sends(from, stream, message),
        hears: (from, stream, message) => this.leaseChecker.hears(from, stream, message),
        ticked: (from, ownMs) => this.leaseChecker.ticked(from, ownMs),
      },
      this.coordinators,
      this.scenario.audit,
    );
    this.coordinators.push(coordinator);
    const boot = () => {
      const own = this.born(host, `${host}-${this.lives}`, true);
      own.whenKilled(() => {
        coordinator.dispatcher = null;
        this.timeline.after(chance.between(300, 4_000), boot);
      });
      coordinator.boot(own);
    };
    boot();
  }

  private addWorker(berth: Berth): void {
    const { host, keepsName } = berth;
    const manner = this.scenario.workers[this.berths?.indexOf(berth) ?? 0];
    const name = keepsName ? host : `${host}-${this.lives}`;
    const own = this.born(host, name, true);
    const chance = new Chance(this.seed, `worker ${this.lives}`);
    own.whenKilled(() => {
      berth.worker = null;
      this.timeline.after(chance.between(300, 4_000), () => this.addWorker(berth));
    });
    const { network, coordinators } = this;
    berth.worker = new Worker(own, network, coordinators, chance, manner, this.fates());
  }

  private fates(): CellFates {
    return {
      poisonOf: (jobHash, island, epoch) =>
        this.scenario.poison.get(jobHash)?.get(`${island}@${epoch}`) ?? null,
      lied: (stateId, value) => this.lies.add(`${stateId} ${value}`),
    };
  }

  private userOf(plan: UserPlan, i: number): User {
    const { network, coordinators } = this;
    const own = this.born(`u${i}`, `user ${i}`, false);
    const chance = new Chance(this.seed, own.name);
    return new User(own, network, coordinators, chance, plan, {
      submitted: (to, job, isNew) => this.submitted(to, job, isNew),
      cancels: (job) => this.cancels.set(job, (this.cancels.get(job) ?? 0) + 1),
      refused: (_, refusal: Refusal) => this.law('submitted-wrongly', refusal.code),
    });
  }

  private submitted(plan: UserPlan, job: JobId, isNew: boolean): void {
    const { tenant, key, spec } = plan;
    if (!this.log.jobs.has(job)) this.law('job-lost', job);
    if (this.log.jobs.get(job)?.spec.jobHash !== spec.jobHash) this.law('submitted-wrongly', job);
    for (const [other, known] of this.promised) {
      const isSameKey = known.key === key && key !== '' && known.tenant === tenant;
      if (isSameKey && other !== job) this.law('submitted-wrongly', `${key} is two jobs`);
      if (other === job && isNew) this.law('submitted-wrongly', `${job} is new twice`);
    }
    this.promised.set(job, plan);
  }

  private wasLie({ state, value }: CellAccepted): boolean {
    return this.lies.has(`${state} ${value}`);
  }

  private isGuilty(
    spec: JobSpec,
    { island, epoch, cause }: { island: number; epoch: number; cause: string },
  ): boolean {
    const poison = this.scenario.poison.get(spec.jobHash)?.get(`${island}@${epoch}`);
    if (cause === 'blob-lost') return this.server.lost.has(contentId(spec.jobHash));
    if (cause === 'results-differ') return this.lies.size > 0;
    if (poison === 'kills') return cause === 'worker-lost';
    return poison !== undefined && (cause === poison || cause === 'worker-lost');
  }

  private nemesis(calmMs: number): Nemesis {
    const chance = new Chance(this.seed, 'nemesis');
    const { network, server, coordinators, berths } = this;
    const processesOf = (list: readonly (Process | null | undefined)[]) =>
      list.flatMap((own) => own ?? []);
    const hosts = [...coordinators, ...berths, ...this.users.map((_, i) => ({ host: `u${i}` }))];
    return new Nemesis(this.timeline, chance, this.faults, calmMs, {
      ...{ network, server, hosts: ['store', ...hosts.map(({ host }) => host)] },
      coordinators: () => processesOf(coordinators.map((each) => each.process())),
      workers: () => processesOf(berths.map(({ worker }) => worker?.process)),
      coup: () => void chance.pick(coordinators).take(),
      drain: (own) => berths.find(({ worker }) => worker?.process === own)?.worker?.drain(),
    });
  }
}
