/**
 * The error function by Taylor series about the nearest multiple of 1/8, with coefficients computed
 * once. With g(x) = erf'(x) = 2/sqrt(pi) e^(-x^2), g' = -2 x g gives the recurrence of its
 * coefficients g_n about c: (n + 1) g_{n+1} = -2 (c g_n + g_{n-1}).
 */
import { exp } from './exponential.js';

const TWO_OVER_SQRT_PI = 1.1283791670955126;
/** From here on erf rounds to 1. */
const SATURATION = 6;
const CENTRES_PER_UNIT = 8;
const TERMS = 14;
/** Levels of the continued fraction that reach 2^-60 at x = 1. */
const FRACTION_DEPTH = 300;

/** `TERMS` coefficients a centre, from the lowest. */
const COEFFICIENTS = new Float64Array((SATURATION * CENTRES_PER_UNIT + 1) * TERMS);
for (let i = 0; i <= SATURATION * CENTRES_PER_UNIT; i++) {
  const c = i / CENTRES_PER_UNIT;
  let previous = 0;
  let coefficient = TWO_OVER_SQRT_PI * exp(-c * c);
  COEFFICIENTS[i * TERMS] = erfAtCentre(c);
  for (let n = 0; n + 1 < TERMS; n++) {
    COEFFICIENTS[i * TERMS + n + 1] = coefficient / (n + 1);
    const next = (-2 * (c * coefficient + previous)) / (n + 1);
    previous = coefficient;
    coefficient = next;
  }
}

/** Series and continued fraction of erf (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14). */
function erfAtCentre(x: number): number {
  const density = TWO_OVER_SQRT_PI * exp(-x * x);
  if (x < 1) {
    let term = x;
    let sum = 0;
    for (let n = 1; sum + term !== sum; n++) {
      sum += term;
      term *= (2 * x * x) / (2 * n + 1);
    }
    return density * sum;
  }
  let fraction = x;
  for (let n = FRACTION_DEPTH; n > 0; n--) fraction = x + n / (2 * fraction);
  return 1 - density / (2 * fraction);
}

/** Error function: 2/sqrt(pi) times the integral of e^(-t^2) over [0, x]; error below 4 ulp. */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude < SATURATION)) return Math.sign(x);
  const i = Math.floor(magnitude * CENTRES_PER_UNIT + 0.5);
  const h = magnitude - i / CENTRES_PER_UNIT;
  let sum = 0;
  for (let n = i * TERMS + TERMS - 1; n >= i * TERMS; n--) sum = sum * h + COEFFICIENTS[n];
  return x < 0 ? -sum : sum;
}
