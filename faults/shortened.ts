/** Faults as they are done among tests: as seldom as shows anything. */
import { faults } from './catalogue.js';
import type { Fault } from './lab/fault.js';

/** These take a minute or more. */
const SLOW = new Set([4, 5, 16, 18, 24]);
/** What these do, tests of the simulation and of `isola up` do as well. */
const ELSEWHERE = new Set([19, 27]);
/** Where once is not enough to see anything. */
const TRIALS: Readonly<Record<number, number>> = { 8: 2, 12: 20, 21: 2, 23: 2, 24: 200, 25: 20 };

/** Those that can be done on this machine, by their summaries, and how often. */
export function shortened(speed: 'quick' | 'slow'): (readonly [string, Fault, number])[] {
  return faults
    .filter(({ number }) => !ELSEWHERE.has(number) && SLOW.has(number) === (speed === 'slow'))
    .filter(({ lacking }) => (lacking?.() ?? '') === '')
    .map((fault) => [fault.summary, fault, TRIALS[fault.number] ?? 1] as const);
}
