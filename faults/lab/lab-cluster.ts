/** A cluster of real processes that can be killed, stopped, and looked into. */
import { setTimeout as pause } from 'node:timers/promises';
import { type JetStreamStore, jetStreamStore } from '@isola/coordinator/jetstream';
import { type ClusterEvent, JobBook } from '@isola/coordinator/jobs';
import {
  freePorts,
  type NatsServer,
  startNatsCluster,
  startNatsServer,
} from '@isola/coordinator/nats';
import { type Part, startPart, startWorker } from 'isola/cluster-processes';
import { Link } from './link.js';
import { CELL_MS, startPacedWorker } from './start-paced-worker.js';
import { temporaryFolder } from './temporary.js';

export interface LabSize {
  readonly servers: 1 | 3;
  readonly coordinators: number;
  readonly workers: number;
  /** Whether cells of workers take a second at least, most of which these wait. */
  readonly isPaced?: boolean;
  /** Where the server keeps what it is given; by default in a folder of the lab's. */
  readonly disk?: string;
  /** Whether all ways between processes are links that can stall. */
  readonly isLinked?: boolean;
  /** More options of coordinators. */
  readonly serve?: readonly string[];
}

/** The ways to and from a coordinator. */
interface CoordinatorLinks {
  readonly toServer: Link;
  readonly fromWorkers: Link;
}

/** Nothing is worth waiting for longer. */
const PATIENCE_MS = 180_000;

export class LabCluster {
  private static readonly open = new Set<LabCluster>();
  /** What the log holds, as it comes. */
  readonly events: ClusterEvent[] = [];
  private readonly watchers = new Set<() => void>();
  private failure: { readonly error: unknown } | null = null;
  private workersStarted = 0;
  /** Sees to it that no more processes are started. */
  beforeClose: (() => Promise<unknown>) | null = null;
  readonly workers: Part[] = [];
  readonly coordinators: Part[] = [];
  readonly links: CoordinatorLinks[] = [];

  private constructor(
    private readonly folder: string,
    readonly servers: NatsServer[],
    readonly addresses: readonly string[],
    readonly web: readonly string[],
    readonly store: JetStreamStore<ClusterEvent>,
    private readonly size: LabSize,
  ) {
    LabCluster.open.add(this);
  }

  static async start(size: LabSize): Promise<LabCluster> {
    const place = temporaryFolder('cluster');
    const servers =
      size.servers === 1
        ? [await startNatsServer({ folder: size.disk ?? place })]
        : await startNatsCluster(place, size.servers);
    const ports = await freePorts(2 * size.coordinators);
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    const web = addresses.splice(size.coordinators);
    const urls = servers.map(({ url }) => url);
    const replicas = size.servers;
    const store = await jetStreamStore<ClusterEvent>({ servers: urls, replicas });
    const lab = new LabCluster(place, servers, addresses, web, store, size);
    try {
      await lab.begin();
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** Runs a cluster for `work`, and ends it. */
  static async with<T>(size: LabSize, work: (lab: LabCluster) => Promise<T>): Promise<T> {
    const lab = await LabCluster.start(size);
    try {
      return await work(lab);
    } finally {
      await lab.close();
    }
  }

  /** Ends all clusters that there are. */
  static async endAll(): Promise<void> {
    await Promise.all([...LabCluster.open].map((lab) => lab.close()));
  }

  /** Where users find it. */
  get coordinator(): string {
    return this.addresses.join(',');
  }

  /** The first leads; others stand by. One that was killed gets its place again. */
  async startCoordinator(i: number, line = /stands by|listens on/): Promise<void> {
    const [link] = this.links.slice(i, i + 1);
    const urls = link ? [`nats://${link.toServer.address}`] : this.servers.map(({ url }) => url);
    const log = [
      ...['--nats', urls.join(',')],
      ...['--nats-monitor', this.servers.map(({ monitorUrl }) => monitorUrl).join(',')],
    ];
    const args = ['serve', '--listen', this.addresses[i], '--http', this.web[i], ...log];
    args.push(...(this.size.serve ?? []));
    this.coordinators[i] = await startPart(this.folder, args, line);
  }

  async startWorker(args: readonly string[] = [], line?: RegExp): Promise<Part> {
    const name = `w${this.workersStarted++}`;
    const part = await startWorker(this.folder, this.dialled, name, args, line);
    this.workers.push(part);
    return part;
  }

  /** A worker whose cells take a second, or so long, at least. */
  async startPacedWorker(cellMs = CELL_MS): Promise<Part> {
    const name = `w${this.workersStarted++}`;
    const part = await startPacedWorker(this.folder, { coordinator: this.dialled, name, cellMs });
    this.workers.push(part);
    return part;
  }

  async killWorker(i: number): Promise<void> {
    const [part] = this.workers.splice(i, 1);
    await part.end();
  }

  /** Whether a coordinator says that it can be sent work to; false where it says nothing. */
  async isReady(i: number): Promise<boolean> {
    const response = await fetch(`http://${this.web[i]}/readyz`).catch(() => null);
    return response?.ok === true;
  }

  /** The events so far as the book that coordinators keep; throws where they make none. */
  book(): JobBook {
    return new JobBook(this.events);
  }

  get accepted(): number {
    return this.events.filter(
      (event) => event.type === 'JobMoved' && event.event.type === 'CellAccepted',
    ).length;
  }

  /** How often a coordinator has taken the lead. */
  get term(): number {
    return this.events.filter(({ type }) => type === 'LeaderElected').length;
  }

  /** Which coordinator leads, as the log says. */
  get leader(): number {
    const elected = this.events.findLast(({ type }) => type === 'LeaderElected');
    const name = elected?.type === 'LeaderElected' ? elected.coordinator : '';
    return this.coordinators.findIndex(({ child }) => name.endsWith(`-${child.pid}`));
  }

  /** Cells that were accepted more than once. */
  get doubled(): number {
    const cells = this.events.flatMap((event) =>
      event.type === 'JobMoved' && event.event.type === 'CellAccepted'
        ? [`${event.job} ${event.event.island}@${event.event.epoch}`]
        : [],
    );
    return cells.length - new Set(cells).size;
  }

  /** Waits for an event after which `isSo`; how long that took. */
  async until(isSo: () => boolean): Promise<number> {
    const startMs = performance.now();
    while (!isSo()) {
      await this.change();
    }
    return performance.now() - startMs;
  }

  /** Waits until so many more cells are accepted; how long that took. */
  more(cells: number): Promise<number> {
    const enough = this.accepted + cells;
    return this.until(() => this.accepted >= enough);
  }

  /** Lets so much time go by. */
  async elapse(timeMs: number): Promise<void> {
    await pause(timeMs);
    this.checkWorks();
  }

  /** Nothing more comes of the work: whoever waits learns why. */
  fail(error: unknown): void {
    this.failure = { error };
    for (const watcher of this.watchers) watcher();
  }

  async close(): Promise<void> {
    LabCluster.open.delete(this);
    await this.beforeClose?.();
    const parts = [...this.workers, ...this.coordinators];
    await Promise.all(parts.map((part) => part.end()));
    for (const { toServer, fromWorkers } of this.links) {
      toServer.close();
      fromWorkers.close();
    }
    await this.store.close();
    await Promise.all(this.servers.map((server) => server.kill()));
  }

  private async begin(): Promise<void> {
    const { coordinators, workers, isPaced = false, isLinked = false } = this.size;
    this.follow().catch((error: unknown) => this.fail(error));
    if (isLinked) for (const address of this.addresses) this.links.push(await this.link(address));
    await this.startCoordinator(0, /listens on/);
    for (let i = 1; i < coordinators; i++) await this.startCoordinator(i);
    for (let i = 0; i < workers; i++) {
      await (isPaced ? this.startPacedWorker() : this.startWorker());
    }
  }

  private async link(address: string): Promise<CoordinatorLinks> {
    const [server] = this.servers;
    return {
      toServer: await Link.to(Number(new URL(server.url).port)),
      fromWorkers: await Link.to(Number(address.split(':')[1])),
    };
  }

  /** Where workers find it. */
  private get dialled(): string {
    const links = this.links.map(({ fromWorkers }) => fromWorkers.address);
    return links.length > 0 ? links.join(',') : this.coordinator;
  }

  private checkWorks(): void {
    if (this.failure !== null) throw this.failure.error;
  }

  /** Waits for the next event. */
  private change(): Promise<void> {
    this.checkWorks();
    return new Promise((resolve) => {
      const woken = () => {
        clearTimeout(timer);
        this.watchers.delete(woken);
        resolve();
      };
      const timer = setTimeout(() => {
        this.fail(new Error(`nothing has happened for ${PATIENCE_MS / 1000} s`));
      }, PATIENCE_MS);
      this.watchers.add(woken);
    });
  }

  private async follow(): Promise<void> {
    for await (const event of this.store.follow(0)) {
      this.events.push(event);
      for (const watcher of this.watchers) watcher();
    }
  }
}
