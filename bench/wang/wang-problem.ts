/** A case as an optimisation: beamlets, dose influence, F, and the stop rule on its dose. */
import type { Executor, SparseMatrix } from '@isola/kernels/backends';
import type { Beam } from '@isola/planning/beams';
import { type Case, findStructure } from '@isola/planning/case';
import { type DoseSpec, doseInfluence, prepareDose } from '@isola/planning/dose';
import { machineByName } from '@isola/planning/machines';
import {
  makeTerms,
  objectiveStructures,
  type SharedFluence,
  shareFluence,
  type Term,
  type TermSpec,
  uniformStart,
} from '@isola/planning/problem';
import { equispacedFields } from './beamlets.js';
import { TARGET, type WangCase } from './cases.js';
import { LARGEST_WEIGHT } from './settings.js';
import type { StructureRows } from './stop-rule.js';

/** Gy per fraction. F is in parts of it, so only its order matters: that of a usual fraction. */
export const PRESCRIBED_GY = 2;
const BEAMLET_MM = 5;
/** How far beyond its edge a beamlet gives dose: 98 % of the target's dose with 50 mm. */
const LATERAL_CUTOFF_MM = 20;

export interface WangProblem {
  readonly wangCase: WangCase;
  /** How many there are. */
  readonly fields: number;
  readonly influence: SparseMatrix;
  /** Their sum is F: mean over the structure of alpha ((D - D_opt) / D_prescribed)^2, each. */
  readonly terms: readonly Term[];
  /** The same for threads. */
  readonly shared: SharedFluence;
  readonly rows: StructureRows;
  /** The same weight for all, the target's mean dose as prescribed. */
  readonly uniform: Float64Array;
  /** The largest weights that are searched. */
  readonly upper: Float64Array;
}

/** Everything about a case that is not measured. */
export async function wangProblem(wangCase: WangCase, executor: Executor): Promise<WangProblem> {
  const patient = wangCase.build();
  const specs = termSpecs(wangCase);
  const structures = objectiveStructures(patient, specs, {}, patient.grid);
  const { voxels, terms } = makeTerms(structures, specs, patient.grid, null);
  const beams = fieldsOf(wangCase, patient);
  const spec: DoseSpec = {
    ...{ patient, voxels, machine: machineByName('generic-6mv'), matrad: null },
    ...{ beams, lateralCutoffMm: LATERAL_CUTOFF_MM },
  };
  const influence = await doseInfluence(await prepareDose(spec, executor), executor);
  const rows = new Map(terms.map((term) => [term.structure, term.voxels.rows]));
  const unit = new Float32Array(influence.rows);
  await influence.multiply(new Float64Array(influence.columns).fill(1), unit);
  const target = rows.get(TARGET) as Uint32Array;
  const uniform = uniformStart(influence.columns, unit, target, PRESCRIBED_GY);
  const upper = uniform.map((weight) => LARGEST_WEIGHT * weight);
  const data = terms.map((term, i) => ({ ...term, objective: specs[i].objective }));
  const shared = shareFluence(influence, data);
  const fields = beams.length;
  return { wangCase, fields, influence, terms, shared, rows, uniform, upper };
}

/** The fields with as many beamlets as were published. */
function fieldsOf({ published }: WangCase, patient: Case): Beam[] {
  const { sadMm } = machineByName('generic-6mv');
  const { fields, variables } = published;
  const { voxels } = findStructure(patient, TARGET, 'target');
  return equispacedFields(patient, voxels, {
    ...{ fields, beamlets: variables, beamletMm: BEAMLET_MM, sadMm },
  });
}

function termSpecs({ limits }: WangCase): TermSpec[] {
  const weight = 1 / (PRESCRIBED_GY * PRESCRIBED_GY);
  const target = { type: 'squared-deviation', dosePerFractionGy: PRESCRIBED_GY } as const;
  return [
    { structure: TARGET, weight, objective: target },
    ...limits.map(({ organ, dosePart }): TermSpec => {
      const dosePerFractionGy = dosePart * PRESCRIBED_GY;
      return {
        ...{ structure: organ, weight },
        objective: { type: 'squared-overdosing', dosePerFractionGy },
      };
    }),
  ];
}
