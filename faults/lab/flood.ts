import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { constants, setPriority } from 'node:os';
import { ended } from './ended.js';
import type { FloodCount, FloodOrder, FloodTarget } from './flooding-process.js';

const PROGRAM = createRequire(import.meta.url).resolve('@isola/faults/flooding-process');

/** A process that calls a coordinator as often as it can, with the lowest priority there is. */
export class Flood {
  /** What came of its calls, told when it ends. */
  last: FloodCount = { answered: 0, refused: 0 };

  private readonly ended: Promise<never>;

  private constructor(private readonly child: ChildProcess) {
    this.ended = ended(child, 'the flood');
  }

  /** It rests until it is told to go. */
  static async start({ rpc, web, certs }: Omit<FloodTarget, 'identity'>): Promise<Flood> {
    const target: FloodTarget = { rpc, web, certs, identity: 'a-planner' };
    const child = fork(PROGRAM, [JSON.stringify(target)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    const flood = new Flood(child);
    await flood.said();
    return flood;
  }

  go(): void {
    this.order('go');
  }

  rest(): void {
    this.order('rest');
  }

  async end(): Promise<void> {
    const told = this.said();
    this.order('tell');
    this.last = await told;
    this.child.kill('SIGKILL');
  }

  private async said(): Promise<FloodCount> {
    const [count] = await Promise.race([once(this.child, 'message'), this.ended]);
    return count as FloodCount;
  }

  private order(order: FloodOrder): void {
    // Who waits for what it says learns that it has ended.
    this.child.send(order, () => {});
  }
}
