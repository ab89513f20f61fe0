/**
 * All cells of a run, islands x epochs, in one process. A cell starts when its island has done the
 * epoch before and its immigrants are there: no barrier between epochs, so with a lag fast islands
 * run ahead of slow ones. The outcome depends neither on how many cells run at a time nor on the
 * order in which they end, for cells are pure and decisions wait for sealed epochs (ledger.ts).
 */
import { checkCount } from '../algorithms/settings.js';
import { InputError } from '../problem/index.js';
import type { Advance, Cell, CellResult, FromIsland, Stop } from './cell.js';
import type { Exchange, Routes } from './exchange.js';
import { type BestCell, Ledger } from './ledger.js';
import { memoryExchange } from './memory-exchange.js';

export interface ArchipelagoOptions<E> extends Routes {
  readonly seed: number;
  /** 1 or more. */
  readonly epochs: number;
  /** Cells that may run at a time, 1 or more; no result depends on it. */
  readonly concurrency: number;
  /** Stop at the first sealed epoch whose best is this or lower. Default: none. */
  readonly targetValue?: number;
  /** Looked at whenever a cell ends; cells see it too. An AbortSignal fits. */
  readonly signal?: Stop;
  /** Default: in memory. */
  readonly exchange?: Exchange<E>;
  /** Told of every sealed epoch. */
  readonly onSealed?: (epoch: number, value: number) => void;
}

export interface ArchipelagoOutcome<S> {
  readonly status: 'converged' | 'budget-spent' | 'cancelled';
  /** The best cell of the sealed epochs; null where it was cancelled before there was one. */
  readonly best: BestCell<S> | null;
  /** The islands after the last sealed epoch; empty where there is none. */
  readonly states: readonly S[];
  /** The best cost after each sealed epoch: it never rises. */
  readonly trace: readonly number[];
  /** Costs computed in sealed epochs. */
  readonly evaluations: number;
}

/**
 * Runs an archipelago. Rejects where a cell that is still wanted does; waits for those that run.
 * @throws InputError for an option outside its range
 */
export async function runArchipelago<S, E>(
  advance: Advance<S, E>,
  options: ArchipelagoOptions<E>,
): Promise<ArchipelagoOutcome<S>> {
  checkOptions(options);
  const { inNeighbours, epochs, targetValue = -Infinity, signal } = options;
  const ledger = new Ledger<S>(inNeighbours.length, epochs, targetValue);
  const isOver = () => ledger.status !== 'running' || signal?.aborted === true;
  const crew = new Crew(advance, options, isOver);
  try {
    while (!isOver()) {
      const done = await crew.nextResult().catch((error: unknown) => {
        if (isOver()) return null;
        throw error;
      });
      if (done === null || isOver()) break;
      const { cell, result } = done;
      const sealed = ledger.trace.length;
      await crew.handOver(cell, result);
      ledger.accept(cell.island, cell.epoch, result);
      for (let e = sealed; e < ledger.trace.length; e++) options.onSealed?.(e, ledger.trace[e]);
    }
  } finally {
    await crew.dismiss();
  }
  const { status, best, states, trace, evaluations } = ledger;
  return { status: status === 'running' ? 'cancelled' : status, best, states, trace, evaluations };
}

interface Done<S, E> {
  readonly cell: Cell<S, E>;
  readonly result: CellResult<S, E>;
}

/** The islands at work: each waits for immigrants, then for a free hand, then for its result. */
class Crew<S, E> {
  private readonly exchange: Exchange<E>;
  private readonly collecting = new Map<number, Promise<Cell<S, E>>>();
  private readonly advancing = new Map<number, Promise<Done<S, E>>>();
  private ready: Cell<S, E>[] = [];
  private isDismissed = false;
  private readonly stop: Stop;

  constructor(
    private readonly advance: Advance<S, E>,
    private readonly options: ArchipelagoOptions<E>,
    isOver: () => boolean,
  ) {
    this.exchange = options.exchange ?? memoryExchange<E>(options);
    const isUnwanted = () => this.isDismissed || isOver();
    this.stop = {
      get aborted() {
        return isUnwanted();
      },
    };
    options.inNeighbours.forEach((_, island) => {
      this.collect(island, 0, null);
    });
  }

  /** Starts what can start, until a cell is done. */
  async nextResult(): Promise<Done<S, E>> {
    for (;;) {
      while (this.ready.length > 0 && this.advancing.size < this.options.concurrency) this.start();
      const waiting = [...this.collecting.values(), ...this.advancing.values()];
      const event = await Promise.race<Cell<S, E> | Done<S, E>>(waiting);
      if ('cell' in event) {
        this.advancing.delete(event.cell.island);
        return event;
      }
      this.collecting.delete(event.island);
      this.ready.push(event);
    }
  }

  /** Passes on what an island has done, and lets it go on. */
  async handOver({ island, epoch }: Cell<S, E>, { state, emigrants }: CellResult<S, E>) {
    await this.exchange.publish(island, epoch, emigrants);
    if (epoch + 1 < this.options.epochs) this.collect(island, epoch + 1, state);
  }

  /** Waits for the cells that still run; nobody wants their results. */
  async dismiss(): Promise<void> {
    this.isDismissed = true;
    void Promise.allSettled(this.collecting.values());
    await Promise.allSettled(this.advancing.values());
  }

  private collect(island: number, epoch: number, state: S | null): void {
    const { seed } = this.options;
    const toCell = (immigrants: readonly FromIsland<E>[]): Cell<S, E> => ({
      ...{ seed, island, epoch, state, immigrants },
    });
    this.collecting.set(island, this.exchange.collect(island, epoch).then(toCell));
  }

  /** Those farthest behind first: others wait for them. */
  private start(): void {
    this.ready.sort((a, b) => a.epoch - b.epoch || a.island - b.island);
    const [cell, ...later] = this.ready;
    this.ready = later;
    const done = this.advance(cell, this.stop).then((result) => ({ cell, result }));
    this.advancing.set(cell.island, done);
  }
}

function checkOptions<E>(options: ArchipelagoOptions<E>): void {
  checkCount('islands', options.inNeighbours.length, 1);
  checkCount('lag', options.lag, 1);
  checkCount('epochs', options.epochs, 1);
  checkCount('concurrency', options.concurrency, 1);
  if (Number.isNaN(options.targetValue)) {
    throw new InputError('targetValue', 'is NaN; allowed: a number');
  }
}
