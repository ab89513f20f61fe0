import type { InFlight } from './in-flight.js';

interface Held {
  readonly bytes: Promise<Uint8Array>;
  /** Calls that send it. */
  calls: number;
}

/**
 * Blobs on their way out: each is in memory once, however many fetch it at a time. What a tenant
 * fetches is limited, and read one after the other: how large a blob is shows once it is read.
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
   * @param isGone whether who fetches it is there no more: then it is not read
   * @throws RpcProblem where there is no room; what reading and sending throw
   */
  async with(
    id: string,
    tenant: string | null,
    send: (bytes: Uint8Array) => Promise<void>,
    isGone: () => boolean,
  ): Promise<void> {
    if (tenant === null) return this.shared(id, send);
    const isOver = () => {};
    let isCounted = isOver;
    const counted = new Promise<void>((resolve) => {
      isCounted = resolve;
    });
    const begin = async () => {
      if (isGone()) return;
      await this.shared(id, async (bytes) => {
        this.inFlight.take(tenant, bytes.length);
        isCounted();
        try {
          await send(bytes);
        } finally {
          this.inFlight.give(tenant, bytes.length);
        }
      });
    };
    const done = (this.turns.get(tenant) ?? Promise.resolve()).then(begin);
    // Whose turn is next begins once this one is counted, or has failed.
    this.turns.set(tenant, Promise.race([counted, done.then(isOver, isOver)]));
    return done;
  }

  private async shared(id: string, use: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const held = this.held.get(id) ?? { bytes: this.read(id), calls: 0 };
    this.held.set(id, held);
    held.calls++;
    try {
      await use(await held.bytes);
    } finally {
      held.calls--;
      if (held.calls === 0) this.held.delete(id);
    }
  }
}
