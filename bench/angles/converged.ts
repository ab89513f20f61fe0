/** What the fluence of a set of beams costs on all voxels. */
import type { Executor, SparseMatrix } from '@isola/kernels/backends';
import { lbfgsb, minimise } from '@isola/optimizers/algorithms';
import { scaledProblem } from '@isola/optimizers/problem';
import type { BeamAngles } from '@isola/planning/beams';
import { doseGridOf, doseInfluence, doseMap, prepareDose } from '@isola/planning/dose';
import {
  fluenceProblem,
  makeTerms,
  objectiveStructures,
  type Term,
  typicalCurvature,
} from '@isola/planning/problem';
import { type BeamSet, doseSpec, type FluenceSpec, planBeams } from '@isola/planning/searches';

export interface AllVoxelCosts {
  /** At the weights that the search left the set with. */
  readonly found: number;
  /** Of the set: the optimiser went on until ten iterations gained less than 1 part in 20,000. */
  readonly optimum: number;
}

/** Costs of a set on all voxels; the fluence of each set is optimised once. */
export class Converged {
  private readonly known = new Map<string, AllVoxelCosts>();

  constructor(
    private readonly fluence: FluenceSpec,
    private readonly candidates: readonly BeamAngles[],
    private readonly executor: Executor,
  ) {}

  async costs(set: BeamSet): Promise<AllVoxelCosts> {
    const key = String(set.beams);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const costs = await this.compute(set);
    this.known.set(key, costs);
    return costs;
  }

  private async compute({ beams, weights }: BeamSet): Promise<AllVoxelCosts> {
    const angles = Array.from(beams, (beam) => this.candidates[beam]);
    const spec = { ...this.fluence, angles };
    const { patient, doseGridMm, objectives, priorities } = spec;
    const grid = doseGridMm === 'case' ? patient.grid : doseGridOf(patient.grid, doseGridMm);
    const structures = objectiveStructures(patient, objectives, priorities, grid);
    const { voxels, terms } = makeTerms(structures, objectives, grid, null);
    const planned = planBeams(spec);
    const prepared = await prepareDose(doseSpec(spec, planned.beams, voxels), this.executor);
    const influence = await doseInfluence(prepared, this.executor);
    const problem = fluenceProblem(doseMap(influence), terms);
    const start = Float64Array.from(weights);
    const found = await problem.value(start);
    const { value } = await minimise(
      lbfgsb(),
      scaledProblem(problem, await columnScale(influence, terms)),
      start,
      { maxIterations: 400, windowTolerance: 5e-5 },
    );
    return { found, optimum: value };
  }
}

/** Units of the weights in which the cost curves less unevenly. */
async function columnScale(influence: SparseMatrix, terms: readonly Term[]): Promise<Float64Array> {
  const sums = new Float64Array(influence.columns);
  await influence.multiplyTransposed(typicalCurvature(terms, influence.rows), sums);
  const least = 0.1 * sums.toSorted()[Math.floor(sums.length / 2)];
  return sums.map((sum) => 1 / Math.sqrt(Math.max(sum, least)));
}
