/** Remembers what a server has acknowledged, to ask for it later. */
import { randomBytes } from 'node:crypto';
import { type JetStreamStore, jetStreamStore } from '@isola/coordinator/jetstream';
import type { NatsServer } from '@isola/coordinator/nats';
import { isStoreProblem } from '@isola/coordinator/store';

interface Entry {
  readonly n: number;
}

/** Beside the streams of the cluster. */
const PREFIX = 'ledger';
const BLOB_BYTES = 500;

export class Ledger {
  /** Events and blobs that were acknowledged. */
  acknowledged = 0;
  private blobs: string[] = [];

  private constructor(
    private readonly store: JetStreamStore<Entry>,
    /** How many there are for certain. */
    private events: number,
  ) {}

  /** Goes on with what is there. */
  static async open({ url }: NatsServer): Promise<Ledger> {
    const store = await jetStreamStore<Entry>({ servers: url, prefix: PREFIX });
    return new Ledger(store, (await store.load()).length);
  }

  /** Writes as fast as it is acknowledged, until `isEnough` or nothing is taken any more. */
  async write(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      this.blobs.push(await this.store.putBlob(randomBytes(BLOB_BYTES)));
      this.acknowledged++;
      await this.store.append({ n: this.events }, this.events);
      this.events++;
      this.acknowledged++;
    }
  }

  /** How much of what was acknowledged is not there any more. Blobs are asked for once. */
  async lost({ url }: NatsServer): Promise<number> {
    const store = await jetStreamStore<Entry>({ servers: url, prefix: PREFIX });
    try {
      const found = await store.load().catch((error: unknown) => {
        if (isStoreProblem(error, 'damaged')) return [];
        throw error;
      });
      const wrong = found.findIndex(({ n }, i) => n !== i);
      let lost = Math.max(0, this.events - (wrong < 0 ? found.length : wrong));
      for (const id of this.blobs.splice(0)) {
        await store.getBlob(id).catch((error: unknown) => {
          if (!isStoreProblem(error, 'blob-lost')) throw error;
          lost++;
        });
      }
      return lost;
    } finally {
      await store.close();
    }
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
