// The layout of costs of rows; explained in ../../sparse/row-costs.ts.

export const COST_HEADER_BYTES: u32 = 16;
/** Of a layer. */
export const COST_VECTORS: u32 = 3;

/** How far out of the interval, below it negative. */
export function outside(y: v128, low: v128, high: v128): v128 {
  return f32x4.sub(y, f32x4.pmin(f32x4.pmax(y, low), high));
}
