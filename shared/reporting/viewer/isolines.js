// @ts-check
/**
 * Isolines of a lattice of samples by marching squares with linear interpolation on cell edges,
 * traced into polylines. Ambiguous cells are decided by the mean of their corners.
 */

/**
 * @param {ArrayLike<number>} samples row by row, length width * height
 * @param {number} width
 * @param {number} height
 * @param {number} level
 * @returns {number[][]} polylines x0, y0, x1, y1, ... in sample indices; a closed line ends at its
 *   first point, any other at the edge of the lattice
 */
export function isolines(samples, width, height, level) {
  const { next, starts, isEnd } = segments(samples, width, height, level);
  /** @type {number[][]} */
  const lines = [];
  for (const closed of [false, true]) {
    for (const start of starts) {
      if (next[start] < 0 || (!closed && isEnd[start])) continue;
      const line = crossing(samples, width, level, start);
      for (let edge = start; next[edge] >= 0; ) {
        const following = next[edge];
        next[edge] = -1;
        line.push(...crossing(samples, width, level, following));
        edge = following;
      }
      lines.push(line);
    }
  }
  return lines;
}

/**
 * Line segments as a map from the lattice edge where one starts to the edge where it ends. Edge
 * 2 * sample runs from the sample to its right neighbour, edge 2 * sample + 1 to the one below.
 * Walking round a cell, a segment starts where samples rise through the level and ends where they
 * fall; the next cell walks the edge between them the other way, so that segments join up.
 * @param {ArrayLike<number>} samples
 * @param {number} width
 * @param {number} height
 * @param {number} level
 */
function segments(samples, width, height, level) {
  const next = new Int32Array(2 * width * height).fill(-1);
  const isEnd = new Uint8Array(2 * width * height);
  /** @type {number[]} */
  const starts = [];
  for (let y = 0; y < height - 1; y++) {
    for (let x = 0; x < width - 1; x++) {
      const at = x + width * y;
      const a = samples[at] >= level;
      const b = samples[at + 1] >= level;
      const c = samples[at + width + 1] >= level;
      const d = samples[at + width] >= level;
      if (a === b && b === c && c === d) continue;
      const top = 2 * at;
      const right = 2 * at + 3;
      const bottom = 2 * (at + width);
      const left = 2 * at + 1;
      /** @type {number[]} */
      const rises = [];
      /** @type {number[]} */
      const falls = [];
      if (a !== b) (b ? rises : falls).push(top);
      if (b !== c) (c ? rises : falls).push(right);
      if (c !== d) (d ? rises : falls).push(bottom);
      if (d !== a) (a ? rises : falls).push(left);
      if (rises.length === 2) {
        const sum = samples[at] + samples[at + 1] + samples[at + width + 1] + samples[at + width];
        // Going round, the first fall follows the first rise where a is low, and precedes it else.
        const apart = sum < 4 * level;
        if (apart === a) falls.reverse();
      }
      for (let k = 0; k < rises.length; k++) {
        next[rises[k]] = falls[k];
        isEnd[falls[k]] = 1;
        starts.push(rises[k]);
      }
    }
  }
  return { next, starts, isEnd };
}

/**
 * Where the level is crossed on an edge.
 * @param {ArrayLike<number>} samples
 * @param {number} width
 * @param {number} level
 * @param {number} edge
 */
function crossing(samples, width, level, edge) {
  const at = edge >> 1;
  const downward = edge % 2 === 1;
  const from = samples[at];
  const to = samples[downward ? at + width : at + 1];
  const part = (level - from) / (to - from);
  const x = at % width;
  const y = (at - x) / width;
  return downward ? [x, y + part] : [x + part, y];
}
