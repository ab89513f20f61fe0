import type { Executor } from '@isola/kernels/backends';
import type { BeamAngles } from '@isola/planning/beams';
import { type BeamSet, doseOfWeights, planBeams } from '@isola/planning/searches';
import type { LoadedPlan } from '@isola/worker/plans';
import { summarise } from '../results/summary.js';

/**
 * The goals that the best set of beams so far meets, for the progress line. Looked at one set at a
 * time, beside the search; nothing depends on it.
 */
export class GoalsSoFar {
  private best: BeamSet | null = null;
  private shown: { readonly value: number; readonly met: number } | null = null;
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;

  constructor(
    private readonly loaded: LoadedPlan,
    private readonly candidates: readonly BeamAngles[],
    private readonly executor: Executor,
  ) {}

  offer(set: BeamSet): void {
    if (set.value >= (this.best?.value ?? Infinity)) return;
    this.best = set;
    if (this.loaded.goals.length === 0 || this.isRunning) return;
    this.isRunning = true;
    this.running = this.look().finally(() => {
      this.isRunning = false;
    });
  }

  /** For example `, best cost 12.521, 4 of 5 goals met`. */
  text(): string {
    if (this.best === null) return '';
    const { length } = this.loaded.goals;
    const goals = this.shown === null ? '' : `, ${this.shown.met} of ${length} goals met`;
    return `, best cost ${this.best.value.toPrecision(5)}${goals}`;
  }

  /** Nothing of it runs any more. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async look(): Promise<void> {
    while (this.best !== null && this.best.value !== this.shown?.value) {
      const { beams, weights, value } = this.best;
      const { spec, goals, plan } = this.loaded;
      const angles = Array.from(beams, (beam) => this.candidates[beam]);
      const withAngles = { ...spec, angles };
      const plain = Float64Array.from(weights);
      const dose = await doseOfWeights(withAngles, planBeams(withAngles), plain, this.executor);
      const met = summarise(dose, goals, plan.prescription).goals.filter((goal) => goal.met).length;
      this.shown = { value, met };
    }
  }
}
