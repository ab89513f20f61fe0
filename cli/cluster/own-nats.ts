import { setTimeout as pause } from 'node:timers/promises';
import { type NatsServer, startNatsServer } from '@isola/coordinator/nats';

const AGAIN_MS = 1_000;
const HEALTH_MS = 2_000;

/** A NATS server of ours; one that ends by itself is started again, with what it has on disk. */
export class OwnNats {
  private isEnding = false;

  constructor(
    private server: NatsServer,
    private readonly tell: (line: string) => void = toStdout,
  ) {
    this.watch();
  }

  get url(): string {
    return this.server.url;
  }

  get monitorUrl(): string {
    return this.server.monitorUrl;
  }

  async end(): Promise<void> {
    this.isEnding = true;
    await this.server.stop();
  }

  private async again(): Promise<void> {
    while (!this.isEnding) {
      try {
        this.server = await startNatsServer(this.server.options);
        if (this.isEnding) await this.server.stop();
        else this.watch();
        return;
      } catch {
        await pause(AGAIN_MS);
      }
    }
  }

  private watch(): void {
    const { server } = this;
    const timer = setInterval(() => void stopUnlessWriting(server), HEALTH_MS);
    void server.ended.then(async () => {
      clearInterval(timer);
      if (this.isEnding) return;
      this.tell('nats-server has ended, starting again');
      await this.again();
    });
  }
}

/** A server that could not write, as its disk was full, takes nothing more until it starts anew. */
async function stopUnlessWriting(server: NatsServer): Promise<void> {
  const signal = AbortSignal.timeout(HEALTH_MS);
  const response = await fetch(`${server.monitorUrl}/healthz`, { signal }).catch(() => null);
  const text = await response?.text().catch(() => '');
  if (response?.ok === false && text?.includes('write error')) await server.stop();
}

function toStdout(line: string): void {
  process.stdout.write(`${line}\n`);
}
