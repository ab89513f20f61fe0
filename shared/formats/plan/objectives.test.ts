import {
  type ObjectiveParameter,
  objectiveCatalogue,
  objectiveParameterRules,
} from '@isola/planning/objectives';
import { expect, it } from 'vitest';
import { planSchema } from './schema.js';

/** The plan file's key for a parameter of an objective, and how its value is written there. */
const keys: Record<ObjectiveParameter, string> = {
  dosePerFractionGy: 'doseGy',
  volumePercent: 'volumePercent',
  exponent: 'a',
  form: 'quadratic',
};

const options = planSchema.shape.objectives.element.options;

it('has the objectives of the catalogue, each with its parameters', () => {
  const ofSchema = options.map((option) => {
    const { structure: _structure, type, weight: _weight, ...parameters } = option.shape;
    return [type.value, Object.keys(parameters)];
  });
  const ofCatalogue = Object.entries(objectiveCatalogue).map(([type, entry]) => [
    type,
    entry.parameters.map((parameter) => keys[parameter]),
  ]);
  expect(Object.fromEntries(ofSchema)).toEqual(Object.fromEntries(ofCatalogue));
});

it.each(['dosePerFractionGy', 'volumePercent', 'exponent'] as const)(
  'allows the same values of %s',
  (parameter) => {
    for (const option of options) {
      const field = Object.entries(option.shape).find(([key]) => key === keys[parameter])?.[1];
      if (field === undefined) continue;
      for (const value of [-200, -1, -0.1, 0, 0.5, 1, 8, 100, 100.1, Infinity, NaN, '1', null]) {
        expect(field.safeParse(value).success, `${option.shape.type.value} ${String(value)}`).toBe(
          objectiveParameterRules[parameter].accepts(value),
        );
      }
    }
  },
);
