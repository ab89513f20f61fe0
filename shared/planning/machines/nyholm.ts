/**
 * Pencil kernels of megavoltage photon beams in water from the beam quality alone:
 *   K(r, z) = (A exp(-a r) + B exp(-b r)) / r
 * per unit primary fluence, with A, a (mostly primary dose) and B, b (mostly scatter) functions of
 * the depth z. T. Nyholm, J. Olofsson, A. Ahnesjo, M. Karlsson, Radiother Oncol 78:347-351 (2006),
 * with the corrigendum Radiother Oncol 98:286 (2011), after which a1 and a2 stand here.
 * Valid for TPR20,10 from 0.60 to 0.81 and depths up to 500 mm.
 *
 * The paper works in cm and g/cm3. Here lengths are mm in water of 1 g/cm3, and A/a and B/b keep
 * the paper's cm2/g: whoever uses the kernel sets its scale by calibration.
 */
import { exp, expm1 } from '@isola/kernels/elementary';

/** The kernel at one depth. */
export interface DepthKernel {
  /** A/a, cm2/g. */
  readonly primary: number;
  /** a. */
  readonly primaryPerMm: number;
  /** B/b, cm2/g. */
  readonly scatter: number;
  /** b. */
  readonly scatterPerMm: number;
}

/** c_0 ... c_5 of each parameter: parameter = sum of c_k TPR^k. Names as in the paper. */
const coefficients = {
  A1: [0.0128018, -0.0577391, 0.1790839, -0.2467955, 0.1328192, -0.0194684],
  A2: [16.7815028, -279.4672663, 839.0016549, -978.4915013, 470.5317337, -69.2485573],
  A3: [-0.0889669, -0.2587584, 0.7069203, -0.3654033, 0.002976, -0.0003786],
  A4: [0.0017089, -0.016915, 0.051465, -0.063953, 0.032449, -0.0049121],
  A5: [0.1431447, -0.2134626, 0.5825546, -0.2969273, -0.0011436, 0.0002219],
  B1: [-42.7607523, 264.342472, -633.4540368, 731.5311577, -402.5280374, 82.4936551],
  B2: [0.2428359, -2.5029336, 7.6128101, -9.5273454, 4.824984, -0.7097852],
  B3: [-0.091042, -0.2621605, 0.7157244, -0.3664126, 9.3e-5, -2.32e-5],
  B4: [0.0017284, -0.0172146, 0.0522109, -0.0643946, 0.0322177, -0.0047015],
  B5: [-30.4609625, 354.2866078, -1073.2952368, 1315.2670101, -656.3702845, 96.5983711],
  a1: [-0.0065985, 0.0242136, -0.0647001, 0.0265272, 0.0072169, -0.0020479],
  a2: [-26.3337419, 435.6865552, -1359.8342546, 1724.6602381, -972.7565415, 200.3468023],
  b1: [-80.7027159, 668.1710175, -2173.2445309, 3494.239349, -2784.4670834, 881.227651],
  b2: [3.4685991, -41.2468479, 124.9729952, -153.2610078, 76.5242757, -11.2624113],
  b3: [-39.6550497, 277.7202038, -777.0749505, 1081.5724508, -747.1056558, 204.5432666],
  b4: [0.6514859, -4.7179961, 13.6742202, -19.7521659, 14.1873606, -4.0478845],
  b5: [0.4695047, -3.6644336, 10.0039321, -5.1195905, -0.0007387, 0.000236],
} as const;

type Parameters = Readonly<Record<keyof typeof coefficients, number>>;

function parametersAt(tpr2010: number): Parameters {
  const entries = Object.entries(coefficients).map(([name, c]) => [
    name,
    c.reduceRight((sum, coefficient) => sum * tpr2010 + coefficient, 0),
  ]);
  return Object.fromEntries(entries) as Parameters;
}

/** x1 (1 - exp(x2 sqrt(z^2 + x5^2))) exp(x3 z + x4 z^2), the form of A/a, B/b and b; z in cm. */
function buildUpAndDecay(z: number, x1: number, x2: number, x3: number, x4: number, x5: number) {
  return -x1 * expm1(x2 * Math.sqrt(z * z + x5 * x5)) * exp(x3 * z + x4 * z * z);
}

/** The kernel as a function of depth, for a beam of quality TPR20,10. */
export function nyholmKernel(tpr2010: number): (depthMm: number) => DepthKernel {
  const p = parametersAt(tpr2010);
  return (depthMm) => {
    const z = depthMm / 10;
    return {
      primary: buildUpAndDecay(z, p.A1, p.A2, p.A3, p.A4, p.A5),
      primaryPerMm: (p.a2 + p.a1 * z) / 10,
      scatter: buildUpAndDecay(z, p.B1, p.B2, p.B3, p.B4, p.B5),
      scatterPerMm: buildUpAndDecay(z, p.b1, p.b2, p.b3, p.b4, p.b5) / 10,
    };
  };
}

/** Dose on the axis of a circular field of unit fluence: the integral of the kernel over a disc. */
export function discDose(kernel: DepthKernel, radiusMm: number): number {
  const primary = kernel.primary * expm1(-kernel.primaryPerMm * radiusMm);
  const scatter = kernel.scatter * expm1(-kernel.scatterPerMm * radiusMm);
  return -2 * Math.PI * (primary + scatter);
}

/**
 * Dose on the axis of a square field of unit fluence: discDose averaged over the directions, the
 * radius of a direction being where it meets the field's edge. With t the tangent of the angle from
 * the normal of the edge: (4/pi) integral_0^1 discDose(h sqrt(1 + t^2)) / (1 + t^2) dt, by
 * Simpson's rule; smooth, so 32 intervals leave an error below 1e-9.
 */
export function squareDose(kernel: DepthKernel, sideMm: number): number {
  const intervals = 32;
  let sum = 0;
  for (let k = 0; k <= intervals; k++) {
    const t = k / intervals;
    const simpsonWeight = k === 0 || k === intervals ? 1 : 2 + 2 * (k % 2);
    const secantSquared = 1 + t * t;
    const radiusMm = (sideMm / 2) * Math.sqrt(secantSquared);
    sum += (simpsonWeight * discDose(kernel, radiusMm)) / secantSquared;
  }
  return (4 / Math.PI) * (sum / (3 * intervals));
}
