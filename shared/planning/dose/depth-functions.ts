import { exp, expm1 } from '@isola/kernels/elementary';
import type { Machine } from '../machines/index.js';

/**
 * The depth factors b/(b - m) (exp(-m d) - exp(-b d)) at radiological depth d, one a component,
 * times `gain`; in the form that stays exact where b is close to m, and b d exp(-m d) where equal.
 */
export function depthFactors(
  machine: Pick<Machine, 'attenuationPerMm' | 'betasPerMm'>,
  depthMm: number,
  gain: number,
  out: Float32Array,
  at: number,
): void {
  const m = machine.attenuationPerMm;
  const primary = gain * exp(-m * depthMm);
  for (let k = 0; k < machine.betasPerMm.length; k++) {
    const b = machine.betasPerMm[k];
    out[at + k] = primary * buildUp(b, m, depthMm);
  }
}

function buildUp(b: number, m: number, depthMm: number): number {
  if (b === Number.POSITIVE_INFINITY) return 1;
  return b === m ? b * depthMm : (-b * expm1((m - b) * depthMm)) / (b - m);
}
