import { setTimeout as pause } from 'node:timers/promises';
import type { ExchangePlace } from '../session/index.js';
import { type ExchangeMeans, joinExchange } from './join-exchange.js';
import type { ExchangeLink } from './link.js';

export interface WorkerExchangeMeans extends ExchangeMeans {
  /** Rejects where no server answers. */
  readonly open: (place: ExchangePlace) => Promise<ExchangeLink>;
}

const RETRY_MS = 1_000;

/** A worker's part in the exchange of whichever coordinator it is attached to. */
export class WorkerExchange {
  private place = '';
  /** Ends what was joined last. */
  private stay = new AbortController();
  private left: Promise<void> = Promise.resolve();

  constructor(private readonly means: WorkerExchangeMeans) {}

  /** Goes where a coordinator says; stays where it is told the same place again. */
  follow(place: ExchangePlace | null): void {
    const named = JSON.stringify(place);
    if (named === this.place) return;
    this.place = named;
    this.stay.abort();
    this.stay = new AbortController();
    const { signal } = this.stay;
    const before = this.left;
    this.left = before.then(() => (place === null ? undefined : this.joined(place, signal)));
  }

  async close(): Promise<void> {
    this.stay.abort();
    await this.left;
  }

  /** In the exchange of a place, as soon as a server answers, until told to leave. */
  private async joined(place: ExchangePlace, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const link = await this.means.open(place).catch(() => null);
      if (link === null) {
        await pause(RETRY_MS, undefined, { signal }).catch(() => {});
        continue;
      }
      const leave = joinExchange(link, this.means);
      if (!signal.aborted)
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await leave();
    }
  }
}
