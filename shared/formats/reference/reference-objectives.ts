import type { ObjectiveSpec } from '@isola/planning/objectives';

/** Makes a spec of the parameters of one matRad class; the first is a dose per fraction. */
type Mapping = (dosePerFractionGy: number, second: number) => ObjectiveSpec;

const mappings: Readonly<Record<string, Mapping>> = {
  matRad_SquaredDeviation: (dosePerFractionGy) => ({
    type: 'squared-deviation',
    dosePerFractionGy,
  }),
  matRad_SquaredOverdosing: (dosePerFractionGy) => ({
    type: 'squared-overdosing',
    dosePerFractionGy,
  }),
  matRad_SquaredUnderdosing: (dosePerFractionGy) => ({
    type: 'squared-underdosing',
    dosePerFractionGy,
  }),
  matRad_MeanDose: (dosePerFractionGy, form) => ({
    type: 'mean',
    dosePerFractionGy,
    form: form === 2 ? 'quadratic' : 'linear',
  }),
  matRad_EUD: (dosePerFractionGy, exponent) => ({ type: 'geud', dosePerFractionGy, exponent }),
  matRad_MaxDVH: (dosePerFractionGy, volumePercent) => ({
    type: 'max-dvh',
    dosePerFractionGy,
    volumePercent,
  }),
  matRad_MinDVH: (dosePerFractionGy, volumePercent) => ({
    type: 'min-dvh',
    dosePerFractionGy,
    volumePercent,
  }),
};

/** The classes of matRad that have a counterpart here. */
export const matradObjectiveClasses: readonly string[] = Object.keys(mappings);

/**
 * A matRad objective as ours; null for a class that has no counterpart. matRad divides the dose
 * among the parameters by the fractions, but not the exponent nor the volume.
 */
export function matradObjective(
  className: string,
  parametersTotal: readonly number[],
  fractions: number,
): ObjectiveSpec | null {
  const mapping = mappings[className.replace(/^DoseObjectives\./, '')];
  return mapping?.(parametersTotal[0] / fractions, parametersTotal[1]) ?? null;
}
