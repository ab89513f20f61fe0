/**
 * A 6 MV machine from published data only: the pencil kernels of Nyholm et al. (nyholm.ts) cast
 * into the form of the dose engine (machine.ts).
 *
 * Where a ray meets depth d behind a surface at `ssd`, lengths of the isocentre plane are stretched
 * by (ssd + d)/SAD and fluence falls with its square; the engine applies the latter. So the kernel
 * that the isocentre plane sees has at depth d the integral C(R (ssd + d)/SAD, d) over a disc of
 * radius R, C being Nyholm's. Its mass in each ring is fitted over depth by the machine's depth
 * functions; the ring's weights are the kernels. The fit is linear and the same for every ring.
 *
 * The attenuation and the three finite betas minimise the eighth-power mean of the fit's residual,
 * relative to each curve's maximum, over the depths of the fit, for the curves of radii 20 and 56
 * mm (the latter counted threefold: a 10 x 10 cm field) at SSD 800 to 1000 mm; found by the simplex
 * method of Nelder and Mead on their logarithms, rounded to three digits. On the axis of fields
 * from 10 to 100 mm the dose then stays within 0.5 % of the maximum at all depths to 300 mm.
 */
import { exp, expm1 } from '@isola/kernels/elementary';
import { depthFunction, pseudoInverse } from './depth-fit.js';
import type { Machine, ReferenceCondition } from './machine.js';
import { type DepthKernel, discDose, nyholmKernel, squareDose } from './nyholm.js';

/** Entered into Nyholm's formula, which then yields TPR20,10 = 0.667 for a 10 x 10 cm field. */
const QUALITY = 0.675;
const SAD_MM = 1000;
const ATTENUATION_PER_MM = 0.00476;
const BETAS_PER_MM = [Number.POSITIVE_INFINITY, 0.00864, 0.269, 0.815];

const STEP_MM = 0.5;
/** Radii 0 to 179.5 mm. */
const RADII = 360;

/** Depths of the fit: 0 to 280 mm, their distance growing with depth. */
const FIT_DEPTHS = 100;
const MAX_FIT_DEPTH_MM = 280;

/**
 * Isocentric calibration: one monitor unit gives 1 cGy in the reference condition itself, at the
 * isocentre in 100 mm of water.
 */
const reference: ReferenceCondition = { fieldMm: 100, ssdMm: 900, depthMm: 100, gyPerMu: 0.01 };

/**
 * The machine. Unit fluence over the reference field gives 1 Gy in the reference condition, so a
 * beamlet's weight of 1 is 100 monitor units. The penumbra is that of matRad's machine
 * photons_Generic. No electron contamination: in the first millimetres real beams give more dose.
 */
export function generic6mv(): Machine {
  const kernelAt = nyholmKernel(QUALITY);
  const depthsMm = Float64Array.from(
    { length: FIT_DEPTHS },
    (_, k) => MAX_FIT_DEPTH_MM * (k / (FIT_DEPTHS - 1)) * (k / (FIT_DEPTHS - 1)),
  );
  const depthKernels = Array.from(depthsMm, kernelAt);
  const fit = pseudoInverse(
    BETAS_PER_MM.map((beta) => depthsMm.map((d) => depthFunction(ATTENUATION_PER_MM, beta, d))),
  );
  const scale = 1 / referenceDose(depthsMm, depthKernels, fit);
  const latticeWeights = countLatticeWeights();

  return {
    name: 'generic-6mv',
    sadMm: SAD_MM,
    attenuationPerMm: ATTENUATION_PER_MM,
    betasPerMm: BETAS_PER_MM,
    penumbraFwhmMm: 5,
    reference,
    kernels(ssdMm) {
      const tables = BETAS_PER_MM.map(() => new Float64Array(RADII));
      const pixels = new Float64Array(RADII);
      depthKernels.forEach((kernel, k) => {
        fillPixels(kernel, (ssdMm + depthsMm[k]) / SAD_MM, latticeWeights, pixels);
        tables.forEach((table, i) => {
          const weight = scale * fit[i][k];
          for (let j = 0; j < RADII; j++) table[j] += weight * pixels[j];
        });
      });
      return { stepMm: STEP_MM, tables };
    },
  };
}

/** Dose that the fitted components give in the reference condition, in Nyholm's scale. */
function referenceDose(
  depthsMm: Float64Array,
  depthKernels: readonly DepthKernel[],
  fit: readonly Float64Array[],
): number {
  const { fieldMm, ssdMm, depthMm } = reference;
  const atDepth = BETAS_PER_MM.map((beta) => depthFunction(ATTENUATION_PER_MM, beta, depthMm));
  let dose = 0;
  depthKernels.forEach((kernel, k) => {
    const stretched = (fieldMm * (ssdMm + depthsMm[k])) / SAD_MM;
    const influence = atDepth.reduce((sum, value, i) => sum + value * fit[i][k], 0);
    dose += influence * squareDose(kernel, stretched);
  });
  const inverseSquare = (SAD_MM / (ssdMm + depthMm)) * (SAD_MM / (ssdMm + depthMm));
  return inverseSquare * dose;
}

/**
 * The kernel of one depth at radii j STEP_MM of the isocentre plane, times the area of a pixel.
 * Pixel j > 0 holds the mean over the ring from j - 1/2 to j + 1/2 steps; the ring's area is 2 pi j
 * pixels. The central pixel, where the kernel is singular, holds what the other pixels leave of the
 * integral over the whole table, so that the sum over all pixels is exact.
 */
function fillPixels(
  kernel: DepthKernel,
  stretch: number,
  latticeWeights: Float64Array,
  pixels: Float64Array,
): void {
  const primarySteps = kernel.primaryPerMm * stretch * STEP_MM;
  const scatterSteps = kernel.scatterPerMm * stretch * STEP_MM;
  const primaryRatio = exp(-primarySteps);
  const scatterRatio = exp(-scatterSteps);
  let primary = -kernel.primary * expm1(-primarySteps) * exp(-primarySteps / 2);
  let scatter = -kernel.scatter * expm1(-scatterSteps) * exp(-scatterSteps / 2);
  let outside = 0;
  for (let j = 1; j < RADII; j++) {
    pixels[j] = (primary + scatter) / j;
    outside += latticeWeights[j] * pixels[j];
    primary *= primaryRatio;
    scatter *= scatterRatio;
  }
  pixels[0] = discDose(kernel, stretch * STEP_MM * (RADII - 1)) - outside;
}

/**
 * How much of table entry j the pixels of a square lattice of STEP_MM hold together, when each
 * interpolates the table linearly at its distance from the central pixel, which is left out.
 */
function countLatticeWeights(): Float64Array {
  const weights = new Float64Array(RADII);
  for (let x = 1; x < RADII; x++) {
    for (let y = 0; y <= x; y++) {
      const radius = Math.sqrt(x * x + y * y);
      if (radius > RADII - 1) break;
      const images = y === 0 || y === x ? 4 : 8;
      const inner = Math.floor(radius);
      weights[inner] += images * (inner + 1 - radius);
      if (inner + 1 < RADII) weights[inner + 1] += images * (radius - inner);
    }
  }
  return weights;
}
