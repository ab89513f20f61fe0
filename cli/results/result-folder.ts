/** The files of a result: what is in them, and when they are written. */
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { doseNifti } from '@isola/formats/nifti';
import { canonicalJson, type Plan } from '@isola/formats/plan';
import { STATUS_ADVICE } from '@isola/optimizers/algorithms';
import { InputError } from '@isola/optimizers/problem';
import type { FluenceResult } from '@isola/planning/searches';
import { dvhCsv, type ReportInput, renderReport } from '@isola/reporting';
import type { LoadedPlan } from '../inputs/load-plan.js';
import { version } from '../version.js';
import { planHash } from './plan-hash.js';
import type { Summary } from './summary.js';

/** Seconds that each phase took. */
export type Timings = readonly { readonly phase: string; readonly seconds: number }[];

/** What the result is, and is not; on every page and in every file. */
export const NOTES = [
  'Not for clinical use.',
  'Ideal fluence, not yet deliverable: no leaf sequence has been made of it.',
  'Doses are Gy for the whole course; monitor units are per fraction, for a sliding window.',
];

/**
 * Is there a place to write? Asked before the work begins; writes nothing.
 * @throws InputError where the folder cannot be made
 */
export function checkWritable(folder: string): void {
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    throw new InputError('--out', `${folder} cannot be written; allowed: a writable folder`);
  }
}

/** The content of result.json. */
export function resultJson(
  loaded: LoadedPlan,
  result: FluenceResult,
  summary: Summary,
  timings: Timings,
) {
  const { minimum, influence, sampling, terms, final, normalisationFactor } = result;
  return {
    format: 'isola-result/1',
    notes: NOTES,
    planHash: planHash(result.weights, final.doseGy),
    status: minimum.status,
    advice: STATUS_ADVICE[minimum.status],
    objective: minimum.value,
    iterations: minimum.iterations,
    evaluations: minimum.evaluations,
    trace: minimum.trace,
    terms,
    sampling,
    normalisationFactor,
    goals: summary.goals,
    metrics: summary.metrics,
    indices: summary.indices,
    beams: summary.beams.map(({ gantryDeg, couchDeg, weights, monitorUnits, complexity }) => ({
      ...{ gantryDeg, couchDeg, beamlets: weights.length, monitorUnits, complexity },
    })),
    influence,
    timings,
    versions: versions(),
    plan: JSON.parse(canonicalJson(loaded.plan)) as Plan,
  };
}

export type ResultJson = ReturnType<typeof resultJson>;

function versions(): Record<string, string> {
  return { isola: version, node: process.versions.node, kernels: 'wasm-simd' };
}

/** Writes the result's files into `folder`. */
export function writeResult(
  folder: string,
  loaded: LoadedPlan,
  result: FluenceResult,
  summary: Summary,
  json: ResultJson,
): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string | Uint8Array) =>
    writeFileSync(join(folder, name), content);
  const { doseGy, voxels } = result.final;
  write('dose.nii.gz', doseNifti(doseGy, voxels.grid));
  write('dvh.csv', dvhCsv(summary.dvhs));
  write('fluence.json', fluenceJson(result));
  write('report.html', renderReport(reportInput(loaded, result, summary, json)));
  write('result.json', `${JSON.stringify(json, null, 2)}\n`);
}

/** Beamlets and weights, for `isola dose` and other programs. */
function fluenceJson({ beams, weights, monitorUnitsPerWeight }: FluenceResult): string {
  let first = 0;
  const content = {
    format: 'isola-fluence/1',
    notes: NOTES,
    monitorUnitsPerWeight,
    beams: beams.map((beam) => {
      const own = weights.subarray(first, first + beam.xMm.length);
      first += beam.xMm.length;
      const { xMm, zMm, ...rest } = beam;
      return {
        ...rest,
        xMm: Array.from(xMm),
        zMm: Array.from(zMm),
        weights: Array.from(own),
      };
    }),
  };
  return `${JSON.stringify(content)}\n`;
}

function reportInput(
  { plan, spec }: LoadedPlan,
  { minimum, terms, isocenterMm, final }: FluenceResult,
  summary: Summary,
  json: ResultJson,
): ReportInput {
  const { patient, machine } = spec;
  return {
    title: `Plan for ${patient.name}`,
    caseName: patient.name,
    machineName: machine.name,
    prescription: plan.prescription,
    fractions: plan.fractions,
    notes: NOTES,
    grid: patient.grid,
    hu: patient.hu,
    doseGrid: final.voxels.grid,
    doseGy: final.doseGy,
    structures: patient.structures,
    dvhs: summary.dvhs,
    metrics: summary.metrics,
    goals: summary.goals.map(({ goal, value, unit, limit, met }) => ({
      ...{ text: goal, value, unit, limit, met },
    })),
    beams: summary.beams,
    convergence: minimum.trace.map((value, iteration) => ({ iteration, value })),
    optimiser: {
      status: minimum.status,
      advice: STATUS_ADVICE[minimum.status],
      iterations: minimum.iterations,
      objective: minimum.value,
      terms,
    },
    isocentreMm: isocenterMm,
    reproducibility: { planHash: json.planHash, seed: plan.seed, versions: json.versions },
    timings: json.timings,
    indices: summary.indices,
  };
}
