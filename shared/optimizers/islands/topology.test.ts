import { describe, expect, it } from 'vitest';
import { broadcastBest } from './broadcast-best.js';
import { complete } from './complete.js';
import { routesOf } from './exchange.js';
import { ring } from './ring.js';
import { torus } from './torus.js';

const numbers = Array.from({ length: 40 }, (_, i) => i + 1);

describe.each([ring, torus, complete, broadcastBest])('$name', (topology) => {
  it('names other islands that exist, once each, ascending', () => {
    for (const islands of numbers) {
      routesOf(topology, islands, 1).inNeighbours.forEach((neighbours, island) => {
        expect(neighbours).toEqual([...new Set(neighbours)].sort((a, b) => a - b));
        expect(neighbours.every((other) => other >= 0 && other < islands)).toBe(true);
        expect(neighbours.includes(island)).toBe(topology === broadcastBest);
      });
    }
  });

  it('lets what one island has found reach every other, in time', () => {
    for (const islands of numbers) {
      const { inNeighbours } = routesOf(topology, islands, 1);
      const reached = new Set([0]);
      for (let round = 0; round < islands; round++) {
        const next = inNeighbours.flatMap((from, i) => (from.some((o) => reached.has(o)) ? i : []));
        for (const island of next) reached.add(island);
      }
      expect(reached.size).toBe(islands);
    }
  });

  it('treats all islands alike: each sends to as many as it gets from', () => {
    for (const islands of numbers) {
      const { inNeighbours } = routesOf(topology, islands, 1);
      for (let island = 0; island < islands; island++) {
        const sendsTo = inNeighbours.filter((neighbours) => neighbours.includes(island)).length;
        expect(sendsTo).toBe(inNeighbours[island].length);
      }
    }
  });

  it('needs an island and a lag', () => {
    expect(() => routesOf(topology, 0, 1)).toThrow('islands: is 0; allowed: an integer of 1');
    expect(() => routesOf(topology, 4, 0)).toThrow('lag: is 0; allowed: an integer of 1');
  });
});

describe('torus', () => {
  it('gives each island of a 3 x 4 grid its four neighbours across the edges', () => {
    //  0  1  2  3
    //  4  5  6  7
    //  8  9 10 11
    expect(torus.inNeighbours(5, 12)).toEqual([1, 4, 6, 9]);
    expect(torus.inNeighbours(0, 12)).toEqual([1, 3, 4, 8]);
    expect(torus.inNeighbours(11, 12)).toEqual([3, 7, 8, 10]);
  });
});
