/**
 * A coordinator: the real Dispatcher behind the real service for workers. One leads; the others
 * watch, and take over when they suspect that nobody leads. Who learns that it is deposed, or finds
 * another leader in the log, starts anew.
 */
import { EventEmitter } from 'node:events';
import type { workers } from '@isola/cluster/wire';
import type { Audit, ClusterEvent } from '@isola/coordinator/jobs';
import { Dispatcher, LEASES } from '@isola/coordinator/scheduling';
import { Answers, workersService } from '@isola/coordinator/services';
import type { Store } from '@isola/coordinator/store';
import { type Network, type StreamEnd, Unavailable } from '../network/index.js';
import { type LogServer, StoreLink } from '../storage/index.js';
import type { Chance, Process } from '../time/index.js';
import type { BlobCalls, Coordination } from './worker.js';

/** What checkers are shown of a coordinator. */
export interface CoordinatorWatch {
  acknowledged(text: string, version: number): void;
  /** It sends a worker something, on the stream named. */
  sends(from: Coordinator, stream: StreamEnd, message: workers.ToWorker): void;
  hears(from: Coordinator, stream: StreamEnd, message: workers.FromWorker): void;
  /** A second has passed for it, at this time of its clock; what follows from that is done. */
  ticked(from: Coordinator, ownMs: number): void;
}

export const TICK_MS = 1_000;
const NO_LOG = new Answers(() => {});
const SUSPECT_MS = 1_000;
const ANSWER_MS = 800;
/** Nobody leads, where so many rounds of questions in a row found nobody. */
const ROUNDS = 3;
/** A leader looks into the log so often, for another one. */
const LOG_MS = 5_000;

type Call = Parameters<workers.WorkersServer['attach']>[0];

export class Coordinator implements Coordination {
  dispatcher: Dispatcher | null = null;
  private own: Process | null = null;
  private store: Store<ClusterEvent> | null = null;
  private silentRounds = 0;
  private isTaking = false;

  constructor(
    readonly host: string,
    private readonly network: Network,
    private readonly server: LogServer,
    private readonly chance: Chance,
    private readonly watch: CoordinatorWatch,
    private readonly peers: readonly Coordinator[],
    private readonly audit: Audit,
  ) {}

  process(): Process | null {
    return this.own?.isAlive ? this.own : null;
  }

  /** Begins a life of this coordinator, as a standby. */
  boot(own: Process): void {
    this.own = own;
    this.dispatcher = null;
    this.isTaking = false;
    this.silentRounds = this.chance.between(0, ROUNDS - 1);
    this.store = new StoreLink<ClusterEvent>(own, this.network, this.server, (text, version) =>
      this.watch.acknowledged(text, version),
    );
    this.suspect(own);
  }

  blobs(): BlobCalls {
    if (this.store === null || this.dispatcher === null) throw new Unavailable(this.host);
    return this.store;
  }

  /** Takes over now, right or wrong. */
  async take(): Promise<void> {
    const { own, store } = this;
    if (own === null || store === null || this.isTaking || this.dispatcher !== null) return;
    this.isTaking = true;
    const nowMs = () => own.clockMs();
    try {
      const options = { name: own.name, nowMs, leases: LEASES, audit: this.audit };
      this.dispatcher = await Dispatcher.lead(store, options);
      own.timeline.note(`${own.name} leads`);
      this.tick(own, this.dispatcher);
      this.look(own, store);
    } catch {
      this.silentRounds = 0;
    } finally {
      this.isTaking = false;
    }
  }

  accept(end: StreamEnd): void {
    const { dispatcher } = this;
    if (dispatcher === null || dispatcher.isDeposed) {
      end.end();
      return;
    }
    const call = new WorkerCall(end, (message) => this.watch.sends(this, end, message));
    end.listener = {
      hear: (message) => {
        this.watch.hears(this, end, message as workers.FromWorker);
        call.emit('data', message);
      },
      lost: (isBroken) => {
        call.emit(isBroken ? 'cancelled' : 'end');
        call.emit('close');
      },
    };
    workersService(dispatcher, NO_LOG).attach(call as unknown as Call);
  }

  /** Ends this life, as a process does that starts anew. */
  private bounce(own: Process, dispatcher: Dispatcher): void {
    if (this.dispatcher !== dispatcher) return;
    this.dispatcher = null;
    own.timeline.note(`${own.name} bounces`);
    void dispatcher.close();
    own.after(100, () => own.kill());
  }

  private tick(own: Process, dispatcher: Dispatcher): void {
    own.sleep(TICK_MS, () => {
      if (this.dispatcher !== dispatcher) return;
      const ownMs = own.clockMs();
      void dispatcher
        .tick()
        .catch(() => {})
        .finally(() => this.watch.ticked(this, ownMs));
      if (dispatcher.isDeposed) this.bounce(own, dispatcher);
      else this.tick(own, dispatcher);
    });
  }

  /** Whether somebody else leads, which who writes nothing does not learn otherwise. */
  private look(own: Process, store: Store<ClusterEvent>): void {
    own.sleep(LOG_MS, () => {
      const { dispatcher } = this;
      if (dispatcher === null) return;
      void store
        .load()
        .then((events) => {
          const leaders = events.filter((event) => event.type === 'LeaderElected');
          const isOther = leaders.at(-1)?.coordinator !== own.name;
          if (isOther) this.bounce(own, dispatcher);
        })
        .catch(() => {});
      this.look(own, store);
    });
  }

  /** Asks the others whether one leads. */
  private suspect(own: Process): void {
    own.sleep(SUSPECT_MS, () => {
      if (this.dispatcher !== null) return;
      const asked = this.peers
        .filter((peer) => peer !== this)
        .map((peer) =>
          this.network
            .call(own, peer, ANSWER_MS, async (to) => to.dispatcher !== null)
            .catch(() => false),
        );
      void Promise.all(asked).then((answers) => {
        this.silentRounds = answers.includes(true) ? 0 : this.silentRounds + 1;
        if (this.silentRounds >= ROUNDS && this.process() === own) void this.take();
      });
      this.suspect(own);
    });
  }
}

/** A worker's stream as the service sees it. */
class WorkerCall extends EventEmitter {
  constructor(
    private readonly stream: StreamEnd,
    private readonly onSend: (message: workers.ToWorker) => void,
  ) {
    super();
    // As a server does that is given an error: the stream ends with it.
    this.on('error', () => stream.end());
  }

  write(message: workers.ToWorker): boolean {
    if (this.stream.isOpen) this.onSend(message);
    this.stream.send(message);
    return true;
  }

  end(): void {
    this.stream.end();
  }
}
