import { setTimeout as pause } from 'node:timers/promises';
import { type NatsServer, startNatsServer } from '@isola/coordinator/nats';

const AGAIN_MS = 1_000;

/** A NATS server of ours; one that ends by itself is started again, with what it has on disk. */
export class OwnNats {
  private isEnding = false;

  constructor(private server: NatsServer) {
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
    void this.server.ended.then(async () => {
      if (this.isEnding) return;
      process.stdout.write('nats-server has ended, starting again\n');
      await this.again();
    });
  }
}
