import type { Problem } from '../problem/index.js';

/** Costs of candidates: in one pass where the problem offers that, else one after the other. */
export async function batchValues(
  problem: Problem,
  candidates: readonly Float64Array[],
): Promise<Float64Array> {
  const values = new Float64Array(candidates.length);
  if (problem.batchValue) await problem.batchValue(candidates, values);
  else
    for (const [k, candidate] of candidates.entries()) values[k] = await problem.value(candidate);
  return values;
}
