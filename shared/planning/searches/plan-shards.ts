/**
 * The shards of a plan's cost: each has some voxels, and the dose influence of all beamlets on
 * them. They are built when they are first asked for, and kept.
 */
import { doseInfluence, doseMap, prepareDose, restrictDose } from '../dose/index.js';
import { sumsMerged } from '../objectives/index.js';
import {
  type AllShards,
  answersMerged,
  FluenceShard,
  type Merge,
  mergedLeaves,
  mergedNodes,
  mergedRanges,
  nodesOf,
  roundsOf,
  type ShardAnswer,
  type ShardRange,
  shardTerms,
  type Terms,
  toldCount,
} from '../problem/index.js';
import { doseSpec } from './final-dose.js';
import type { InfluenceSizes } from './optimum.js';
import { beamletCount, type ShardedPlan } from './sharded-plan.js';

/** The step before step 0 of `FluenceShard`: shards are built, and answer what they hold. */
export const BUILD = -1;

/** Answered to `BUILD`. */
const SIZES = 4;

interface BuiltShard {
  readonly shard: FluenceShard;
  /** Rows, nonzeros and bytes of its dose influence, and its reach. */
  readonly sizes: Float64Array;
}

/** Shards that share what belongs to their beams while they are built. */
const BUILT_TOGETHER = 4;

export class PlanShards implements AllShards {
  private readonly terms: Terms;
  private readonly built = new Map<number, BuiltShard>();

  constructor(private readonly plan: ShardedPlan) {
    this.terms = plan.costs.main;
  }

  async ask(step: number, brought: Float64Array): Promise<Float64Array> {
    const merged = this.merged(step, await this.answer(this.all(), step, brought));
    if (merged === null) throw new Error('all shards answer');
    return merged;
  }

  /** What the shards of a range answer to a step, merged as far as it can be here. */
  async answer(range: ShardRange, step: number, brought: Float64Array): Promise<ShardAnswer[]> {
    if (step === BUILD) await this.build(range);
    const leaf = async (index: number) => {
      const { shard, sizes } = this.shard(index);
      return step === BUILD ? sizes : shard.answer(step, brought);
    };
    const answers: ShardAnswer[] = [];
    for (const part of this.parts(range, step)) {
      answers.push({ ...part, numbers: await mergedLeaves(part, leaf, this.merge(step)) });
    }
    return answers;
  }

  /** Whether answers are those of a range to a step, by their parts and how many numbers. */
  fits(range: ShardRange, step: number, answers: readonly ShardAnswer[]): boolean {
    const parts = this.parts(range, step);
    const count = this.count(step);
    return (
      answers.length === parts.length &&
      answers.every(
        ({ from, to, numbers }, i) =>
          from === parts[i].from && to === parts[i].to && numbers.length === count,
      )
    );
  }

  /** What parts of the shards answer to a step, as one; null where a part is missing. */
  merged(step: number, answers: readonly ShardAnswer[]): Float64Array | null {
    const mergedParts = this.isExact(step) ? mergedRanges : mergedNodes;
    return mergedParts(this.all(), answers, this.merge(step));
  }

  /** Forgets all shards but these. */
  keep({ from, to }: ShardRange): void {
    for (const index of this.built.keys()) {
      if (index < from || index >= to) this.built.delete(index);
    }
  }

  private all(): ShardRange {
    return { from: 0, to: this.plan.spec.shards };
  }

  /** What shards of a range answer for together. */
  private parts(range: ShardRange, step: number): ShardRange[] {
    return this.isExact(step) ? [range] : nodesOf(range, this.plan.spec.shards);
  }

  /** How many numbers are answered to a step. */
  private count(step: number): number {
    if (step === BUILD) return SIZES;
    return this.isExact(step) ? beamletCount(this.plan) : toldCount(this.terms.terms, step);
  }

  /** Sums of gradients are exact, of other numbers they are not. */
  private isExact(step: number): boolean {
    return step === roundsOf(this.terms.terms);
  }

  private merge(step: number): Merge {
    if (step === BUILD) return sumsMerged;
    return (one, other) => answersMerged(this.terms.terms, step, one, other);
  }

  private shard(index: number): BuiltShard {
    const built = this.built.get(index);
    if (built === undefined) throw new Error(`shard ${index} was not built`);
    return built;
  }

  private async build({ from, to }: ShardRange): Promise<void> {
    const missing = Array.from({ length: to - from }, (_, i) => from + i).filter(
      (index) => !this.built.has(index),
    );
    for (let first = 0; first < missing.length; first += BUILT_TOGETHER) {
      await this.buildTogether(missing.slice(first, first + BUILT_TOGETHER));
    }
  }

  private async buildTogether(indices: readonly number[]): Promise<void> {
    const { spec, executor, beams } = this.plan;
    const parts = indices.map((index) => shardTerms(this.terms, index, spec.shards));
    const { grid } = this.terms.voxels;
    const all = parts.flatMap(({ voxels }) => Array.from(voxels.voxels));
    const voxels = { grid, voxels: Uint32Array.from(all).sort() };
    const prepared = await prepareDose(doseSpec(spec, beams, voxels), executor);
    for (const [i, index] of indices.entries()) {
      const own = restrictDose(prepared, parts[i].voxels.voxels);
      const influence = await doseInfluence(own, executor);
      const { rows, nonzeros, byteLength } = influence;
      const shard = new FluenceShard(doseMap(influence), parts[i].terms);
      const sizes = Float64Array.of(rows, nonzeros, byteLength, await shard.reach());
      this.built.set(index, { shard, sizes });
    }
  }
}

/** What all shards answered to `BUILD`, in words. */
export function shardSizes(
  [rows, nonzeros, byteLength, reach]: Float64Array,
  columns: number,
): { influence: InfluenceSizes; reach: number } {
  return { influence: { rows, columns, nonzeros, byteLength }, reach };
}
