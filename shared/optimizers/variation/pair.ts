/** A pair of points: parents, or the children of a pair. */
export type Pair = readonly [Float64Array, Float64Array];
