import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FloodCount, FloodOrder, FloodTarget } from './flooding-process.js';

const SCRIPT = fileURLToPath(new URL('./flooding-process.js', import.meta.url));

/** A process that calls a coordinator as often as it can, with the lowest priority there is. */
export class Flood {
  /** What came of its calls, told when it ends. */
  last: FloodCount = { answered: 0, refused: 0 };

  private constructor(private readonly child: ChildProcess) {}

  /** It rests until it is told to go. */
  static async start({ rpc, web, certs }: Omit<FloodTarget, 'identity'>): Promise<Flood> {
    const target: FloodTarget = { rpc, web, certs, identity: 'a-planner' };
    const child = fork(SCRIPT, [JSON.stringify(target)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    await once(child, 'message');
    return new Flood(child);
  }

  go(): void {
    this.order('go');
  }

  rest(): void {
    this.order('rest');
  }

  async end(): Promise<void> {
    const told = once(this.child, 'message');
    this.order('tell');
    const [count] = (await told) as [FloodCount];
    this.last = count;
    this.child.kill('SIGKILL');
  }

  private order(order: FloodOrder): void {
    this.child.send(order);
  }
}
