/**
 * Products with tiles, plain TypeScript: the reference that the WebAssembly version equals bit for
 * bit. A row's sum runs over four lanes of float32; a column's over the rows, in float32 that is
 * added up in float64 after every `FLUSH_ROWS` rows.
 */
import type { Kernels } from './kernels.js';
import { TILE_COLUMNS, viewTiles } from './tiles.js';

const FLUSH_ROWS = 64;
const { fround } = Math;

type Products = Pick<
  Kernels,
  'multiplyTiles' | 'multiplyTilesTransposed' | 'multiplySquaredTilesTransposed'
>;

/** The products on the memory behind `buffer`. */
export function referenceTileProducts(buffer: ArrayBufferLike): Products {
  const multiplyTiles: Products['multiplyTiles'] = (offset, z, y) => {
    const { count, columns, scales, rows, values } = viewTiles(buffer, offset);
    const [f64, f32] = [new Float64Array(buffer), new Float32Array(buffer)];
    const weights = new Float32Array(TILE_COLUMNS);
    const lanes = new Float32Array(4);
    for (let t = 0; t < count; t++) {
      for (let k = 0; k < TILE_COLUMNS; k++) {
        const column = TILE_COLUMNS * t + k;
        weights[k] = f64[z / 8 + columns[column]] * scales[column];
      }
      rows[t].forEach((row, r) => {
        lanes.fill(0);
        for (let k = 0; k < TILE_COLUMNS; k++) {
          lanes[k % 4] += fround(values[t][TILE_COLUMNS * r + k] * weights[k]);
        }
        f32[y / 4 + row] += fround(fround(lanes[0] + lanes[2]) + fround(lanes[1] + lanes[3]));
      });
    }
  };

  const transposed = (offset: number, v: number, out: number, isSquared: boolean) => {
    const power = (value: number) => (isSquared ? value * value : value);
    const { count, columns, scales, rows, values } = viewTiles(buffer, offset);
    const [f64, f32] = [new Float64Array(buffer), new Float32Array(buffer)];
    const part = new Float32Array(TILE_COLUMNS);
    const sums = new Float64Array(TILE_COLUMNS);
    const flush = () => {
      for (let k = 0; k < TILE_COLUMNS; k++) sums[k] += part[k];
      part.fill(0);
    };
    for (let t = 0; t < count; t++) {
      sums.fill(0);
      rows[t].forEach((row, r) => {
        for (let k = 0; k < TILE_COLUMNS; k++) {
          part[k] += fround(fround(power(values[t][TILE_COLUMNS * r + k])) * f32[v / 4 + row]);
        }
        if (r % FLUSH_ROWS === FLUSH_ROWS - 1) flush();
      });
      flush();
      for (let k = 0; k < TILE_COLUMNS; k++) {
        const column = TILE_COLUMNS * t + k;
        f64[out / 8 + columns[column]] = sums[k] * power(scales[column]);
      }
    }
  };

  return {
    multiplyTiles,
    multiplyTilesTransposed: (tiles, v, out) => transposed(tiles, v, out, false),
    multiplySquaredTilesTransposed: (tiles, v, out) => transposed(tiles, v, out, true),
  };
}
