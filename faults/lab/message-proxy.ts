/**
 * A way from workers to a NATS server that does harm to what they publish. It reads as much of the
 * protocol as it needs: `PUB subject bytes`, then so many bytes; all else passes.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Published {
  readonly subject: string;
  readonly payload: Buffer;
}

/** What becomes of a message: how often it goes on, now or behind the next one, and as what. */
export interface Harm {
  readonly times: number;
  readonly isLate: boolean;
  readonly payload: Buffer;
}

const LOCAL = '127.0.0.1';
const END = Buffer.from('\r\n');

export class MessageProxy {
  /** Port of the server; nobody gets through before it is known. */
  target: number | null = null;

  private constructor(
    private readonly server: Server,
    private readonly harm: (message: Published) => Harm,
  ) {
    server.on('connection', (client: Socket) => this.join(client));
  }

  static async start(harm: (message: Published) => Harm): Promise<MessageProxy> {
    const server = createServer();
    await once(server.listen(0, LOCAL), 'listening');
    return new MessageProxy(server, harm);
  }

  get url(): string {
    return `nats://${LOCAL}:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
  }

  private join(client: Socket): void {
    if (this.target === null) {
      client.destroy();
      return;
    }
    const server = connect(this.target, LOCAL);
    const reader = new PublishReader((message) => server.write(message), this.harm);
    client.on('data', (data) => reader.read(data));
    server.on('data', (data) => client.write(data));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      // That one end is gone, the other learns by 'close'.
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  }
}

/** Takes a client's bytes apart. */
class PublishReader {
  private waiting = Buffer.alloc(0);
  private late: Buffer[] = [];

  constructor(
    private readonly send: (bytes: Buffer) => void,
    private readonly harm: (message: Published) => Harm,
  ) {}

  read(data: Buffer): void {
    this.waiting = Buffer.concat([this.waiting, data]);
    while (this.readOne());
  }

  /** One line with what belongs to it; false where not all of it has come. */
  private readOne(): boolean {
    const lineEnd = this.waiting.indexOf(END);
    if (lineEnd < 0) return false;
    const line = this.waiting.subarray(0, lineEnd).toString('latin1');
    const begin = lineEnd + END.length;
    const [verb, subject, ...rest] = line.split(/ +/);
    const isPublished = verb.toUpperCase() === 'PUB';
    const bytes = isPublished ? Number(rest[rest.length - 1]) : 0;
    const end = isPublished ? begin + bytes + END.length : begin;
    if (this.waiting.length < end) return false;
    if (isPublished)
      this.pass(line, { subject, payload: this.waiting.subarray(begin, begin + bytes) });
    else this.send(this.waiting.subarray(0, end));
    this.waiting = this.waiting.subarray(end);
    return true;
  }

  private pass(line: string, message: Published): void {
    const { times, isLate, payload } = this.harm(message);
    const whole = Buffer.concat([Buffer.from(line, 'latin1'), END, payload, END]);
    const late = this.late.splice(0);
    for (let i = 0; i < times; i++) {
      if (isLate) this.late.push(whole);
      else this.send(whole);
    }
    for (const each of late) this.send(each);
  }
}
