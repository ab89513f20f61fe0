/**
 * What a dose for an OpenKBP patient is judged by, the same for every dose: the clinical criteria
 * used with that data set (Babier et al., Med Phys 48:5549, 2021), on raw masks and the full grid,
 * and what a plan has to keep to be no worse than the reference dose that came with the patient.
 */
import type { Case } from '@isola/planning/case';
import {
  doseAtVolumeCcGy,
  doseAtVolumePercentGy,
  meanDoseGy,
  sortedDoses,
} from '@isola/planning/metrics';

type CriterionMetric = 'D0.1cc' | 'Dmean' | 'D99%';

interface Limit {
  readonly structure: string;
  readonly metric: CriterionMetric;
  readonly operator: '<=' | '>=';
  readonly limitGy: number;
}

/** A clinical criterion, and what a dose makes of it. */
export interface Criterion extends Limit {
  readonly valueGy: number;
  readonly isMet: boolean;
}

/** What a target gets: the dose of its coldest and of its hottest percent. */
export interface TargetDose {
  readonly structure: string;
  readonly d99Gy: number;
  readonly d1Gy: number;
}

export interface Evaluation {
  readonly criteria: readonly Criterion[];
  readonly targets: readonly TargetDose[];
  /** Least dose of the hottest cubic centimetre inside the patient and outside all targets. */
  readonly d1ccOutsideTargetsGy: number;
}

/** A number that a plan has to keep, because of the reference dose. */
export interface Tolerance {
  readonly name: string;
  readonly operator: '<=' | '>=';
  readonly referenceGy: number;
  /** The reference's with the tolerance on it. */
  readonly limitGy: number;
  readonly valueGy: number;
  readonly isKept: boolean;
}

const CRITERIA: readonly Limit[] = [
  { structure: 'PTV70', metric: 'D99%', operator: '>=', limitGy: 66.5 },
  { structure: 'PTV63', metric: 'D99%', operator: '>=', limitGy: 59.9 },
  { structure: 'PTV56', metric: 'D99%', operator: '>=', limitGy: 53.2 },
  { structure: 'Brainstem', metric: 'D0.1cc', operator: '<=', limitGy: 50 },
  { structure: 'SpinalCord', metric: 'D0.1cc', operator: '<=', limitGy: 45 },
  { structure: 'Mandible', metric: 'D0.1cc', operator: '<=', limitGy: 73.5 },
  { structure: 'LeftParotid', metric: 'Dmean', operator: '<=', limitGy: 26 },
  { structure: 'RightParotid', metric: 'Dmean', operator: '<=', limitGy: 26 },
  { structure: 'Larynx', metric: 'Dmean', operator: '<=', limitGy: 45 },
  { structure: 'Esophagus', metric: 'Dmean', operator: '<=', limitGy: 45 },
];

const TARGETS = ['PTV70', 'PTV63', 'PTV56'];
const D99_BELOW_REFERENCE_GY = 0.5;
const HOT_ABOVE_REFERENCE_GY = 1;

/**
 * Criteria of the structures that the patient has, in the order of the table above.
 * @param doseGy for the whole course, one a voxel of the patient's grid
 */
export function evaluateDose(patient: Case, doseGy: Float32Array): Evaluation {
  if (doseGy.length !== patient.hu.length) {
    throw new Error(`a dose of ${doseGy.length} voxels for a grid of ${patient.hu.length}`);
  }
  const voxelCc = patient.grid.spacingMm.reduce((volume, mm) => volume * mm, 1) / 1000;
  const dosesOf = (name: string) => {
    const structure = patient.structures.find((candidate) => candidate.name === name);
    return structure && sortedDoses(doseGy, structure.voxels);
  };
  const outside = sortedDoses(doseGy, outsideTargets(patient));
  return {
    criteria: CRITERIA.flatMap((limit) => {
      const sorted = dosesOf(limit.structure);
      return sorted === undefined ? [] : [judge(limit, sorted, voxelCc)];
    }),
    targets: TARGETS.flatMap((structure) => {
      const sorted = dosesOf(structure);
      if (sorted === undefined) return [];
      const [d99Gy, d1Gy] = [99, 1].map((percent) => doseAtVolumePercentGy(sorted, percent));
      return [{ structure, d99Gy, d1Gy }];
    }),
    d1ccOutsideTargetsGy: doseAtVolumeCcGy(outside, 1, voxelCc, 'whole-voxels'),
  };
}

function judge(limit: Limit, sorted: Float64Array, voxelCc: number): Criterion {
  const valueGy = {
    'D0.1cc': () => doseAtVolumeCcGy(sorted, 0.1, voxelCc, 'openkbp'),
    Dmean: () => meanDoseGy(sorted),
    'D99%': () => doseAtVolumePercentGy(sorted, 99),
  }[limit.metric]();
  const isMet = limit.operator === '<=' ? valueGy <= limit.limitGy : valueGy >= limit.limitGy;
  return { ...limit, valueGy, isMet };
}

function outsideTargets({ structures }: Case): Uint32Array {
  const inTargets = new Set<number>();
  for (const { name, voxels } of structures) {
    if (TARGETS.includes(name)) for (const v of voxels) inTargets.add(v);
  }
  const external = structures.find(({ name }) => name === 'External');
  if (external === undefined) throw new Error('an OpenKBP patient has the structure External');
  return external.voxels.filter((v) => !inTargets.has(v));
}

export function countMet({ criteria }: Evaluation): number {
  return criteria.filter(({ isMet }) => isMet).length;
}

/** Criteria of `ours` that are broken though the reference keeps them. */
export function newlyBroken(ours: Evaluation, reference: Evaluation): Criterion[] {
  return ours.criteria.filter(({ isMet }, i) => !isMet && reference.criteria[i].isMet);
}

/**
 * Of each target, D99% at most 0.5 Gy below the reference's and D1% at most 1 Gy above it; of what
 * lies outside the targets, D1cc at most 1 Gy above it.
 */
export function tolerances(ours: Evaluation, reference: Evaluation): Tolerance[] {
  const atLeast = (name: string, valueGy: number, referenceGy: number): Tolerance => {
    const limitGy = referenceGy - D99_BELOW_REFERENCE_GY;
    return { name, operator: '>=', referenceGy, limitGy, valueGy, isKept: valueGy >= limitGy };
  };
  const atMost = (name: string, valueGy: number, referenceGy: number): Tolerance => {
    const limitGy = referenceGy + HOT_ABOVE_REFERENCE_GY;
    return { name, operator: '<=', referenceGy, limitGy, valueGy, isKept: valueGy <= limitGy };
  };
  const [own, given] = [ours.d1ccOutsideTargetsGy, reference.d1ccOutsideTargetsGy];
  return [
    ...ours.targets.flatMap(({ structure, d99Gy, d1Gy }, i) => [
      atLeast(`${structure} D99%`, d99Gy, reference.targets[i].d99Gy),
      atMost(`${structure} D1%`, d1Gy, reference.targets[i].d1Gy),
    ]),
    atMost('outside the targets D1cc', own, given),
  ];
}
