/**
 * A map between variables and what they cause, with its derivative: a dose engine, a delivery
 * model, a learned model. Law, tested for every map: for all u, v at every x
 * <J(x) u, v> = <u, J(x)^T v>, and finite differences of `apply` agree with J.
 */
export interface DifferentiableMap {
  readonly inputSize: number;
  readonly outputSize: number;
  /** out = f(x). */
  apply(x: Float64Array, out: Float32Array): Promise<void>;
  /** out = J(x)^T cotangent. */
  pullback(x: Float64Array, cotangent: Float32Array, out: Float64Array): Promise<void>;
}
