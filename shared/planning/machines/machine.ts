/**
 * A photon machine as the pencil-beam decomposition of Bortfeld, Schlegel & Rhein, Med Phys 20:311
 * (1993) sees it. A pencil of unit fluence gives at radiological depth d and lateral distance r
 *   sum_i  b_i/(b_i - m) (exp(-m d) - exp(-b_i d)) * kernel_i(r)
 * An infinite b_i stands for the plain attenuation exp(-m d).
 */
export interface Machine {
  readonly name: string;
  /** Source-axis distance. */
  readonly sadMm: number;
  /** m, primary attenuation. */
  readonly attenuationPerMm: number;
  /** b_i, one a component; at most 4. */
  readonly betasPerMm: readonly number[];
  /** FWHM of the geometric penumbra in the isocentre plane. */
  readonly penumbraFwhmMm: number;
  /** Lateral kernels, in the isocentre plane, for a source-surface distance. */
  kernels(ssdMm: number): LateralKernels;
  /** What a monitor unit is: 10 x 10 cm field, SSD 900, depth 100 mm. */
  readonly reference: ReferenceCondition;
}

/** Radial kernel tables; values are multiplied by the area of a `stepMm` x `stepMm` pixel. */
export interface LateralKernels {
  /** Radii of the samples are 0, stepMm, 2 stepMm, ...; the kernel is 0 beyond the last. */
  readonly stepMm: number;
  /** One table a component. */
  readonly tables: readonly Float64Array[];
}

export interface ReferenceCondition {
  readonly fieldMm: number;
  readonly ssdMm: number;
  readonly depthMm: number;
  /** Gy for one MU there; by the machine's calibration. */
  readonly gyPerMu: number;
}
