import { relative, resolve, sep } from 'node:path';
import { canonicalJson, type Plan } from '@isola/formats/plan';
import type { ResultJson } from '@isola/formats/result';
import { STATUS_ADVICE } from '@isola/optimizers/algorithms';
import type { FluenceResult, SearchSummary } from '@isola/planning/searches';
import type { LoadedPlan } from '@isola/worker/plans';
import type { Timings } from '../terminal/session.js';
import { version } from '../version.js';
import { planHash } from './plan-hash.js';
import type { Summary } from './summary.js';

/** What the result is, and is not; on every page and in every file. */
export const NOTES = [
  'Not for clinical use.',
  'Ideal fluence, not yet deliverable: no leaf sequence has been made of it.',
  'Doses are Gy for the whole course; monitor units are per fraction, for a sliding window.',
];

/**
 * The content of the result.json in `folder`.
 * @param search how the beam angles were found; null where they were given
 */
export function resultJson(
  folder: string,
  { path, plan }: LoadedPlan,
  result: FluenceResult,
  summary: Summary,
  timings: Timings,
  search: SearchSummary | null,
): ResultJson {
  const { minimum, influence, sampling, terms, final, normalisationFactor } = result;
  return {
    format: 'isola-result/1',
    notes: NOTES,
    planHash: planHash(result.weights, final.doseGy),
    status: minimum.status,
    advice: STATUS_ADVICE[minimum.status],
    objective: finite(minimum.value),
    iterations: minimum.iterations,
    evaluations: minimum.evaluations,
    trace: [...minimum.trace],
    terms: terms.map((term) => ({ ...term, value: finite(term.value) })),
    sampling: sampling && { ...sampling, costOnAllVoxels: finite(sampling.costOnAllVoxels) },
    normalisationFactor,
    ...(search && { search }),
    ...judgement(summary),
    influence,
    timings: [...timings],
    versions: versions(),
    planFile: relative(resolve(folder), resolve(path)).split(sep).join('/'),
    plan: JSON.parse(canonicalJson(plan)) as Plan,
  };
}

/** What the dose is worth, as JSON. */
export function judgement({ goals, metrics, indices, beams }: Summary) {
  return {
    goals: goals.map((goal) => ({ ...goal, value: finite(goal.value) })),
    metrics: [...metrics],
    indices: indices.map((index) => ({ ...index, value: finite(index.value) })),
    beams: beams.map(({ gantryDeg, couchDeg, weights, monitorUnits, complexity }) => ({
      ...{ gantryDeg, couchDeg, beamlets: weights.length, monitorUnits, complexity },
    })),
  };
}

/** What a result depends on. */
export function versions(): Record<string, string> {
  return { isola: version, node: process.versions.node, kernels: 'wasm-simd' };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
