import type { Grid, Vec3 } from '@isola/kernels/grid';
import type { StructureKind } from '@isola/planning/case';
import type { SearchSummary } from '@isola/planning/searches';

/** Everything a report shows, as plain data. Doses are Gy for the whole course. */
export interface ReportInput {
  readonly title: string;
  readonly caseName: string;
  readonly machineName: string;
  readonly prescription: { readonly structure: string; readonly doseGy: number };
  readonly fractions: number;
  /** What a reader must know before the numbers, such as "Ideal fluence, not yet deliverable". */
  readonly notes: readonly string[];
  /** Grid of the CT, of `hu` and of the structures. */
  readonly grid: Grid;
  readonly hu: Int16Array;
  /** Grid of the final dose; it may differ from the CT's in size, spacing and origin. */
  readonly doseGrid: Grid;
  readonly doseGy: Float32Array;
  readonly structures: readonly ReportStructure[];
  readonly dvhs: readonly ReportDvh[];
  readonly metrics: readonly ReportMetrics[];
  readonly goals: readonly ReportGoal[];
  readonly beams: readonly ReportBeam[];
  readonly convergence: readonly { readonly iteration: number; readonly value: number }[];
  readonly optimiser: ReportOptimiser;
  /** Only where beam angles were searched for. */
  readonly search?: SearchSummary;
  readonly isocentreMm: Vec3;
  readonly reproducibility: {
    readonly planHash: string;
    readonly seed: number;
    readonly versions: Readonly<Record<string, string>>;
  };
  readonly timings: readonly { readonly phase: string; readonly seconds: number }[];
  /** Plan indices, each with the formula it was computed by. */
  readonly indices: readonly {
    readonly name: string;
    readonly formula: string;
    readonly value: number;
  }[];
}

export interface ReportStructure {
  readonly name: string;
  readonly kind: StructureKind;
  /** Linear indices into the CT grid, ascending, without repeats. */
  readonly voxels: Uint32Array;
}

/** A cumulative dose-volume histogram; `doseGy` ascends, `volumePercent` does not ascend. */
export interface ReportDvh {
  readonly structure: string;
  readonly doseGy: Float64Array;
  readonly volumePercent: Float64Array;
}

export interface ReportMetrics {
  readonly structure: string;
  readonly volumeCc: number;
  readonly meanGy: number;
  readonly maxGy: number;
  readonly minGy: number;
  readonly d95Gy: number;
  readonly d2Gy: number;
  readonly d50Gy: number;
  readonly d98Gy: number;
}

export interface ReportGoal {
  /** As the plan file says it, for example "Core D10% <= 25 Gy". */
  readonly text: string;
  /** What the plan reaches, in `unit`; null where it could not be measured. */
  readonly value: number | null;
  readonly unit: string;
  readonly limit: number;
  readonly met: boolean;
}

export interface ReportBeam {
  readonly gantryDeg: number;
  readonly couchDeg: number;
  readonly monitorUnits: number;
  /** Side of a beamlet in the isocentre plane. */
  readonly beamletMm: number;
  /** Beamlet centres in the beam's eye view, in the isocentre plane; one a weight. */
  readonly xMm: Float64Array;
  readonly zMm: Float64Array;
  readonly weights: Float64Array;
  readonly complexity: number;
}

export interface ReportOptimiser {
  readonly status: string;
  /** A sentence on what the status means for the reader. */
  readonly advice: string;
  readonly iterations: number;
  readonly objective: number;
  readonly terms: readonly {
    readonly structure: string;
    readonly type: string;
    readonly weight: number;
    readonly value: number;
  }[];
}
