import type { Picker } from './picker.js';

/** The best of `size` individuals, each drawn from all; of equal ones the first drawn. */
export function tournamentSelection(values: Float64Array, size: number): Picker {
  return (draws, first) => {
    let winner = draws.integer(values.length, first);
    for (let k = 1; k < size; k++) {
      const rival = draws.integer(values.length, first + k);
      if (values[rival] < values[winner]) winner = rival;
    }
    return winner;
  };
}
