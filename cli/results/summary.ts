/** What a finished plan is judged by: goals, histograms, metrics, indices, monitor units. */
import {
  beamComplexity,
  conformityFormulas,
  conformityIndex,
  cumulativeDvh,
  doseAtVolumePercentGy,
  evaluateGoals,
  type Goal,
  type GoalResult,
  homogeneityFormulas,
  homogeneityIndex,
  maxDoseGy,
  meanDoseGy,
  minDoseGy,
  sortedDoses,
} from '@isola/planning/metrics';
import type { FinalDose, FluenceResult } from '@isola/planning/searches';
import type { ReportBeam, ReportDvh, ReportInput, ReportMetrics } from '@isola/reporting';

export interface Summary {
  readonly goals: readonly GoalResult[];
  readonly dvhs: readonly ReportDvh[];
  readonly metrics: readonly ReportMetrics[];
  readonly indices: ReportInput['indices'];
  readonly beams: readonly ReportBeam[];
}

/** Histograms have bins of a 400th of the largest dose. */
const DVH_BINS = 400;

export function summarise(
  result: Pick<FluenceResult, 'beams' | 'weights' | 'monitorUnitsPerWeight' | 'final'>,
  goals: readonly Goal[],
  prescription: { readonly structure: string; readonly doseGy: number },
): Summary {
  const { doseGy, structures, voxels } = result.final;
  const voxelCc = voxels.grid.spacingMm.reduce((volume, mm) => volume * mm, 1) / 1000;
  const sorted = structures
    .filter((structure) => structure.voxels.length > 0)
    .map(({ name, voxels: own }) => ({ name, doses: sortedDoses(doseGy, own) }));
  return {
    goals: evaluateGoals(goals, {
      ...{ doseGy, voxelCc, prescriptionGy: prescription.doseGy },
      structures: new Map(structures.map(({ name, voxels: own }) => [name, own])),
    }),
    dvhs: histograms(sorted, doseGy),
    metrics: sorted.map(({ name, doses }) => ({
      structure: name,
      volumeCc: doses.length * voxelCc,
      meanGy: meanDoseGy(doses),
      maxGy: maxDoseGy(doses),
      minGy: minDoseGy(doses),
      d95Gy: doseAtVolumePercentGy(doses, 95),
      d2Gy: doseAtVolumePercentGy(doses, 2),
      d50Gy: doseAtVolumePercentGy(doses, 50),
      d98Gy: doseAtVolumePercentGy(doses, 98),
    })),
    indices: indicesOf(result.final, prescription),
    beams: beamsOf(result),
  };
}

type Sorted = { readonly name: string; readonly doses: Float64Array };

function histograms(sorted: readonly Sorted[], doseGy: Float32Array): ReportDvh[] {
  const largest = doseGy.reduce((max, gy) => Math.max(max, gy), 0);
  const axis = Float64Array.from({ length: DVH_BINS + 1 }, (_, i) => (i * largest) / DVH_BINS);
  return sorted.map(({ name, doses }) => ({
    structure: name,
    doseGy: axis,
    volumePercent: cumulativeDvh(doses, axis),
  }));
}

function indicesOf(
  { doseGy, structures }: FinalDose,
  prescription: { readonly structure: string; readonly doseGy: number },
): ReportInput['indices'] {
  const target = structures.find(({ name }) => name === prescription.structure);
  if (target === undefined || target.voxels.length === 0) return [];
  const sorted = sortedDoses(doseGy, target.voxels);
  return [
    {
      name: `Conformity of ${target.name}, Paddick`,
      formula: conformityFormulas.Paddick,
      value: conformityIndex('Paddick', doseGy, target.voxels, prescription.doseGy),
    },
    {
      name: `Homogeneity of ${target.name}, ICRU 83`,
      formula: homogeneityFormulas.ICRU83,
      value: homogeneityIndex('ICRU83', sorted, prescription.doseGy),
    },
  ];
}

function beamsOf({
  beams,
  weights,
  monitorUnitsPerWeight,
}: Pick<FluenceResult, 'beams' | 'weights' | 'monitorUnitsPerWeight'>): ReportBeam[] {
  let first = 0;
  return beams.map((beam) => {
    const own = weights.subarray(first, first + beam.xMm.length);
    first += beam.xMm.length;
    const { sumOfPositiveGradients, modulation } = beamComplexity(beam, own);
    const { gantryDeg, couchDeg, beamletMm, xMm, zMm } = beam;
    return {
      ...{ gantryDeg, couchDeg, beamletMm, xMm, zMm, weights: own },
      monitorUnits: sumOfPositiveGradients * monitorUnitsPerWeight,
      complexity: modulation,
    };
  });
}
