import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import { type ArchipelagoOptions, runArchipelago } from './archipelago.js';
import { broadcastBest } from './broadcast-best.js';
import type { Advance, Cell, CellResult } from './cell.js';
import { complete } from './complete.js';
import { routesOf } from './exchange.js';
import { toBytes } from './plain-bytes.js';
import { ring } from './ring.js';
import { torus } from './torus.js';

/** A state that remembers all that ever reached it, so that any difference shows. */
interface Memory {
  readonly value: number;
  readonly seen: readonly string[];
}

const random = new RandomStream(11, 'archipelago.test');

async function remember({ seed, island, epoch, state, immigrants }: Cell<Memory, string>) {
  const arrived = immigrants.map((from) => `${from.island}:${from.emigrants.join('+')}`).join();
  const draw = random.uniform(island, epoch, seed, 0);
  const value = Math.min(state?.value ?? 1, draw);
  const seen = [...(state?.seen ?? []), `${island}@${epoch}<${arrived}`];
  const name = Buffer.from(toBytes(seen).subarray(16, 20)).toString('hex');
  return {
    state: { value, seen },
    emigrants: [`${island}.${epoch}.${name}`],
    statistics: { value, evaluations: island + 1 },
  } satisfies CellResult<Memory, string>;
}

/** Lets cells end in an order drawn from a seed. */
function shuffling(order: number, advance: Advance<Memory, string>) {
  const waiting: (() => void)[] = [];
  let most = 0;
  let draws = 0;
  let isTicking = false;
  const tick = () => {
    isTicking = waiting.length > 0;
    if (!isTicking) return;
    waiting.splice(random.integer(waiting.length, 1, order, draws++, 1), 1)[0]();
    setImmediate(tick);
  };
  const shuffled: Advance<Memory, string> = async (cell, stop) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      most = Math.max(most, waiting.length);
      if (!isTicking) setImmediate(tick);
      isTicking = true;
    });
    return advance(cell, stop);
  };
  return { shuffled, mostAtATime: () => most };
}

const ISLANDS = 6;
const usual = {
  ...{ seed: 1, epochs: 12, concurrency: 1 },
  ...routesOf(ring, ISLANDS, 1),
} satisfies ArchipelagoOptions<string>;

describe.each([ring, torus, complete, broadcastBest])('an archipelago, $name', (topology) => {
  it.each([1, 3])('comes to the same whatever ends first, lag %i', async (lag) => {
    const options = { ...usual, ...routesOf(topology, ISLANDS, lag) };
    const inOrder = await runArchipelago(remember, options);
    expect(inOrder).toMatchObject({ status: 'budget-spent', evaluations: 12 * 21 });
    for (let order = 0; order < 8; order++) {
      const concurrency = [1, 2, 4, 99][order % 4];
      const { shuffled, mostAtATime } = shuffling(order, remember);
      expect(await runArchipelago(shuffled, { ...options, concurrency })).toEqual(inOrder);
      expect(mostAtATime()).toBe(Math.min(concurrency, ISLANDS));
    }
  });
});

describe('a cell', () => {
  it('gets what its in-neighbours let go `lag` epochs before, and its own last state', async () => {
    const cells: Cell<Memory, string>[] = [];
    const results = new Map<string, CellResult<Memory, string>>();
    await runArchipelago<Memory, string>(
      async (cell) => {
        const result = await remember(cell);
        cells.push(cell);
        results.set(`${cell.island}@${cell.epoch}`, result);
        return result;
      },
      { ...usual, ...routesOf(torus, ISLANDS, 2) },
    );
    expect(cells).toHaveLength(ISLANDS * usual.epochs);
    for (const { seed, island, epoch, state, immigrants } of cells) {
      expect(seed).toBe(1);
      expect(state).toBe(results.get(`${island}@${epoch - 1}`)?.state ?? null);
      const wanted = epoch < 2 ? [] : torus.inNeighbours(island, ISLANDS);
      expect(immigrants.map((from) => from.island)).toEqual(wanted);
      for (const from of immigrants) {
        expect(from.emigrants).toBe(results.get(`${from.island}@${epoch - 2}`)?.emigrants);
      }
    }
  });

  it('does not wait for islands that send it nothing: no barrier', async () => {
    // Island 0 does not end before island 3 has done all it can without it.
    const released: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await runArchipelago<Memory, string>(
      async (cell) => {
        released.push(`${cell.island}@${cell.epoch}`);
        if (cell.island === 3 && cell.epoch === 2) release();
        if (cell.island === 0 && cell.epoch === 0) await held;
        return remember(cell);
      },
      { ...usual, concurrency: 6 },
    );
    expect(released.indexOf('3@2')).toBeLessThan(released.indexOf('0@1'));
  });
});

describe('the end of an archipelago', () => {
  it('is the first sealed epoch that reaches the target; later cells do not count', async () => {
    const full = await runArchipelago(remember, usual);
    const targetValue = full.trace[5];
    const first = full.trace.findIndex((value) => value <= targetValue);
    const sealed: number[] = [];
    const onSealed = (epoch: number) => sealed.push(epoch);
    const stopped = await runArchipelago(remember, { ...usual, targetValue, onSealed });
    expect(stopped).toMatchObject({ status: 'converged', trace: full.trace.slice(0, first + 1) });
    expect(stopped.evaluations).toBe((first + 1) * 21);
    expect(stopped.best?.epoch).toBe(first);
    expect(sealed).toEqual(stopped.trace.map((_, epoch) => epoch));
    for (let order = 0; order < 6; order++) {
      const { shuffled } = shuffling(order, remember);
      const again = await runArchipelago(shuffled, { ...usual, targetValue, concurrency: 5 });
      expect(again).toEqual(stopped);
    }
  });

  it('names the best, which never worsens', async () => {
    const { best, trace, states } = await runArchipelago(remember, usual);
    for (let e = 1; e < trace.length; e++) expect(trace[e]).toBeLessThanOrEqual(trace[e - 1]);
    expect(best?.value).toBe(trace[trace.length - 1]);
    expect(best?.value).toBe(Math.min(...states.map(({ value }) => value)));
    expect(trace.indexOf(best?.value ?? NaN)).toBe(best?.epoch);
  });

  it('comes soon after a cancel, with the epochs that are sealed', async () => {
    const full = await runArchipelago(remember, usual);
    const signal = { aborted: false };
    let computed = 0;
    const counting: Advance<Memory, string> = (cell, stop) => {
      computed++;
      if (computed === 40) signal.aborted = true;
      expect(stop.aborted).toBe(signal.aborted);
      return remember(cell);
    };
    const cancelled = await runArchipelago(counting, { ...usual, signal, concurrency: 2 });
    expect(computed).toBeLessThanOrEqual(41);
    expect(cancelled.status).toBe('cancelled');
    expect(cancelled.trace.length).toBeGreaterThan(2);
    expect(cancelled.trace).toEqual(full.trace.slice(0, cancelled.trace.length));
    const early = await runArchipelago(remember, { ...usual, signal });
    expect(early).toMatchObject({ status: 'cancelled', best: null, states: [], trace: [] });
  });

  it('is the error of a cell, once the others are through', async () => {
    let inFlight = 0;
    let toldToStop = 0;
    const failing: Advance<Memory, string> = async (cell, stop) => {
      inFlight++;
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      // Others are a turn behind, so that they learn of it.
      if (cell.island !== 2) await new Promise((resolve) => setImmediate(resolve));
      if (stop.aborted) toldToStop++;
      if (cell.island === 2 && cell.epoch === 4) throw new Error('out of memory');
      return remember(cell);
    };
    await expect(runArchipelago(failing, { ...usual, concurrency: 4 })).rejects.toThrow(
      'out of memory',
    );
    expect(inFlight).toBe(0);
    expect(toldToStop).toBeGreaterThan(0);
  });

  it('is an error where a cost is not finite', async () => {
    const infinite: Advance<Memory, string> = async (cell) => ({
      ...(await remember(cell)),
      statistics: { value: NaN, evaluations: 1 },
    });
    await expect(runArchipelago(infinite, usual)).rejects.toThrow('island 0, epoch 0: value NaN');
  });

  it.each([
    { epochs: 0 },
    { concurrency: 0 },
    { lag: 0 },
    { inNeighbours: [] },
    { targetValue: NaN },
  ])('does not begin with %o', async (wrong) => {
    const run = runArchipelago(remember, { ...usual, ...wrong });
    await expect(run).rejects.toThrow('; allowed: ');
  });
});
