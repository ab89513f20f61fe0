import { createHash } from 'node:crypto';

/**
 * Names a result: SHA-256 of the final weights in float64 and the full dose in float32, both little
 * endian.
 */
export function planHash(weights: Float64Array, doseGy: Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength))
    .update(new Uint8Array(doseGy.buffer, doseGy.byteOffset, doseGy.byteLength))
    .digest('hex');
}
