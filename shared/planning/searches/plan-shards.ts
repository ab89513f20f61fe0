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
  mergedLeaves,
  type ShardRange,
  shardTerms,
  type Terms,
} from '../problem/index.js';
import { doseSpec } from './final-dose.js';
import type { InfluenceSizes } from './optimum.js';
import type { ShardedPlan } from './sharded-plan.js';

/** The step before step 0 of `FluenceShard`: shards are built, and answer what they hold. */
export const BUILD = -1;

interface BuiltShard {
  readonly shard: FluenceShard;
  /** Rows, nonzeros and bytes of its dose influence. */
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

  ask(step: number, brought: Float64Array): Promise<Float64Array> {
    return this.answer({ from: 0, to: this.plan.spec.shards }, step, brought);
  }

  /** What the shards of a node of the tree answer to a step, merged. */
  async answer(node: ShardRange, step: number, brought: Float64Array): Promise<Float64Array> {
    if (step === BUILD) await this.build(node);
    return mergedLeaves(
      node,
      async (index) => {
        const { shard, sizes } = this.shard(index);
        return step === BUILD ? sizes : shard.answer(step, brought);
      },
      (one, other) => this.merged(step, one, other),
    );
  }

  /** What two parts of the shards answer to a step, as one. */
  merged(step: number, one: Float64Array, other: Float64Array): Float64Array {
    if (step === BUILD) return sumsMerged(one, other);
    return answersMerged(this.terms.terms, step, one, other);
  }

  /** Forgets all shards but these. */
  keep({ from, to }: ShardRange): void {
    for (const index of this.built.keys()) {
      if (index < from || index >= to) this.built.delete(index);
    }
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
      this.built.set(index, {
        shard: new FluenceShard(doseMap(influence), parts[i].terms),
        sizes: Float64Array.of(rows, nonzeros, byteLength),
      });
    }
  }
}

/** The answer to `BUILD`, in words. */
export function influenceSizes(
  [rows, nonzeros, byteLength]: Float64Array,
  columns: number,
): InfluenceSizes {
  return { rows, columns, nonzeros, byteLength };
}
