/** Elementary: exponentials, logarithms, powers and angles with the same bits on every engine. */
export { atan2 } from './arc-tangent.js';
export { erf } from './error-function.js';
export { exp, expm1 } from './exponential.js';
export { log, log1p } from './logarithm.js';
export { pow } from './power.js';
export { cos, cosDeg, sin, sinDeg } from './trigonometry.js';
