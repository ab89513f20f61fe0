import { max, roundToUnit } from '@isola/kernels/vector';
import type { DoseMap } from '../dose/index.js';
import type { Term } from './term.js';
import { joined, roundsOf, toldOf } from './told-numbers.js';

/**
 * A shard of a fluence problem: some of its voxels, with all beamlets. It is asked in steps. Step 0
 * brings beamlet weights, and the shard answers with what the terms tell of its dose; each step
 * after it brings what all shards have told in the step before. The answer to the last one, step
 * `roundsOf(terms)`, is the shard's part of the gradient. That step brings also a unit, behind what
 * was told: parts are whole multiples of it, so they have one sum in whatever order they are added.
 */
export class FluenceShard {
  private readonly dose: Float32Array;
  private readonly cotangent: Float32Array;
  private weights: Float64Array = new Float64Array(0);
  /** By round, then by term: what all shards have told. */
  private heard: Float64Array[][] = [];

  constructor(
    private readonly map: DoseMap,
    readonly terms: readonly Term[],
  ) {
    this.dose = new Float32Array(map.outputSize);
    this.cotangent = new Float32Array(map.outputSize);
  }

  /** Steps are asked in order; a step 0 may come at any time. */
  async answer(step: number, brought: Float64Array): Promise<Float64Array> {
    if (step === 0) {
      this.weights = brought;
      this.heard = [];
      await this.map.apply(brought, this.dose);
    } else {
      if (this.heard.length !== step - 1) throw new Error(`step ${step} is not the next one`);
      this.heard.push(toldOf(this.terms, step - 1, brought));
    }
    if (step < roundsOf(this.terms)) return this.tell(step);
    return this.gradient(brought[brought.length - 1]);
  }

  /**
   * The dose that the beamlet which gives most gives to all voxels together, each as often as a
   * term weighs it at most. Times the largest derivative by a dose, it bounds every derivative by a
   * weight.
   */
  async reach(): Promise<number> {
    const { terms, cotangent, map } = this;
    cotangent.fill(0);
    for (const { voxels } of terms) {
      voxels.rows.forEach((row, i) => {
        cotangent[row] = Math.max(cotangent[row], voxels.weights?.[i] ?? 1);
      });
    }
    const given = new Float64Array(map.inputSize);
    await map.pullback(given, cotangent, given);
    return max(given);
  }

  private tell(round: number): Float64Array {
    const { terms, dose } = this;
    return joined(
      terms.map(({ objective, voxels }, t) =>
        round < objective.told.length
          ? objective.tell(this.heardBy(t), dose, voxels)
          : new Float64Array(0),
      ),
    );
  }

  private async gradient(unit: number): Promise<Float64Array> {
    const { terms, dose, cotangent, map } = this;
    cotangent.fill(0);
    terms.forEach(({ weight, objective, voxels }, t) => {
      objective.addGradient(this.heardBy(t), dose, voxels, weight, cotangent);
    });
    const gradient = new Float64Array(map.inputSize);
    await map.pullback(this.weights, cotangent, gradient);
    roundToUnit(gradient, unit);
    return gradient;
  }

  private heardBy(term: number): Float64Array[] {
    return this.heard.map((numbers) => numbers[term]);
  }
}
