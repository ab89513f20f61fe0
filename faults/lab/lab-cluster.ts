/** A cluster of real processes that can be killed, stopped, and looked into. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterEvent, JobBook } from '@isola/coordinator/jobs';
import {
  freePorts,
  type NatsServer,
  startNatsCluster,
  startNatsServer,
} from '@isola/coordinator/nats';
import { type JetStreamStore, jetStreamStore } from '@isola/coordinator/store';
import { type Part, startPart, startWorker } from 'isola/cluster-processes';

export interface LabSize {
  readonly servers: 1 | 3;
  readonly coordinators: number;
  readonly workers: number;
}

export class LabCluster {
  /** What the log holds, as it comes. */
  readonly events: ClusterEvent[] = [];
  private readonly watchers = new Set<() => void>();
  private failure: { readonly error: unknown } | null = null;
  private workersStarted = 0;
  readonly workers: Part[] = [];
  readonly coordinators: Part[] = [];

  private constructor(
    private readonly folder: string,
    readonly servers: NatsServer[],
    readonly addresses: readonly string[],
    private readonly store: JetStreamStore<ClusterEvent>,
  ) {}

  static async start(size: LabSize): Promise<LabCluster> {
    const place = mkdtempSync(join(tmpdir(), 'isola-lab-'));
    const servers =
      size.servers === 1
        ? [await startNatsServer({ folder: place })]
        : await startNatsCluster(place, size.servers);
    const ports = await freePorts(size.coordinators);
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    const urls = servers.map(({ url }) => url);
    const replicas = size.servers;
    const store = await jetStreamStore<ClusterEvent>({ servers: urls, replicas });
    const lab = new LabCluster(place, servers, addresses, store);
    void lab.follow();
    await lab.startCoordinator(0, /listens on/);
    for (let i = 1; i < size.coordinators; i++) await lab.startCoordinator(i);
    for (let i = 0; i < size.workers; i++) await lab.startWorker();
    return lab;
  }

  get coordinator(): string {
    return this.addresses.join(',');
  }

  /** The first leads; others stand by. One that was killed gets its place again. */
  async startCoordinator(i: number, line = /stands by|listens on/): Promise<void> {
    const log = [
      ...['--nats', this.servers.map(({ url }) => url).join(',')],
      ...['--nats-monitor', this.servers.map(({ monitorUrl }) => monitorUrl).join(',')],
    ];
    const args = ['serve', '--listen', this.addresses[i], '--http', 'none', ...log];
    this.coordinators[i] = await startPart(this.folder, args, line);
  }

  async startWorker(): Promise<Part> {
    const name = `w${this.workersStarted++}`;
    const part = await startWorker(this.folder, this.coordinator, name);
    this.workers.push(part);
    return part;
  }

  async killWorker(i: number): Promise<void> {
    const [part] = this.workers.splice(i, 1);
    await part.end();
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

  /** Nothing more comes of the work: whoever waits learns why. */
  fail(error: unknown): void {
    this.failure = { error };
    for (const watcher of this.watchers) watcher();
  }

  /** Waits for the next event. */
  change(): Promise<void> {
    if (this.failure !== null) throw this.failure.error;
    return new Promise((resolve) => {
      const woken = () => {
        this.watchers.delete(woken);
        resolve();
      };
      this.watchers.add(woken);
    });
  }

  async close(): Promise<void> {
    const parts = [...this.workers, ...this.coordinators];
    await Promise.all(parts.map((part) => part.end()));
    await this.store.close();
    await Promise.all(this.servers.map((server) => server.kill()));
  }

  private async follow(): Promise<void> {
    for await (const event of this.store.follow(0)) {
      this.events.push(event);
      for (const watcher of this.watchers) watcher();
    }
  }
}
