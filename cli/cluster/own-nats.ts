import { setTimeout as pause } from 'node:timers/promises';
import { askMonitor, type NatsServer, startNatsServer } from '@isola/coordinator/nats';

const AGAIN_MS = 1_000;
const HEALTH_MS = 2_000;
const STILL_MS = 10_000;

/** A NATS server of ours; one that ends by itself is started again, with what it has on disk. */
export class OwnNats {
  private readonly ending = new AbortController();
  /** Resolves when nothing is left of it. */
  private over: Promise<void>;

  constructor(
    private server: NatsServer,
    private readonly tell: (line: string) => void = toStdout,
  ) {
    this.over = this.watch();
  }

  get url(): string {
    return this.server.url;
  }

  get monitorUrl(): string {
    return this.server.monitorUrl;
  }

  async end(): Promise<void> {
    this.ending.abort();
    await this.server.stop();
    await this.over;
  }

  private async again(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      try {
        this.server = await stillStarting(startNatsServer(this.server.options, signal), this.tell);
        if (signal.aborted) await this.server.stop();
        else this.over = this.watch();
        return;
      } catch {
        await pause(AGAIN_MS);
      }
    }
  }

  private async watch(): Promise<void> {
    const { server } = this;
    const timer = setInterval(() => void stopUnlessWriting(server), HEALTH_MS);
    await server.ended;
    clearInterval(timer);
    if (this.ending.signal.aborted) return;
    this.tell('nats-server has ended, starting again');
    await this.again();
  }
}

/** Says every so often that a NATS server does not take connections yet. */
export async function stillStarting<T>(starting: Promise<T>, tell = toStdout): Promise<T> {
  const timer = setInterval(
    () => tell('nats-server is not ready yet: it reads its store, or finds no others'),
    STILL_MS,
  );
  try {
    return await starting;
  } finally {
    clearInterval(timer);
  }
}

/** A server that could not write, as its disk was full, takes nothing more until it starts anew. */
async function stopUnlessWriting(server: NatsServer): Promise<void> {
  const asked = askMonitor(`${server.monitorUrl}/healthz`, null, HEALTH_MS);
  const answer = await asked.catch(() => null);
  if (answer?.status !== 200 && answer?.text.includes('write error')) await server.stop();
}

function toStdout(line: string): void {
  process.stdout.write(`${line}\n`);
}
