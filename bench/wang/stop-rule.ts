/** When Wang, Huang & Bao (2009) stop: the target has its dose, the organs keep their volumes. */
import { TARGET, type WangCase } from './cases.js';

/** Rows of each structure in a dose vector. */
export type StructureRows = ReadonlyMap<string, Uint32Array>;

/** 90 % of the target shall get 90 % of its dose. */
const [VOLUME_PART, DOSE_PART] = [0.9, 0.9];

export interface DoseVerdict {
  /** Of the target, what gets 90 % of its dose or more. */
  readonly targetV90Percent: number;
  /** Of the target, what gets 95 % of its dose or more. */
  readonly targetV95Percent: number;
  /** Of each organ, what gets more than its dose, in the order of the limits. */
  readonly organPercents: readonly number[];
  readonly isMet: boolean;
}

/**
 * Judges a dose.
 * @param dose in the units of `prescribed`
 */
export function judge(
  { limits }: Pick<WangCase, 'limits'>,
  rows: StructureRows,
  dose: Float32Array,
  prescribed: number,
): DoseVerdict {
  const rowsOf = (name: string) => {
    const found = rows.get(name);
    if (found === undefined) throw new Error(`no rows of ${name}`);
    return found;
  };
  const target = rowsOf(TARGET);
  const targetV90Percent = percentAbove(dose, target, DOSE_PART * prescribed);
  const organPercents = limits.map(({ organ, dosePart }) =>
    percentAbove(dose, rowsOf(organ), dosePart * prescribed),
  );
  return {
    ...{ targetV90Percent, organPercents },
    targetV95Percent: percentAbove(dose, target, 0.95 * prescribed),
    isMet:
      targetV90Percent >= 100 * VOLUME_PART &&
      limits.every(({ volumePercent }, i) => organPercents[i] <= volumePercent),
  };
}

function percentAbove(dose: Float32Array, rows: Uint32Array, limit: number): number {
  let count = 0;
  for (const row of rows) if (dose[row] >= limit) count++;
  return (100 * count) / rows.length;
}
