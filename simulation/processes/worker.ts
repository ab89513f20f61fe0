/**
 * A worker as worker/session is one: attached to whichever coordinator answers, it computes what is
 * leased to it and repeats its results until they are settled. It speaks the wire's own messages.
 */
import type { workers } from '@isola/cluster/wire';
import { contentId, StoreError } from '@isola/coordinator/store';
import { lieOf, type ToyInput, type ToyOutput, toyCell } from '../cells/index.js';
import type { Listener, Network, StreamEnd } from '../network/index.js';
import type { Chance, Process } from '../time/index.js';
import type { CellFates, WorkerManner } from './worker-manner.js';

/** A coordinator as a worker can call it. */
export interface Coordination extends Listener {
  blobs(): BlobCalls;
}

/** What a worker asks of the store, by way of a coordinator. */
export interface BlobCalls {
  getBlob(id: string): Promise<Uint8Array>;
  putBlob(bytes: Uint8Array): Promise<string>;
}

type Report = NonNullable<workers.FromWorker['message']>;

/** A cell in work, or done and not acknowledged. */
interface HeldCell {
  readonly cell: workers.Cell;
  report: Report | null;
  isRevoked: boolean;
  isCutShort: boolean;
}

interface Attached {
  readonly end: StreamEnd;
  readonly to: Coordination;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;
const CALL_MS = 4_000;
const MOST_ULPS = 1_000_000;

/** The coordinator does not have a blob either, or nobody needs it any more. */
class BlobMissing extends Error {
  constructor(readonly id: string) {
    super(`blob ${id} is lost`);
  }
}

export class Worker {
  readonly held = new Map<string, HeldCell>();
  private readonly cache = new Map<string, Uint8Array>();
  private attached: Attached | null = null;
  private isDraining = false;
  private waiting: (() => void)[] = [];
  private retryMs = FIRST_RETRY_MS;
  private next: number;
  private readonly instance: string;
  private beats = 0;

  constructor(
    readonly process: Process,
    private readonly network: Network,
    private readonly coordinators: readonly Coordination[],
    private readonly chance: Chance,
    readonly manner: WorkerManner,
    private readonly fates: CellFates,
  ) {
    this.next = chance.between(0, coordinators.length - 1);
    this.instance = `${process.name} ${process.bornMs}`;
    this.dial();
  }

  /** Takes no more cells, and ends once it has none. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    this.say({ $case: 'drain', value: {} });
    this.endIfIdle();
  }

  private dial(): void {
    const to = this.coordinators[this.next++ % this.coordinators.length];
    const end = this.network.dial(this.process, to);
    end.listener = {
      hear: (message) => {
        const { message: said } = message as workers.ToWorker;
        if (said?.$case === 'welcome') this.attach({ end, to }, said.value.heartbeatMs);
        else if (said !== undefined) this.hear(said);
      },
      lost: () => {
        if (this.attached?.end === end) this.attached = null;
        this.process.sleep(this.retryMs, () => this.dial());
        this.retryMs = Math.min(2 * this.retryMs, LAST_RETRY_MS);
      },
    };
    const { kernelVersion, slots } = this.manner;
    const running = [...this.held.values()].map(({ cell }) => cell);
    const { instance } = this;
    const hello = { worker: this.process.name, kernelVersion, slots, running, instance };
    end.send({ message: { $case: 'hello', value: hello } });
  }

  private attach(attached: Attached, heartbeatMs: number): void {
    this.attached = attached;
    this.retryMs = FIRST_RETRY_MS;
    this.beat(heartbeatMs, ++this.beats);
    for (const { cell, report } of [...this.held.values()]) {
      if (report !== null) this.say(report);
      if (report?.$case === 'failed') this.release(cell);
    }
    if (this.isDraining) this.say({ $case: 'drain', value: {} });
    const { waiting } = this;
    this.waiting = [];
    for (const wake of waiting) wake();
  }

  private beat(heartbeatMs: number, beats: number): void {
    this.process.sleep(heartbeatMs, () => {
      if (beats !== this.beats) return;
      const inWork = [...this.held.values()].filter(({ report }) => report === null);
      const cells = inWork.map(({ cell }) => ({ cell, phase: 'toy', part: 0.5, detail: '' }));
      this.say({ $case: 'heartbeat', value: { cells } });
      this.beat(heartbeatMs, beats);
    });
  }

  private say(message: Report): void {
    this.attached?.end.send({ message });
  }

  private hear(message: NonNullable<workers.ToWorker['message']>): void {
    if (message.$case === 'lease') void this.work(message.value);
    else if (message.$case === 'settled') this.release(message.value);
    else if (message.$case === 'revoke') this.revoke(message.value);
    else if (message.$case === 'cutShort') {
      const held = this.held.get(keyOf(message.value));
      if (held !== undefined) held.isCutShort = true;
    }
  }

  private revoke(cell: workers.Cell): void {
    const held = this.held.get(keyOf(cell));
    if (held !== undefined) held.isRevoked = true;
    this.release(cell);
  }

  private release(cell: workers.Cell): void {
    this.held.delete(keyOf(cell));
    this.endIfIdle();
  }

  private endIfIdle(): void {
    if (!this.isDraining || this.held.size > 0) return;
    this.attached?.end.end();
    this.process.after(0, () => this.process.kill());
  }

  private async work(lease: workers.Lease): Promise<void> {
    const { cell } = lease;
    if (cell === undefined || this.held.has(keyOf(cell))) return;
    for (const bytes of lease.enclosed) this.remember(contentId(bytes), bytes);
    const held: HeldCell = { cell, report: null, isRevoked: false, isCutShort: false };
    this.held.set(keyOf(cell), held);
    const report = await this.computed(lease, held).catch((error: unknown): Report => {
      if (!(error instanceof BlobMissing)) throw error;
      return failed(lease, 'blob-lost', error.id);
    });
    if (held.isRevoked || report === null) return;
    held.report = report;
    this.say(report);
    // Nobody acknowledges a failure; one that was never said is said to the next coordinator.
    if (report.$case === 'failed' && this.attached !== null) this.release(cell);
  }

  private async computed(lease: workers.Lease, held: HeldCell): Promise<Report | null> {
    const input = await this.inputOf(lease, held);
    const [least, most] = this.manner.cellMs;
    await new Promise<void>((resolve) => {
      this.process.sleep(this.chance.between(least, most), resolve);
    });
    if (held.isRevoked) return null;
    const poison = this.fates.poisonOf(input.jobHash, input.island, input.epoch);
    if (poison === 'kills') {
      this.process.kill();
      return new Promise<never>(() => {});
    }
    if (poison !== null) return failed(lease, poison, '');
    const output = this.told(toyCell({ ...input, isCutShort: held.isCutShort }));
    const { stateId: state, emigrantsId: emigrants, value, evaluations } = output;
    const { kernelVersion } = this.manner;
    const enclosed = await this.deliver(output, held);
    const { cell } = lease;
    const done = { cell, state, emigrants, value, evaluations, kernelVersion, enclosed };
    return { $case: 'done', value: done };
  }

  /** Pushes the blobs of a result, or gives them to go with its message. */
  private async deliver({ state, emigrants }: ToyOutput, held: HeldCell): Promise<Buffer[]> {
    if (this.manner.encloses) return [Buffer.from(state), Buffer.from(emigrants)];
    await Promise.all([this.push(state, held), this.push(emigrants, held)]);
    return [];
  }

  private told(output: ToyOutput): ToyOutput {
    if (!this.chance.happens(this.manner.lies)) return output;
    // No two lies are alike: two that agree with each other would be found by nobody.
    const lie = lieOf(output, this.chance.happens(0.5), this.chance.between(1, MOST_ULPS));
    this.fates.lied(lie.stateId, lie.value);
    return lie;
  }

  private async inputOf(lease: workers.Lease, held: HeldCell): Promise<ToyInput> {
    const pull = (id: string) => this.pull(id, held);
    const [subject, state, ...arrived] = await Promise.all([
      pull(lease.subject),
      lease.state === '' ? null : pull(lease.state),
      ...lease.immigrants.map(({ emigrants }) => pull(emigrants)),
    ]);
    const { island, epoch } = held.cell;
    const { kernelVersion } = this.manner;
    const jobHash = new TextDecoder().decode(subject);
    return {
      ...{ jobHash, kernelVersion, seed: lease.seed, island, epoch, state },
      ...{ isFinish: lease.isFinish, isCutShort: false },
      immigrants: lease.immigrants.map((from, i) => ({
        island: from.island,
        emigrants: arrived[i] as Uint8Array,
      })),
    };
  }

  private async pull(id: string, held: HeldCell): Promise<Uint8Array> {
    const known = this.cache.get(id);
    if (known !== undefined) return known;
    const bytes = await this.insist(held, id, (to) => to.blobs().getBlob(id));
    this.remember(id, bytes);
    return bytes;
  }

  private async push(bytes: Uint8Array, held: HeldCell): Promise<void> {
    const id = await this.insist(held, '', (to) => to.blobs().putBlob(bytes));
    this.remember(id, bytes);
  }

  private remember(id: string, bytes: Uint8Array): void {
    this.cache.set(id, bytes);
    const [oldest] = this.cache.keys();
    if (this.cache.size > this.manner.cachedBlobs) this.cache.delete(oldest);
  }

  /** Calls again and again, whichever coordinator answers. */
  private async insist<T>(
    held: HeldCell,
    id: string,
    serve: (to: Coordination) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      if (held.isRevoked) throw new BlobMissing(id);
      const { attached } = this;
      try {
        if (attached !== null)
          return await this.network.call(this.process, attached.to, CALL_MS, serve);
      } catch (error) {
        if (error instanceof StoreError && error.problem === 'blob-lost') throw new BlobMissing(id);
      }
      await new Promise<void>((resolve) => {
        if (attached === null) this.waiting.push(resolve);
        else this.process.sleep(LAST_RETRY_MS / 4, resolve);
      });
    }
  }
}

function failed({ cell }: workers.Lease, cause: string, blob: string): Report {
  return { $case: 'failed', value: { cell, cause, blob } };
}

/** Names a cell among all that a worker may have. */
function keyOf({ jobId, input }: workers.Cell): string {
  return `${jobId} ${input}`;
}
