import type { Picker } from './picker.js';

/** The best of `size` different individuals, at most of all but one; of equal ones the first. */
export function tournamentSelection(values: Float64Array, size: number): Picker {
  const rivals = Math.min(size, Math.max(1, values.length - 1));
  return (draws, first) => {
    const drawn: number[] = [];
    for (let k = 0; k < rivals; k++) {
      let rival = draws.integer(values.length - k, first + k);
      // Its number among those that are left becomes that among all.
      for (const other of drawn.toSorted((a, b) => a - b)) if (rival >= other) rival++;
      drawn.push(rival);
    }
    return drawn.reduce((best, rival) => (values[rival] < values[best] ? rival : best));
  };
}
