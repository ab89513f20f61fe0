/**
 * Doses or their derivatives, one a row of the dose vector: float32 as optimisations hold them, or
 * in full precision. The objectives here take both, which is more than `Objective` asks for.
 */
export type DoseArray = Float32Array | Float64Array;
