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
 *   16         layer by layer low, high, weight: float32[rows], zeros in the padding; the largest
 *              number for infinity
 */
import { quadVectorBytes } from './quad-columns.js';

/** One layer's numbers, one a row. */
export interface RowCostLayer {
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** Not negative; 0 where the layer does not look at the row. */
  readonly weight: Float32Array;
}

const ROW_COST_HEADER_BYTES = 16;
/** Vectors of a layer. */
const ROW_COST_VECTORS = 3;
/** Of float32, for infinity: 0 times the distance from an open end is 0 then. */
const LARGEST = 3.4028234663852886e38;

/** Packs layers over `rows` rows into the bytes that `lineQuads` reads; order does not matter. */
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
      const packed = new Float32Array(buffer, ROW_COST_HEADER_BYTES + k * stride, rows);
      packed.set(vector.map((value) => Math.max(-LARGEST, Math.min(LARGEST, value))));
    });
  return buffer;
}

/** One end of a layer's intervals. */
export interface RowCostSide {
  readonly limit: Float32Array;
  readonly weight: Float32Array;
  /** Rows cost above the limit, -1 below it. */
  readonly sign: 1 | -1;
}

/** The sides of packed layers, in their order: above, then below unless all are open there. */
export function sidesAt(buffer: ArrayBufferLike, costs: number): RowCostSide[] {
  const openBelow = new Uint32Array(buffer, costs, 3)[2];
  return layersAt(buffer, costs).flatMap(({ low, high, weight }, layer): RowCostSide[] => {
    const above = { limit: high, weight, sign: 1 } as const;
    return layer < openBelow ? [above] : [above, { limit: low, weight, sign: -1 }];
  });
}

/** Packed layers, each with the signed distance of a row's value from its interval, in float32. */
export function layersAt(buffer: ArrayBufferLike, costs: number) {
  const [layers, stride] = new Uint32Array(buffer, costs, 2);
  return Array.from({ length: layers }, (_, layer) => {
    const [low, high, weight] = [0, 1, 2].map((k) => {
      const vector = ROW_COST_VECTORS * layer + k;
      return new Float32Array(buffer, costs + ROW_COST_HEADER_BYTES + vector * stride, stride / 4);
    });
    const distance = (row: number, y: number) =>
      Math.fround(y - Math.min(Math.max(y, low[row]), high[row]));
    return { low, high, weight, distance };
  });
}
