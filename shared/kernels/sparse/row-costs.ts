/**
 * Costs that are sums over rows of squared distances from an interval: with y the vector of rows,
 *
 *   sum over layers, over rows of weight * (y - clamp(y, low, high))^2
 *
 * where every row of a layer has numbers of its own. An interval may be open (-Infinity, Infinity)
 * or one point; a row of several thresholds needs as many layers. In memory (little endian):
 *
 *   bytes      content
 *   0  u32     layers
 *   4  u32     bytes of one vector, padding rows included, a multiple of 16
 *   8  u32     how many of the first layers have no lower ends: they are cheaper
 *   16         layer by layer low, high, weight: float32[rows], zeros in the padding
 */
import { quadVectorBytes } from './quad-columns.js';

/** One layer's numbers, one a row. */
export interface RowCostLayer {
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** Not negative; 0 where the layer does not look at the row. */
  readonly weight: Float32Array;
}

export const ROW_COST_HEADER_BYTES = 16;
/** Vectors of a layer. */
export const ROW_COST_VECTORS = 3;

/** Packs layers over `rows` rows into the bytes that `priceQuads` reads; order does not matter. */
export function packRowCosts(rows: number, layers: readonly RowCostLayer[]): ArrayBuffer {
  const stride = quadVectorBytes(rows);
  const bytes = ROW_COST_HEADER_BYTES + layers.length * ROW_COST_VECTORS * stride;
  const buffer = new ArrayBuffer(bytes);
  const openBelow = layers.filter(({ low, weight }) =>
    low.every((end, row) => end === -Infinity || weight[row] === 0),
  );
  const others = layers.filter((layer) => !openBelow.includes(layer));
  new Uint32Array(buffer, 0, 3).set([layers.length, stride, openBelow.length]);
  [...openBelow, ...others]
    .flatMap(({ low, high, weight }) => [low, high, weight])
    .forEach((vector, k) => {
      new Float32Array(buffer, ROW_COST_HEADER_BYTES + k * stride, rows).set(vector);
    });
  return buffer;
}
