/**
 * A way between two processes. It can be made to stall: what is sent, also that an end is gone,
 * arrives when it is mended, as where a network that loses everything has TCP send again.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const LOCAL = '127.0.0.1';

/** Forth is from who dials. */
export type Direction = 'forth' | 'back';

interface Pipe {
  readonly direction: Direction;
  readonly from: Socket;
  readonly to: Socket;
}

export class Link {
  private readonly pipes = new Set<Pipe>();
  private readonly stalled = new Set<Direction>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (dialler: Socket) => {
      const answerer = connect(this.target, LOCAL);
      this.join({ direction: 'forth', from: dialler, to: answerer });
      this.join({ direction: 'back', from: answerer, to: dialler });
    });
  }

  /** To who listens at a port of this machine, now or later. */
  static async to(target: number): Promise<Link> {
    const server = createServer();
    await once(server.listen(0, LOCAL), 'listening');
    return new Link(server, target);
  }

  get address(): string {
    return `${LOCAL}:${(this.server.address() as AddressInfo).port}`;
  }

  stall(...directions: readonly Direction[]): void {
    for (const direction of directions) this.stalled.add(direction);
    for (const { direction, from } of this.pipes) if (this.stalled.has(direction)) from.pause();
  }

  mend(): void {
    this.stalled.clear();
    for (const pipe of this.pipes) {
      pipe.from.resume();
      this.part(pipe);
    }
  }

  close(): void {
    this.server.close();
    for (const { from } of this.pipes) from.destroy();
  }

  private join(pipe: Pipe): void {
    const { direction, from, to } = pipe;
    this.pipes.add(pipe);
    from.on('data', (data) => {
      if (to.write(data)) return;
      from.pause();
      to.once('drain', () => this.stalled.has(direction) || from.resume());
    });
    // That one end is gone, the other learns by 'close'.
    from.on('error', () => {});
    from.on('close', () => this.part(pipe));
    if (this.stalled.has(direction)) from.pause();
  }

  /** Tells the other end of one that is gone. */
  private part(pipe: Pipe): void {
    if (!pipe.from.destroyed || this.stalled.has(pipe.direction)) return;
    this.pipes.delete(pipe);
    pipe.to.destroySoon();
  }
}
