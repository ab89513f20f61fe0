/** Selection: who becomes a parent. */
import { InputError } from '../problem/index.js';
import type { Picker } from './picker.js';
import { proportionalSelection } from './proportional-selection.js';
import { tournamentSelection } from './tournament-selection.js';

export type Selection =
  | { readonly kind: 'proportional' }
  | {
      readonly kind: 'tournament';
      /** How many different ones compete, 1 or more; the best of them wins. */
      readonly size: number;
    };

/**
 * Selection among individuals of these costs.
 * @param values finite; lower is better
 */
export function pickerOf(selection: Selection, values: Float64Array): Picker {
  if (selection.kind === 'proportional') return proportionalSelection(values);
  return tournamentSelection(values, selection.size);
}

/** @throws InputError for an unknown kind, and for a tournament of no integer size of 1 or more */
export function checkSelection(place: string, selection: Selection): void {
  const { kind } = selection;
  if (kind === 'proportional') return;
  if (kind !== 'tournament') {
    throw new InputError(`${place}.kind`, `is ${String(kind)}; allowed: proportional, tournament`);
  }
  const { size } = selection;
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new InputError(`${place}.size`, `is ${size}; allowed: an integer of 1 or more`);
  }
}

/** Draws that picking one parent takes, at most. */
export function drawsOfPick(selection: Selection): number {
  return selection.kind === 'tournament' ? selection.size : 1;
}
