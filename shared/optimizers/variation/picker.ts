import type { Draws } from './draws.js';

/** Picks the place of a parent. Takes draws from number `first` on. */
export type Picker = (draws: Draws, first: number) => number;
