import { RpcProblem } from '@isola/cluster/runtime';
import type { InFlight } from './in-flight.js';

interface Held {
  /** Whose limit counts. */
  readonly tenant: string | null;
  readonly bytes: Promise<Uint8Array>;
  /** Calls that send it. */
  calls: number;
  /** Bytes that count for the tenant. */
  counted: number;
}

/** When it makes sense to fetch again. */
const RETRY_MS = 1_000;

/**
 * Blobs on their way out: each is in memory once, however many fetch it at a time, and of what a
 * tenant fetches there is a limit, which one blob at a time may be above while it is read.
 */
export class OutgoingBlobs {
  private readonly held = new Map<string, Held>();
  /** The last read of each tenant. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    private readonly read: (id: string) => Promise<Uint8Array>,
    private readonly inFlight: InFlight,
  ) {}

  /**
   * Hands a blob to `send`, and forgets it once nobody sends it any more.
   * @param tenant whose limit counts; null: there is none
   * @throws RpcProblem where there is no room; what reading and sending throw
   */
  async with(
    id: string,
    tenant: string | null,
    send: (bytes: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const held = this.held.get(id) ?? this.hold(id, tenant);
    held.calls++;
    try {
      await send(await held.bytes);
    } finally {
      held.calls--;
      if (held.calls === 0) this.held.delete(id);
      if (held.calls === 0 && held.tenant !== null) this.inFlight.give(held.tenant, held.counted);
    }
  }

  private hold(id: string, tenant: string | null): Held {
    const read = async () => {
      const bytes = await this.read(id);
      if (tenant === null) return bytes;
      if (!this.inFlight.take(tenant, bytes.length)) {
        throw new RpcProblem('RESOURCE_EXHAUSTED', 'too many blobs at a time', RETRY_MS);
      }
      held.counted = bytes.length;
      return bytes;
    };
    const bytes = tenant === null ? read() : this.inTurn(tenant, read);
    const held: Held = { bytes, calls: 0, tenant, counted: 0 };
    this.held.set(id, held);
    return held;
  }

  private inTurn<T>(tenant: string, read: () => Promise<T>): Promise<T> {
    const own = (this.turns.get(tenant) ?? Promise.resolve()).then(read);
    const isOver = () => {};
    this.turns.set(tenant, own.then(isOver, isOver));
    return own;
  }
}
