/**
 * What is true of every exchange, in whatever way emigrants travel: each implementation's test
 * walks this list. A law rejects where it is broken.
 */
import type { Exchange, Routes } from './exchange.js';

export interface ExchangeLaw {
  readonly name: string;
  /** @param open makes a new, empty exchange whose emigrants are strings */
  check(open: (routes: Routes) => Exchange<string> | Promise<Exchange<string>>): Promise<void>;
}

/** Three islands; each gets from others in its own way, one from itself. */
const ROUTES: Routes = { inNeighbours: [[1, 2], [], [0, 1, 2]], lag: 2 };

const sent = (island: number, epoch: number) => [`${island}.${epoch}.a`, `${island}.${epoch}.b`];
const from = (island: number, epoch: number) => ({ island, emigrants: sent(island, epoch) });

function mustEqual(what: string, found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a}; wanted: ${b}`);
}

export const exchangeLaws: readonly ExchangeLaw[] = [
  {
    name: 'gives what left the in-neighbours `lag` epochs before, by island and rank',
    async check(open) {
      const exchange = await open(ROUTES);
      for (const epoch of [0, 1]) {
        for (const island of [0, 1, 2]) await exchange.publish(island, epoch, sent(island, epoch));
      }
      mustEqual('0 at 2', await exchange.collect(0, 2), [from(1, 0), from(2, 0)]);
      mustEqual('2 at 3', await exchange.collect(2, 3), [from(0, 1), from(1, 1), from(2, 1)]);
    },
  },
  {
    name: 'gives nothing below the lag, and to islands without in-neighbours, without waiting',
    async check(open) {
      const exchange = await open(ROUTES);
      mustEqual('0 at 0', await exchange.collect(0, 0), []);
      mustEqual('0 at 1', await exchange.collect(0, 1), []);
      mustEqual('1 at 7', await exchange.collect(1, 7), []);
    },
  },
  {
    name: 'lets those wait who come early, and gives them the same',
    async check(open) {
      const exchange = await open(ROUTES);
      let isThere = false;
      const waiting = exchange.collect(2, 2).then((immigrants) => {
        isThere = true;
        return immigrants;
      });
      await exchange.publish(2, 0, sent(2, 0));
      await exchange.publish(0, 0, sent(0, 0));
      mustEqual('is there before island 1 published', isThere, false);
      await exchange.publish(1, 0, sent(1, 0));
      mustEqual('2 at 2', await waiting, [from(0, 0), from(1, 0), from(2, 0)]);
    },
  },
  {
    name: 'is unmoved by publishing and collecting again',
    async check(open) {
      const exchange = await open(ROUTES);
      for (const island of [2, 1, 2, 1]) await exchange.publish(island, 0, sent(island, 0));
      const wanted = [from(1, 0), from(2, 0)];
      mustEqual('once', await exchange.collect(0, 2), wanted);
      mustEqual('twice', await exchange.collect(0, 2), wanted);
    },
  },
  {
    name: 'passes on that nobody left',
    async check(open) {
      const exchange = await open(ROUTES);
      await exchange.publish(1, 0, []);
      await exchange.publish(2, 0, []);
      const empty = [1, 2].map((island) => ({ island, emigrants: [] }));
      mustEqual('0 at 2', await exchange.collect(0, 2), empty);
    },
  },
];
