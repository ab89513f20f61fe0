import type { Grid } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import {
  type Case,
  findStructure,
  resampleStructures,
  resolveOverlaps,
  type Structure,
  type StructureKind,
} from '../case/index.js';
import type { DoseVoxels } from '../dose/index.js';
import { createObjective, type ObjectiveSpec, type VoxelSet } from '../objectives/index.js';
import type { Term } from './term.js';
import {
  fineZone,
  type SampledStructure,
  type SamplingSpec,
  sampleStructure,
} from './voxel-sampling.js';

/** An objective of a plan; doses per fraction. */
export interface TermSpec {
  readonly structure: string;
  readonly weight: number;
  readonly objective: ObjectiveSpec;
}

/** Who owns a voxel of several structures where the plan does not say: the lowest number. */
export const DEFAULT_PRIORITY: Readonly<Record<StructureKind, number>> = {
  target: 1,
  organ: 2,
  other: 3,
  external: 4,
};

/** The voxels that a cost looks at, and its terms as rows of their dose. */
export interface Terms {
  readonly voxels: DoseVoxels;
  readonly terms: readonly Term[];
}

/**
 * Structures as objectives see them: those with an objective, disjoint by priority, on `grid`.
 *
 * @throws InputError where a structure is unknown or keeps no voxel
 */
export function objectiveStructures(
  patient: Case,
  specs: readonly TermSpec[],
  priorities: Readonly<Record<string, number>>,
  grid: Grid,
): Structure[] {
  const names = [...new Set(specs.map((spec) => spec.structure))];
  const place = (name: string) =>
    `objectives[${specs.findIndex((spec) => spec.structure === name)}].structure`;
  const disjoint = resolveOverlaps(
    names.map((name) => {
      const structure = findStructure(patient, name, place(name));
      return { structure, priority: priorities[name] ?? DEFAULT_PRIORITY[structure.kind] };
    }),
  );
  const resampled = resampleStructures(disjoint, patient.grid, grid);
  for (const { name, voxels } of resampled) {
    if (voxels.length > 0) continue;
    throw new InputError(
      place(name),
      `'${name}' keeps no voxel of the dose grid after overlap priorities; ` +
        'allowed: a structure with voxels of its own, or a finer dose grid',
    );
  }
  return resampled;
}

/** Terms on all voxels of the structures, or on a sample of them. */
export function makeTerms(
  structures: readonly Structure[],
  specs: readonly TermSpec[],
  grid: Grid,
  sampling: SamplingSpec | null,
): Terms {
  const fine = sampling && fineZone(grid, targetsOf(structures), sampling.boundaryMm);
  const sampled = new Map<string, SampledStructure>();
  for (const { name, kind, voxels } of structures) {
    sampled.set(
      name,
      sampling && fine
        ? sampleStructure(grid, voxels, fine, samplingOf(kind, sampling))
        : { voxels, weights: new Float64Array(voxels.length).fill(1) },
    );
  }
  const rowOf = new Int32Array(grid.size[0] * grid.size[1] * grid.size[2]).fill(-1);
  for (const { voxels } of sampled.values()) for (const v of voxels) rowOf[v] = 0;
  const kept: number[] = [];
  rowOf.forEach((flag, v) => {
    if (flag === 0) rowOf[v] = kept.push(v) - 1;
  });
  const terms = specs.map(({ structure, weight, objective }, i): Term => {
    const { voxels, weights } = sampled.get(structure) as SampledStructure;
    const set: VoxelSet = {
      rows: voxels.map((v) => rowOf[v]),
      weights: weights.every((w) => w === 1) ? null : weights,
      total: weights.reduce((sum, w) => sum + w, 0),
    };
    const made = createObjective(objective, `objectives[${i}]`);
    return { structure, weight, objective: made, voxels: set };
  });
  return { voxels: { grid, voxels: Uint32Array.from(kept) }, terms };
}

/** Hot and cold spots hide between the samples of a target: it is thinned out half as much. */
function samplingOf(kind: StructureKind, sampling: SamplingSpec): SamplingSpec {
  return kind === 'target' ? { ...sampling, stride: Math.ceil(sampling.stride / 2) } : sampling;
}

function targetsOf(structures: readonly Structure[]): Uint32Array[] {
  return structures.filter(({ kind }) => kind === 'target').map(({ voxels }) => voxels);
}
