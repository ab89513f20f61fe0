/**
 * A reference case: what a matRad run had as input and gave as result. Indices are into the stored
 * (cropped) grids, x fastest, 0-based: a dose voxel is an index into `doseGrid.grid`, a CT voxel
 * one into `ctGrid.grid`, which is the grid of `case`. Doses are Gy per fraction. Columns count the
 * beamlets of all beams in order. Parts whose files are absent are null.
 */
import type { Grid, Vec3 } from '@isola/kernels/grid';
import type { Case, StructureKind } from '@isola/planning/case';
import type { ObjectiveSpec } from '@isola/planning/objectives';

export interface MatradReference {
  /** CT and raw structures on `ctGrid.grid`. */
  readonly case: Case;
  /** Relative electron density as the run used it, one a CT voxel; 0 outside all structures. */
  readonly density: Float32Array | null;
  readonly ctGrid: CroppedGrid;
  readonly doseGrid: CroppedGrid;
  readonly structures: readonly ReferenceStructure[];
  readonly fractions: number;
  readonly bixelMm: number;
  readonly sadMm: number;
  readonly engine: ReferenceEngine;
  readonly beams: readonly ReferenceBeam[];
  /** Number of beamlets. */
  readonly columns: number;
  /** Nonzeros of the dose influence matrix. */
  readonly dijNonzeros: number;
  readonly dij: ReferenceMatrix | null;
  /** Dose with all weights 1, one a dose voxel. */
  readonly doseW1Gy: Float32Array | null;
  readonly bixelSamples: readonly BixelSample[];
  readonly optimizations: readonly ReferenceOptimization[];
  readonly constraints: readonly ReferenceConstraint[];
  readonly gradientChecks: readonly GradientCheck[];
  readonly bestKnown: BestKnown | null;
}

/** The grid that is stored, and the larger one it was cut out of. */
export interface CroppedGrid {
  readonly grid: Grid;
  readonly full: Grid;
  /** Voxel 0 of `grid` is this voxel of `full`. */
  readonly cropOffset: Vec3;
}

export interface ReferenceStructure {
  readonly name: string;
  readonly kind: StructureKind;
  /** The lower number wins where structures overlap. */
  readonly priority: number;
  /** Dose voxels of the raw structure, ascending. */
  readonly doseVoxels: Uint32Array;
  /** Dose voxels after overlap priorities: what the objectives saw, ascending. */
  readonly objectiveVoxels: Uint32Array;
  readonly objectives: readonly ReferenceObjective[];
}

export interface ReferenceObjective {
  /** With doses per fraction, as `createObjective` takes it; null for an unknown class. */
  readonly spec: ObjectiveSpec | null;
  readonly penalty: number;
  /** As stored: the class name, and its parameters for the whole treatment. */
  readonly className: string;
  readonly parametersTotal: readonly number[];
}

export interface ReferenceEngine {
  readonly geometricLateralCutOffMm: number;
  readonly kernelCutOffMm: number;
  readonly effectiveLateralCutOffMm: number;
  readonly convolutionStepMm: number;
  readonly penumbraFwhmMm: number;
  readonly ssdDensityThreshold: number;
  readonly useCustomPrimaryFluence: boolean;
  readonly ignoreOutsideDensities: boolean;
  readonly sampling: boolean;
}

export interface ReferenceBeam {
  readonly gantryDeg: number;
  readonly couchDeg: number;
  readonly isocenterMm: Vec3;
  /** Beamlet centres in the isocentre plane, beam's eye view; one a column from `firstColumn`. */
  readonly raysXMm: Float64Array;
  readonly raysZMm: Float64Array;
  /** Source-surface distance of each ray; NaN where it misses the patient. */
  readonly ssdMm: Float64Array;
  /** Distance of the kernels used for the whole beam. */
  readonly kernelSsdMm: number;
  readonly firstColumn: number;
  /** Radiological depth at each dose voxel, NaN where the run computed none. */
  readonly radiologicalDepthMm: Float32Array | null;
}

/** Compressed sparse columns; rows are dose voxels. */
export interface ReferenceMatrix {
  readonly columnStarts: Uint32Array;
  readonly rows: Uint32Array;
  readonly values: Float32Array;
}

/** One column of the dose influence matrix. */
export interface BixelSample {
  readonly column: number;
  readonly beam: number;
  readonly ray: number;
  /** Dose voxels. */
  readonly voxels: Uint32Array;
  readonly doseGy: Float32Array;
}

export interface ReferenceOptimization {
  /** `default`, or `constrained` where `constraints` replace the objectives of their structures. */
  readonly variant: string;
  readonly mode: string;
  /** 0 solved, 1 acceptable, -1 iteration limit. */
  readonly status: number;
  readonly iterations: number;
  readonly objective: number;
  readonly objectiveAtStart: number;
  readonly weightsFile: string;
  /** One a column. */
  readonly weights: Float64Array | null;
  /** One a dose voxel. */
  readonly doseGy: Float32Array | null;
}

export interface ReferenceConstraint {
  readonly structure: string;
  readonly className: string;
  /** Upper bound for the whole treatment. */
  readonly maxTotalGy: number;
}

/** The objective and its gradient at given weights. */
export interface GradientCheck {
  readonly variant: string;
  readonly weights: Float64Array;
  readonly objective: number;
  readonly gradientNorm: number;
  readonly gradient: Float64Array | null;
}

export interface BestKnown {
  readonly objective: number;
  readonly iterations: number;
  readonly weights: Float64Array | null;
}
