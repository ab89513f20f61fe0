/**
 * A worker's session: stays attached to a coordinator, computes what is leased to it, and sends
 * what came of it. Where the coordinator is lost, cells go on; the next one that answers is told of
 * them, and gets the results that none has acknowledged.
 */
import { randomUUID } from 'node:crypto';
import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';
import { enclosing, pullBlob, pushBlob, type workers } from '@isola/cluster/wire';
import { BlobCache } from '../cache/index.js';
import { blobId, type CellOutput } from '../cells/index.js';
import { type CellComputer, type CellResult, CUT_SHORT, REVOKED } from '../threads/index.js';
import { BlobMissing, inputsOf } from './cell-inputs.js';
import { Connection, type FailedDial } from './connection.js';
import type { CellOutcome, WorkerNote } from './notes.js';
import { type Need, SharedPull } from './shared-pull.js';

export interface WorkerOptions {
  /** Names the worker; no two of a cluster have the same name. */
  readonly name: string;
  /** `HOST:PORT`; tried in turn until one answers that leads. */
  readonly coordinators: readonly string[];
  readonly credentials: ChannelCredentials;
  readonly channelOptions: ChannelOptions;
  readonly kernelVersion: string;
  /** Cells at a time. */
  readonly slots: number;
  readonly computer: Pick<CellComputer, 'compute' | 'stop' | 'stepOf' | 'close'>;
  /** Told when it is attached to a coordinator, and when it has lost it. */
  readonly onAttached?: (address: string | null) => void;
  /** Told when another process is attached under this name. */
  readonly onNameTaken?: () => void;
  /** Told where a coordinator is dialled and gives no welcome, once in a row for each. */
  readonly onFailedDial?: (failure: FailedDial) => void;
  /** Told at each welcome where workers tell each other things; null: nowhere. */
  readonly onExchange?: (place: ExchangePlace | null) => void;
  /** Told of everything that happens; must not throw. */
  readonly observe?: (note: WorkerNote) => void;
}

/** NATS servers, and what begins the subjects there. */
export interface ExchangePlace {
  readonly servers: readonly string[];
  readonly prefix: string;
}

type Cell = workers.Cell;

/** A cell in work, or done and not acknowledged. */
interface HeldCell {
  readonly cell: Cell;
  /** What is to be said of it once it is computed. */
  report: workers.FromWorker['message'];
  isRevoked: boolean;
  isCutShort: boolean;
}

const BLOB_CACHE_BYTES = 256 * 1024 * 1024;

export class WorkerSession {
  private readonly held = new Map<string, HeldCell>();
  private readonly blobs = new BlobCache(BLOB_CACHE_BYTES);
  private readonly pulls = new Map<string, SharedPull>();
  private readonly connection: Connection;
  private timer: NodeJS.Timeout | null = null;
  /** Names this process to coordinators. */
  private readonly instance = randomUUID();
  private isDraining = false;
  private onIdle: (() => void) | null = null;

  constructor(private readonly options: WorkerOptions) {
    const { coordinators, credentials, channelOptions, onAttached } = options;
    this.connection = new Connection({
      ...{ coordinators, credentials, channelOptions },
      hello: () => this.hello(),
      hear: (message) => this.hear(message),
      onNameTaken: () => options.onNameTaken?.(),
      onFailedDial: (failure) => options.onFailedDial?.(failure),
      onAttached: (address) => {
        onAttached?.(address);
        this.note({ type: address === null ? 'coordinator-lost' : 'attached' });
        if (address !== null) this.repeat();
      },
    });
  }

  /** Cells that are being computed, or whose result nobody has taken yet. */
  get cellsInWork(): number {
    return this.held.size;
  }

  /**
   * Bytes of a blob, such as a plan that another worker wants help with.
   * @throws BlobMissing
   */
  fetch(id: string): Promise<Uint8Array> {
    return this.pull(id, { isRevoked: false });
  }

  /** Takes no more cells; resolves when those in work are done and acknowledged. */
  async drain(): Promise<void> {
    this.isDraining = true;
    this.connection.send({ $case: 'drain', value: {} });
    if (this.held.size > 0) {
      await new Promise<void>((resolve) => {
        this.onIdle = resolve;
      });
    }
    await this.close();
  }

  /** Ends at once. */
  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    for (const held of this.held.values()) held.isRevoked = true;
    this.held.clear();
    this.onIdle?.();
    this.connection.close();
    await this.options.computer.close();
  }

  private hello(): workers.Hello {
    const { name, kernelVersion, slots } = this.options;
    const running = [...this.held.values()].filter(({ isRevoked }) => !isRevoked);
    const { isDraining, instance } = this;
    const cells = running.map(({ cell }) => cell);
    return { worker: name, kernelVersion, slots, isDraining, instance, running: cells };
  }

  private hear({ message }: workers.ToWorker): void {
    if (message?.$case === 'welcome') this.welcome(message.value);
    else if (message?.$case === 'lease') void this.work(message.value);
    else if (message?.$case === 'revoke') this.release(message.value, true);
    else if (message?.$case === 'settled') this.release(message.value, false);
    else if (message?.$case === 'cutShort') {
      const key = keyOf(message.value);
      const held = this.held.get(key);
      if (held !== undefined) held.isCutShort = true;
      this.options.computer.stop(key, CUT_SHORT);
    }
  }

  private welcome({ heartbeatMs, exchangeServers: servers, exchangePrefix }: workers.Welcome) {
    this.beat(heartbeatMs);
    this.options.onExchange?.(servers.length === 0 ? null : { servers, prefix: exchangePrefix });
  }

  /** What was computed while nobody listened. */
  private repeat(): void {
    for (const { cell, report } of [...this.held.values()]) if (report) this.say(report, cell);
    if (this.isDraining) this.connection.send({ $case: 'drain', value: {} });
  }

  private beat(heartbeatMs: number): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = setInterval(() => {
      const cells = [...this.held].flatMap(([key, { cell }]) => {
        const step = this.options.computer.stepOf(key);
        return step === undefined ? [] : [{ cell, ...step }];
      });
      this.connection.send({ $case: 'heartbeat', value: { cells } });
    }, heartbeatMs);
  }

  private release(cell: Cell, isRevoked: boolean): void {
    const key = keyOf(cell);
    const held = this.held.get(key);
    if (held === undefined) return;
    if (isRevoked) {
      held.isRevoked = true;
      this.options.computer.stop(key, REVOKED);
    }
    this.held.delete(key);
    if (this.held.size === 0) this.onIdle?.();
  }

  /** Computes a leased cell and tells what came of it. */
  private async work(lease: workers.Lease): Promise<void> {
    const { cell } = lease;
    if (cell === undefined) return;
    for (const bytes of lease.enclosed) this.blobs.put(blobId(bytes), bytes);
    const key = keyOf(cell);
    if (this.held.has(key)) return;
    const held: HeldCell = { cell, report: undefined, isRevoked: false, isCutShort: false };
    this.held.set(key, held);
    const report = await this.computed(lease, cell, held).catch((error: unknown) => {
      const lost = error instanceof BlobMissing ? error.id : null;
      // What else can go wrong here, a transfer that is refused say, is no better the next time.
      const cause = lost === null ? 'crashed' : 'blob-lost';
      if (!held.isRevoked) this.ended(cell, cause);
      const failure = { cell, cause, blob: lost ?? '' };
      return { $case: 'failed' as const, value: failure };
    });
    if (held.isRevoked || report === null) return;
    held.report = report;
    this.say(report, cell);
  }

  /**
   * Tells what came of a cell. Of a failure nobody says that it has arrived: the next hello says
   * that the cell is gone. So one that could not be told is kept, as a hello may be under way.
   */
  private say(report: NonNullable<HeldCell['report']>, cell: Cell): void {
    const isSaid = this.connection.send(report);
    if (isSaid && report.$case === 'failed') this.release(cell, false);
  }

  private async computed(lease: workers.Lease, cell: Cell, held: HeldCell) {
    const pull = (id: string) => this.pull(id, held);
    const { computer } = this.options;
    const key = keyOf(cell);
    const { subject, isFinish } = lease;
    const inputs = await inputsOf(lease, cell, pull);
    if (held.isRevoked) return null;
    const startMs = performance.now();
    const computing = computer.compute({
      ...{ key, cell: inputs, isFinish, subject, fetchSubject: () => pull(subject) },
    });
    // It may have been told while the inputs were on their way.
    if (held.isCutShort) computer.stop(key, CUT_SHORT);
    const result: CellResult = await computing;
    const outcome = result.type === 'failed' ? result.cause : result.type;
    const costs = result.type === 'done' ? result.output.evaluations : 0;
    this.ended(cell, outcome, performance.now() - startMs, costs);
    if (result.type === 'revoked') return null;
    if (result.type === 'failed') {
      const value = { cell, cause: result.cause, blob: '' };
      return { $case: 'failed' as const, value };
    }
    const { stateHash: state, emigrantsHash: emigrants, value, evaluations } = result.output;
    const enclosed = await this.deliver(result.output, held);
    const { kernelVersion } = this.options;
    const done = { cell, state, emigrants, value, evaluations, kernelVersion, enclosed };
    return { $case: 'done' as const, value: done };
  }

  /** Pushes the blobs of a result; gives those that go with its message instead. */
  private async deliver(output: CellOutput, held: HeldCell): Promise<Buffer[]> {
    const { state, stateHash, emigrants, emigrantsHash } = output;
    const blobs = [
      { id: stateHash, bytes: state },
      { id: emigrantsHash, bytes: emigrants },
    ];
    const isEnclosed = enclosing();
    const enclosed = blobs.filter(({ bytes }) => isEnclosed(bytes));
    for (const { id, bytes } of enclosed) {
      this.blobs.put(id, bytes);
      this.note({ type: 'blob', direction: 'out', bytes: bytes.length });
    }
    const others = blobs.filter((blob) => !enclosed.includes(blob));
    await Promise.all(others.map(({ id, bytes }) => this.push(id, bytes, held)));
    return enclosed.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  /**
   * A blob, from here or from the coordinator; fetched once where several need it.
   * @throws BlobMissing
   */
  private async pull(id: string, need: Need): Promise<Uint8Array> {
    const known = this.blobs.get(id) ?? (await this.pulls.get(id)?.joinedBy(need));
    if (known !== undefined) return known;
    const pull = new SharedPull(need, (all) => this.fetched(id, all));
    this.pulls.set(id, pull);
    try {
      return await pull.bytes;
    } finally {
      this.pulls.delete(id);
    }
  }

  private async fetched(id: string, need: Need): Promise<Uint8Array> {
    const bytes = await this.connection.insist(need, (client) => pullBlob(client, id), id);
    this.note({ type: 'blob', direction: 'in', bytes: bytes.length });
    this.blobs.put(id, bytes);
    return bytes;
  }

  private async push(id: string, bytes: Uint8Array, held: HeldCell): Promise<void> {
    this.blobs.put(id, bytes);
    await this.connection.insist(held, (client) => pushBlob(client, bytes), id);
    this.note({ type: 'blob', direction: 'out', bytes: bytes.length });
  }

  private ended(cell: Cell, outcome: CellOutcome, ms = 0, evaluations = 0): void {
    this.note({ type: 'cell-ended', cell, outcome, ms, evaluations });
  }

  private note(note: WorkerNote): void {
    this.options.observe?.(note);
  }
}

/** Names a cell among all that a worker may have. */
function keyOf({ jobId, input }: Cell): string {
  return `${jobId} ${input}`;
}
