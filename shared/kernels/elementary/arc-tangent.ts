/** pi - Math.PI. */
const PI_LOW = 1.2246467991473532e-16;
const TWO_TO_50 = 1125899906842624;

/** atan(i / 8) for i = 0..8, and what float64 dropped of it. */
const ARC_TANGENTS = new Float64Array([
  0, 0.12435499454676144, 0.24497866312686414, 0.35877067027057225, 0.4636476090008061,
  0.5585993153435624, 0.6435011087932844, 0.7188299996216245, 0.7853981633974483,
]);
const ARC_TANGENTS_LOW = new Float64Array([
  0, -3.1253241424539383e-18, 1.0698755618734451e-17, -2.4623815582638635e-17,
  2.2698777452961687e-17, -5.4556305485916264e-18, 1.583478505444429e-17, -2.1478388444456983e-17,
  3.061616997868383e-17,
]);

/**
 * Angle of the point (x, y) from the x axis, in radians in [-pi, pi]; error below 2 ulp. Signs of
 * zeros and infinities as in IEEE 754.
 *
 * With c the multiple of 1/8 next to t in [0, 1], atan t = atan c + atan((t - c) / (1 + c t)),
 * where the last argument is at most 1/16 and its series short.
 */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  let dx = Math.abs(x);
  let dy = Math.abs(y);
  if (dx === Infinity || dy === Infinity) {
    const both = dx === dy;
    dx = dx === Infinity ? 1 : 0;
    dy = both || dx === 0 ? 1 : 0;
  }
  const steep = dy > dx;
  let larger = steep ? dy : dx;
  let smaller = steep ? dx : dy;
  // Away from overflow of sums and from subnormal products; powers of two are exact.
  if (larger > 1e300) {
    larger *= 0.0625;
    smaller *= 0.0625;
  } else if (larger < 1e-250) {
    larger *= TWO_TO_50 * TWO_TO_50;
    smaller *= TWO_TO_50 * TWO_TO_50;
  }
  const i = larger > 0 ? Math.floor((8 * smaller) / larger + 0.5) : 0;
  const c = i * 0.125;
  const u = larger > 0 ? (smaller - c * larger) / (larger + c * smaller) : 0;
  const z = u * u;
  const series =
    u * z * (-1 / 3 + z * (1 / 5 + z * (-1 / 7 + z * (1 / 9 + z * (-1 / 11 + z * (1 / 13))))));
  const angle = ARC_TANGENTS[i] + (u + (series + ARC_TANGENTS_LOW[i]));
  const left = x < 0 || (x === 0 && 1 / x < 0);
  const base = steep ? Math.PI / 2 : left ? Math.PI : 0;
  const baseLow = steep ? PI_LOW / 2 : left ? PI_LOW : 0;
  const magnitude = base + (steep !== left ? baseLow - angle : baseLow + angle);
  return y < 0 || (y === 0 && 1 / y < 0) ? -magnitude : magnitude;
}
