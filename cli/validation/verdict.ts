/** Which errors are small enough, and what a reader gets to see of a validation. */
import colors from 'picocolors';
import { table } from '../terminal/table.js';
import type { Agreement } from './agreement.js';
import type { Optimum } from './optimum.js';

/**
 * Largest errors allowed. Rays that run exactly in a voxel's face may be traced through either
 * voxel; that, and 16-bit values, are what the limits leave room for.
 */
export const LIMITS = {
  uniformDoseMaxRelError: 2e-3,
  bixelMaxRelError: 6e-3,
  objectiveRelError: 1e-4,
} as const satisfies Record<keyof Agreement, number>;

const NAMES: Readonly<Record<keyof Agreement, string>> = {
  uniformDoseMaxRelError: 'dose of equal weights',
  bixelMaxRelError: 'single beamlets',
  objectiveRelError: "cost at the reference's weights",
};

const KEYS = Object.keys(LIMITS) as (keyof Agreement)[];

/** Whether no error is above its limit; what could not be compared breaks none. */
export function isWithinLimits(errors: Agreement): boolean {
  return KEYS.every((key) => isWithin(key, errors[key]));
}

function isWithin(key: keyof Agreement, error: number | null): boolean {
  return error === null || error <= LIMITS[key];
}

/** All that a validation found: what `--json` prints. */
export interface Validation extends Agreement {
  readonly case: string;
  readonly threads: number;
  /** Nonzeros of our dose influence. */
  readonly nnz: number;
  readonly nnzReference: number;
  /** Wall time of the dose influence on all voxels, with all that it needs. */
  readonly doseInfluenceSeconds: number;
  readonly optimum: Optimum;
  readonly limits: Readonly<Record<keyof Agreement, number>>;
  readonly withinLimits: boolean;
}

/** Errors with their limits, the optimum, and the verdict, as lines for a terminal. */
export function validationTable(validation: Validation): string {
  const { optimum, nnz, nnzReference, threads } = validation;
  const errors = table(
    [
      ['largest relative error', '', 'limit', ''],
      ...KEYS.map((key) => errorRow(key, validation[key])),
    ],
    ['left', 'right', 'right', 'left'],
  );
  const numbers = table(
    [
      ['nonzeros', `${nnz}`, `reference ${nnzReference}`],
      ['dose influence', `${validation.doseInfluenceSeconds.toFixed(2)} s`, `threads ${threads}`],
      ['cost', optimum.objective.toPrecision(6), costs(optimum)],
      ['optimisation', `${optimum.seconds.toFixed(2)} s`, ending(optimum)],
      ['to the reference', toReference(optimum), 'from its start, coarse level included'],
    ],
    ['left', 'right', 'left'],
  );
  const verdict = validation.withinLimits
    ? colors.green('agrees with the reference')
    : colors.red('does not agree with the reference');
  return `${errors}\n\n${numbers}\n\n${validation.case}: ${verdict}`;
}

function errorRow(key: keyof Agreement, error: number | null): string[] {
  if (error === null) return [NAMES[key], '', LIMITS[key].toExponential(0), 'not in the reference'];
  const mark = isWithin(key, error) ? colors.green('ok') : colors.red('too large');
  return [NAMES[key], error.toExponential(1), LIMITS[key].toExponential(0), mark];
}

function costs({ reference, bestKnown }: Optimum): string {
  const best = bestKnown === null ? '' : `, best known ${bestKnown.toPrecision(6)}`;
  return `reference ${reference.toPrecision(6)}${best}`;
}

function ending({ iterations, status }: Optimum): string {
  return `${iterations} iterations, ${status}`;
}

function toReference({ secondsToReference }: Optimum): string {
  return secondsToReference === null ? 'not reached' : `${secondsToReference.toFixed(2)} s`;
}
