/** The cost that a plan's weights are optimised by: its terms, and where they look. */
import type { Grid } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { findStructure, type Structure } from '../case/index.js';
import { doseGridOf } from '../dose/index.js';
import {
  makeTerms,
  objectiveStructures,
  type SamplingSpec,
  type Term,
  type Terms,
} from '../problem/index.js';
import type { FluenceSpec } from './fluence-spec.js';

export interface PlanCosts {
  readonly structures: readonly Structure[];
  readonly grid: Grid;
  /** The cost that is minimised. */
  readonly main: Terms;
  /** With two-level the coarse twin. */
  readonly coarse: Terms | null;
  /** The term of the prescribed structure. */
  readonly prescribed: Term;
}

/** @throws InputError for structures that are unknown, empty, or prescribed without an objective */
export function planCosts(spec: FluenceSpec): PlanCosts {
  const { patient, objectives, priorities, prescription, doseGridMm } = spec;
  const target = findStructure(patient, prescription.structure, 'prescription.structure');
  const grid = doseGridMm === 'case' ? patient.grid : doseGridOf(patient.grid, doseGridMm);
  const structures = objectiveStructures(patient, objectives, priorities, grid);
  const main = makeTerms(structures, objectives, grid, mainSampling(spec));
  const isTwoLevel = spec.method === 'two-level';
  const coarse = isTwoLevel ? makeTerms(structures, objectives, grid, spec.sampling) : null;
  const prescribed = main.terms.find(({ structure }) => structure === target.name);
  if (prescribed === undefined) {
    throw new InputError(
      'prescription.structure',
      `'${target.name}' has no objective; allowed: a structure with one`,
    );
  }
  return { structures, grid, main, coarse, prescribed };
}

/** How the voxels of the cost are sampled; null where it looks at all. */
export function mainSampling({ method, sampling }: FluenceSpec): SamplingSpec | null {
  return method === 'two-level' ? null : sampling;
}

/** Dose per fraction that the prescribed structure is to get. */
export function prescribedGy({ prescription, fractions }: FluenceSpec): number {
  return prescription.doseGy / fractions;
}

/** Thrown where no weights give the prescribed structure a dose. */
export function unreached({ prescription }: FluenceSpec, { grid }: PlanCosts): InputError {
  const target = `'${prescription.structure}'`;
  return new InputError('beams', `no beam reaches ${target} on a grid of ${grid.size}`);
}
