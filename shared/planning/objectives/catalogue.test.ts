import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import {
  createObjective,
  type ObjectiveSpec,
  type ObjectiveType,
  objectiveCatalogue,
  objectiveParameterRules,
} from './catalogue.js';
import type { Objective, VoxelSet } from './objective.js';

/** At least one for every type; doses near those of `dose`. */
const specs: Record<ObjectiveType, readonly ObjectiveSpec[]> = {
  'squared-deviation': [{ type: 'squared-deviation', dosePerFractionGy: 1.6 }],
  'squared-overdosing': [{ type: 'squared-overdosing', dosePerFractionGy: 1.6 }],
  'squared-underdosing': [{ type: 'squared-underdosing', dosePerFractionGy: 1.6 }],
  mean: [
    { type: 'mean' },
    { type: 'mean', dosePerFractionGy: 2.9, form: 'linear' },
    { type: 'mean', dosePerFractionGy: 0.5, form: 'quadratic' },
  ],
  geud: [
    { type: 'geud', exponent: 1 },
    { type: 'geud', exponent: 8, dosePerFractionGy: 1.2 },
    { type: 'geud', exponent: -5, dosePerFractionGy: 1.2 },
    { type: 'geud', exponent: 150.5 },
    { type: 'geud', exponent: -150.5, dosePerFractionGy: 2 },
  ],
  'max-dvh': [{ type: 'max-dvh', dosePerFractionGy: 1.2, volumePercent: 30 }],
  'min-dvh': [{ type: 'min-dvh', dosePerFractionGy: 1.8, volumePercent: 90 }],
};
const all = Object.values(specs).flat();

/** Doses 0.4 ... 2.8 Gy, no two equal, none within 1e-3 of a reference dose above. */
const dose = Float64Array.from({ length: 40 }, (_, i) => 0.4003 + 0.0601 * ((i * 17) % 40));
const rows = Uint32Array.from({ length: 25 }, (_, i) => (i * 7) % 40);
const plain: VoxelSet = { rows, weights: null, total: rows.length };

/** Full precision for the laws; the interface's float32 arrays are a special case. */
function evaluate(objective: Objective, doses: Float64Array, voxels: VoxelSet, scale = 1) {
  const gradient = new Float64Array(doses.length);
  const value = objective.valueAndGradient(
    doses as unknown as Float32Array,
    voxels,
    scale,
    gradient as unknown as Float32Array,
  );
  const valueAlone = objective.value(doses as unknown as Float32Array, voxels);
  return { value, valueAlone, gradient };
}

describe.each(all)('objective $type of %j', (spec) => {
  const objective = createObjective(spec);

  it(`has the catalogue's type, and one value from both calls`, () => {
    const { value, valueAlone } = evaluate(objective, dose, plain);
    expect(objective.type).toBe(spec.type);
    expect(valueAlone).toBe(value);
    expect(value).toBeGreaterThan(0);
  });

  it('agrees with central differences', () => {
    const { gradient } = evaluate(objective, dose, plain);
    const largest = Math.max(...gradient.map(Math.abs));
    // 1e-5 balances truncation (h^2 a^2) and rounding (1e-16 / h), and is less than half the gap
    // between doses: no rank changes, so that D_V stays the dose of its own voxel.
    const h = 1e-5;
    for (let row = 0; row < dose.length; row++) {
      const up = Float64Array.from(dose);
      const down = Float64Array.from(dose);
      up[row] += h;
      down[row] -= h;
      const slope =
        (evaluate(objective, up, plain).value - evaluate(objective, down, plain).value) / (2 * h);
      expect(Math.abs(gradient[row] - slope)).toBeLessThan(1e-5 * largest);
    }
  });

  it('leaves rows outside the set alone and adds to what is there', () => {
    const fresh = evaluate(objective, dose, plain).gradient;
    const gradient = new Float64Array(dose.length).fill(3);
    const asFloat32 = gradient as unknown as Float32Array;
    objective.valueAndGradient(dose as unknown as Float32Array, plain, 1, asFloat32);
    const inside = new Set(rows);
    for (let row = 0; row < dose.length; row++) {
      expect(gradient[row]).toBeCloseTo(3 + fresh[row], 12);
      if (!inside.has(row)) expect(gradient[row]).toBe(3);
    }
  });

  it('multiplies the gradient by scale and not the value', () => {
    const one = evaluate(objective, dose, plain);
    const many = evaluate(objective, dose, plain, 7.5);
    expect(many.value).toBe(one.value);
    one.gradient.forEach((g, row) => {
      expect(many.gradient[row]).toBeCloseTo(7.5 * g, 12);
    });
  });

  it('takes a weight of k as k voxels of the same dose', () => {
    const counts = [...rows].map((_, i) => 1 + (i % 4));
    const total = counts.reduce((a, b) => a + b);
    const weights = Float64Array.from(counts);
    const repeatedRows = Uint32Array.from([...rows].flatMap((r, i) => Array(counts[i]).fill(r)));
    const weighted = evaluate(objective, dose, { rows, weights, total });
    const repeated = evaluate(objective, dose, { rows: repeatedRows, weights: null, total });
    expect(weighted.value / repeated.value).toBeCloseTo(1, 12);
    weighted.gradient.forEach((g, row) => {
      expect(g).toBeCloseTo(repeated.gradient[row], 12);
    });
  });

  it('gives in float32 what it gives in float64, to float32', () => {
    const gradient = new Float32Array(dose.length);
    const value = objective.valueAndGradient(Float32Array.from(dose), plain, 1, gradient);
    const exact = evaluate(objective, dose, plain);
    expect(value / exact.value).toBeCloseTo(1, 5);
    exact.gradient.forEach((g, row) => {
      expect(gradient[row]).toBeCloseTo(g, 4);
    });
  });
});

describe('createObjective', () => {
  it('knows how to check every parameter of every type', () => {
    for (const { parameters } of Object.values(objectiveCatalogue)) {
      for (const name of parameters) expect(objectiveParameterRules).toHaveProperty(name);
    }
  });

  const refused: [string, object, string][] = [
    ['an unknown type', { type: 'max-dose', dosePerFractionGy: 1 }, 'objectives[1].type'],
    ['an inherited name', { type: 'toString' }, 'objectives[1].type'],
    ['a missing dose', { type: 'squared-deviation' }, 'objectives[1].dosePerFractionGy'],
    ['a negative dose', { type: 'mean', dosePerFractionGy: -1 }, 'dosePerFractionGy'],
    ['a text dose', { type: 'squared-deviation', dosePerFractionGy: '2' }, 'dosePerFractionGy'],
    ['a foreign parameter', { type: 'mean', exponent: 2 }, 'objectives[1].exponent'],
    ['a missing exponent', { type: 'geud' }, 'objectives[1].exponent'],
    ['an exponent between 0 and 1', { type: 'geud', exponent: 0.5 }, 'objectives[1].exponent'],
    ['exponent 0', { type: 'geud', exponent: 0 }, 'objectives[1].exponent'],
    [
      'a volume above 100',
      { type: 'max-dvh', dosePerFractionGy: 1, volumePercent: 101 },
      'volumePercent',
    ],
    ['an unknown form', { type: 'mean', form: 'cubic' }, 'objectives[1].form'],
  ];
  it.each(refused)('refuses %s and names the place', (_, spec, place) => {
    const create = () => createObjective(spec as ObjectiveSpec, 'objectives[1]');
    expect(create).toThrow(InputError);
    expect(create).toThrow(place);
  });
});
