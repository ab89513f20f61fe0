/** Checks of the settings of an algorithm. */
import { InputError } from '../problem/index.js';

/** @throws InputError unless `value` is an integer of `least` or more. */
export function checkCount(place: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new InputError(place, `is ${value}; allowed: an integer of ${least} or more`);
}

/** @throws InputError unless `value` is a finite number above 0. */
export function checkPositive(place: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new InputError(place, `is ${value}; allowed: a number above 0`);
}

/** @throws InputError unless `value` is 0 to 1. */
export function checkProbability(place: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new InputError(place, `is ${value}; allowed: 0 to 1`);
}

/** @throws InputError unless `value` is a finite number of 0 or more. */
export function checkTolerance(place: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new InputError(place, `is ${value}; allowed: a number of 0 or more`);
}
