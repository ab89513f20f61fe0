/**
 * Control parameters of differential evolution drawn near those that won lately: SHADE, of Tanabe,
 * Fukunaga, "Success-history based parameter adaptation for differential evolution", CEC 2013.
 */
import { atan2, cos, sin } from '@isola/kernels/elementary';
import type { RandomStream } from '@isola/kernels/random';

/** Centres to draw about, a ring of which one is renewed each time. Plain data. */
export interface SuccessHistory {
  readonly factors: Float64Array;
  readonly rates: Float64Array;
  /** Which entry is renewed next. */
  readonly next: number;
}

/** Parameters that won, and by how much they lowered the cost. */
export interface Success {
  readonly factor: number;
  readonly rate: number;
  readonly gain: number;
}

/** Width of the draws, of the Cauchy and of the normal distribution. */
const SPREAD = 0.1;

export function emptyHistory(length: number): SuccessHistory {
  const half = new Float64Array(length).fill(0.5);
  return { factors: half, rates: half, next: 0 };
}

/** Draws 0 to 2 of an individual. @returns factor in (0, 1], rate in [0, 1] */
export function drawnNear(
  { factors, rates }: SuccessHistory,
  random: RandomStream,
  generation: number,
  individual: number,
): { factor: number; rate: number } {
  const entry = random.integer(factors.length, 0, generation, individual, 0);
  const rate = rates[entry] + SPREAD * random.normal(0, generation, individual, 1);
  // The Cauchy distribution above 0, by its inverse: the paper draws again what is 0 or less.
  const below = 0.5 - atan2(factors[entry], SPREAD) / Math.PI;
  const u = 1 - random.uniform(0, generation, individual, 2);
  const angle = Math.PI * (below + u * (1 - below) - 0.5);
  const factor = factors[entry] + (SPREAD * sin(angle)) / cos(angle);
  // At the far end the tangent may have overflowed to either sign.
  return {
    factor: factor > 0 && factor < 1 ? factor : 1,
    rate: Math.max(0, Math.min(1, rate)),
  };
}

/** The history with one entry renewed; the same where nothing won. */
export function updatedHistory(
  history: SuccessHistory,
  successes: readonly Success[],
): SuccessHistory {
  if (successes.length === 0) return history;
  // Gains as parts of the largest: sums of the smallest numbers would round to 0.
  const most = successes.reduce((largest, { gain }) => Math.max(largest, gain), 0);
  let [weights, rateSum, factorSum, factorSquares] = [0, 0, 0, 0];
  for (const { factor, rate, gain } of successes) {
    const weight = gain / most;
    weights += weight;
    rateSum += weight * rate;
    factorSum += weight * factor;
    factorSquares += weight * factor * factor;
  }
  const { next } = history;
  const factors = Float64Array.from(history.factors);
  const rates = Float64Array.from(history.rates);
  factors[next] = factorSquares / factorSum;
  rates[next] = rateSum / weights;
  return { factors, rates, next: (next + 1) % factors.length };
}
