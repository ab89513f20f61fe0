/** The objectives against numbers that matRad returned for a fixed dose vector. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createObjective, type ObjectiveSpec, objectiveCatalogue } from './catalogue.js';

const data =
  process.env.ISOLA_DATA ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const file = join(data, 'reference/matrad/unit/objectives.json');

interface Reference {
  readonly class: string;
  readonly parameters: readonly number[];
  readonly f: number;
  readonly grad: readonly number[];
}

function specOf({ class: name, parameters: [dosePerFractionGy, second] }: Reference) {
  switch (name.replace('DoseObjectives.matRad_', '')) {
    case 'SquaredDeviation':
      return { type: 'squared-deviation', dosePerFractionGy };
    case 'SquaredOverdosing':
      return { type: 'squared-overdosing', dosePerFractionGy };
    case 'SquaredUnderdosing':
      return { type: 'squared-underdosing', dosePerFractionGy };
    case 'MeanDose':
      return { type: 'mean', dosePerFractionGy, form: second === 1 ? 'linear' : 'quadratic' };
    case 'EUD':
      return { type: 'geud', dosePerFractionGy, exponent: second };
    case 'MaxDVH':
      return { type: 'max-dvh', dosePerFractionGy, volumePercent: second };
    case 'MinDVH':
      return { type: 'min-dvh', dosePerFractionGy, volumePercent: second };
    default:
      throw new Error(`no objective for ${name}`);
  }
}

describe.skipIf(!existsSync(file))('matRad reference/matrad/unit/objectives.json', () => {
  const reference = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { dose: number[]; objectives: Reference[] })
    : { dose: [], objectives: [] };
  const dose = Float64Array.from(reference.dose) as unknown as Float32Array;
  const rows = Uint32Array.from(reference.dose.keys());
  const voxels = { rows, weights: null, total: rows.length };

  it('holds every objective of the catalogue', () => {
    const types = new Set(reference.objectives.map((r) => specOf(r).type));
    expect([...types].sort()).toEqual(Object.keys(objectiveCatalogue).sort());
  });

  it.each(reference.objectives.map((r) => [`${r.class} ${r.parameters}`, r] as const))(
    'equals %s in value and gradient to 1e-12',
    (_, { f, grad, ...rest }) => {
      const spec = specOf({ f, grad, ...rest }) as ObjectiveSpec;
      const gradient = new Float64Array(dose.length);
      const asFloat32 = gradient as unknown as Float32Array;
      const value = createObjective(spec).valueAndGradient(dose, voxels, 1, asFloat32);
      expect(Math.abs(value / f - 1)).toBeLessThan(1e-12);
      // matRad's gradient of the linear mean takes the sign voxel by voxel; it is the gradient of
      // |mean(d) - r| only where r is below every dose.
      if (spec.form === 'linear' && spec.dosePerFractionGy !== 0) return;
      grad.forEach((g, i) => {
        expect(Math.abs(gradient[i] - g)).toBeLessThanOrEqual(1e-12 * Math.abs(g));
      });
    },
  );
});
