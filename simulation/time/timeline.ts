/**
 * Virtual time. All that is asynchronous waits in one queue; between two of its entries all
 * promises that can settle do so, in the order in which the engine always settles them. So a run is
 * the same whenever it is run.
 */
import { createHash } from 'node:crypto';

interface Entry {
  readonly atMs: number;
  /** Entries of one time happen in the order in which they were asked for. */
  readonly order: number;
  readonly action: () => void;
}

export class Timeline {
  nowMs = 0;
  /** How many entries have happened. */
  steps = 0;
  private readonly heap: Entry[] = [];
  private orders = 0;
  private readonly trace = createHash('sha256');

  after(delayMs: number, action: () => void): void {
    const entry = { atMs: this.nowMs + Math.max(0, delayMs), order: this.orders++, action };
    const { heap } = this;
    let at = heap.push(entry) - 1;
    for (let up = (at - 1) >> 1; at > 0 && isSooner(entry, heap[up]); up = (at - 1) >> 1) {
      heap[at] = heap[up];
      heap[up] = entry;
      at = up;
    }
  }

  /** Writes down that something has happened, for the hash of the run. */
  note(what: string): void {
    this.trace.update(`${this.nowMs} ${what}\n`);
  }

  /** One name for all that was noted. */
  traceHash(): string {
    return this.trace.copy().digest('hex');
  }

  /** Lets the next entry happen, and all that promises make of it; false where there is none. */
  async step(): Promise<boolean> {
    const entry = this.take();
    if (entry === undefined) return false;
    this.nowMs = entry.atMs;
    this.steps++;
    entry.action();
    await settled();
    return true;
  }

  private take(): Entry | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && isSooner(heap[down + 1], heap[down])) down++;
      if (!isSooner(heap[down], last)) break;
      heap[at] = heap[down];
      at = down;
    }
    heap[at] = last;
    return first;
  }
}

function isSooner(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Node comes to this only when no promise has anything left to do. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
