/**
 * Products with tiles, plain TypeScript: the reference that the WebAssembly version equals bit for
 * bit. A row's sum runs over four lanes of float32; a column's over the rows, in float32 that is
 * added up in float64 after every `FLUSH_ROWS` rows.
 */
import type { Kernels } from './kernels.js';
import { layersAt } from './row-costs.js';
import { BLOCK_ROWS, TILE_COLUMNS, viewTiles } from './tiles.js';

const FLUSH_ROWS = 64;
const { fround } = Math;

type Products = Pick<
  Kernels,
  'costOfTiles' | 'multiplyTiles' | 'multiplyTilesTransposed' | 'multiplySquaredTilesTransposed'
>;

/** The products on the memory behind `buffer`. */
export function referenceTileProducts(buffer: ArrayBufferLike): Products {
  const multiplyTiles: Products['multiplyTiles'] = (offset, z, y) => {
    const { count, columns, tile } = viewTiles(buffer, offset);
    const [f64, f32] = [new Float64Array(buffer), new Float32Array(buffer)];
    const weights = new Float32Array(TILE_COLUMNS);
    const lanes = new Float32Array(4);
    for (let t = 0; t < count; t++) {
      for (let k = 0; k < TILE_COLUMNS; k++) {
        weights[k] = f64[z / 8 + columns[TILE_COLUMNS * t + k]];
      }
      const { rows, values } = tile(t);
      rows.forEach((row, r) => {
        lanes.fill(0);
        for (let k = 0; k < TILE_COLUMNS; k++) {
          lanes[k % 4] += fround(values[TILE_COLUMNS * r + k] * weights[k]);
        }
        f32[y / 4 + row] += fround(fround(lanes[0] + lanes[2]) + fround(lanes[1] + lanes[3]));
      });
    }
  };

  const transposed = (offset: number, v: number, out: number, isSquared: boolean) => {
    const power = (value: number) => (isSquared ? value * value : value);
    const { count, matrixColumns, columns, tile } = viewTiles(buffer, offset);
    const [f64, f32] = [new Float64Array(buffer), new Float32Array(buffer)];
    const part = new Float32Array(TILE_COLUMNS);
    const sums = new Float64Array(TILE_COLUMNS);
    const flush = () => {
      for (let k = 0; k < TILE_COLUMNS; k++) sums[k] += part[k];
      part.fill(0);
    };
    f64.fill(0, out / 8, out / 8 + matrixColumns + 1);
    for (let t = 0; t < count; t++) {
      sums.fill(0);
      const { rows, values } = tile(t);
      rows.forEach((row, r) => {
        for (let k = 0; k < TILE_COLUMNS; k++) {
          part[k] += fround(fround(power(values[TILE_COLUMNS * r + k])) * f32[v / 4 + row]);
        }
        if (r % FLUSH_ROWS === FLUSH_ROWS - 1) flush();
      });
      flush();
      for (let k = 0; k < TILE_COLUMNS; k++) {
        f64[out / 8 + columns[TILE_COLUMNS * t + k]] += sums[k];
      }
    }
  };

  const costOfTiles: Products['costOfTiles'] = (parts, count, rows, y, costs) => {
    const places = new Uint32Array(buffer, parts, 4 * count);
    new Float32Array(buffer, y, rows).fill(0);
    for (let p = 0; p < count; p++) multiplyTiles(places[4 * p], places[4 * p + 1], y);
    let cost = 0;
    for (let row = 0; row < rows; row += BLOCK_ROWS) {
      cost += slopeOfRows(buffer, row, Math.min(row + BLOCK_ROWS, rows), y, costs);
    }
    for (let p = 0; p < count; p++) transposed(places[4 * p], y, places[4 * p + 2], false);
    return cost;
  };

  return {
    costOfTiles,
    multiplyTiles,
    multiplyTilesTransposed: (tiles, v, out) => transposed(tiles, v, out, false),
    multiplySquaredTilesTransposed: (tiles, v, out) => transposed(tiles, v, out, true),
  };
}

/** What the rows from..to of y cost; y becomes the cost's derivative. */
function slopeOfRows(
  buffer: ArrayBufferLike,
  from: number,
  to: number,
  y: number,
  costs: number,
): number {
  const values = new Float32Array(buffer, y, to);
  const layers = layersAt(buffer, costs);
  const lanes = new Float64Array(4);
  for (let row = from; row < to; row++) {
    const value = values[row];
    let slope = 0;
    for (const { distance, weight } of layers) {
      const d = distance(row, value);
      const weighted = fround(weight[row] * d);
      lanes[row & 3] += fround(weighted * d);
      slope = fround(slope + weighted);
    }
    values[row] = fround(slope + slope);
  }
  return lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
}
