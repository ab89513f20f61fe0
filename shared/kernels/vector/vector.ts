import { dot, type Floats } from './sum.js';

/** Largest element; -Infinity of an empty array, NaN where any element is NaN. */
export function max(x: Floats): number {
  let largest = -Infinity;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, x[i]);
  return largest;
}

/** Largest absolute value; 0 of an empty array, NaN where any element is NaN. */
export function infinityNorm(x: Floats): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]));
  return largest;
}

/** Euclidean norm; squares must not overflow. */
export function norm2(x: Floats): number {
  return Math.sqrt(dot(x, x));
}

/** y += a x. */
export function axpy(a: number, x: Float64Array, y: Float64Array): void {
  if (x.length !== y.length) throw new Error(`axpy: lengths ${x.length} and ${y.length} differ`);
  for (let i = 0; i < y.length; i++) y[i] += a * x[i];
}

/** x *= a. */
export function scale(a: number, x: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i] *= a;
}

/** out = the elements of x at these places; gives out. */
export function gather<T extends Floats>(x: Floats, places: Uint32Array, out: T): T {
  for (let i = 0; i < out.length; i++) out[i] = x[places[i]];
  return out;
}
