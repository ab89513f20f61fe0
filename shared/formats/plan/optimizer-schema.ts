/** How the weights of the beamlets are found. */
import * as z from 'zod';
import { integer, map, number, oneOf, problemIn, refuse } from './fields.js';

const SHARD_COUNTS = [1, 2, 4, 8, 16, 32, 64] as const;

export const optimizerSchema = map({
  method: oneOf(['lbfgsb', 'projected-gradient', 'two-level'])
    .default('lbfgsb')
    .describe('two-level: most iterations on sampled voxels, each corrected on all voxels.'),
  maxIterations: integer({ min: 1, max: 1_000_000 }).default(200),
  tolerance: number({ above: 0, below: 1 })
    .default(2e-3)
    .describe('Ends when ten iterations lower the cost by no more than this part of it.'),
  shards: z
    .literal(SHARD_COUNTS, { error: refuse(SHARD_COUNTS.join(', ')) })
    .default(1)
    .describe(
      'Parts of the voxels, for workers that optimise together; the last bits depend on it.',
    ),
})
  .prefault({})
  .describe('How the weights are found, and when it ends.');

/** Only one matrix has coarse twins, and sets of beams are judged on one. */
export function checkShards(
  plan: {
    readonly optimizer: z.output<typeof optimizerSchema>;
    readonly search: { readonly method: string };
  },
  context: z.RefinementCtx,
): void {
  const { optimizer, search } = plan;
  if (optimizer.shards === 1) return;
  const problem = problemIn(context);
  const place = ['optimizer', 'shards'];
  if (optimizer.method === 'two-level') {
    problem(place, `is ${optimizer.shards}; allowed with two-level: 1`);
  } else if (search.method !== 'fluence') {
    problem(place, `is ${optimizer.shards}; allowed with search method ${search.method}: 1`);
  }
}
