/**
 * The objectives by name, from plain data. A new objective is a file of its own and an entry in
 * `objectiveCatalogue`; the gradient checks and the plan file's schema walk this table.
 */
import { InputError } from '@isola/optimizers/problem';
import { Geud } from './geud.js';
import { maxDvh } from './max-dvh.js';
import { Mean, type MeanForm } from './mean.js';
import { minDvh } from './min-dvh.js';
import type { Objective } from './objective.js';
import { squaredDeviation } from './squared-deviation.js';
import { squaredOverdosing } from './squared-overdosing.js';
import { squaredUnderdosing } from './squared-underdosing.js';

/** Every parameter that some objective has. */
export interface ObjectiveParameters {
  /** Reference dose. */
  readonly dosePerFractionGy: number;
  /** Volume of a dose-volume objective. */
  readonly volumePercent: number;
  /** a of the generalised equivalent uniform dose. */
  readonly exponent: number;
  /** How a difference of mean doses is penalised. */
  readonly form: MeanForm;
}

export type ObjectiveParameter = keyof ObjectiveParameters;

export type ObjectiveType =
  | 'squared-deviation'
  | 'squared-overdosing'
  | 'squared-underdosing'
  | 'mean'
  | 'geud'
  | 'max-dvh'
  | 'min-dvh';

/** An objective as plain data: its type and its own parameters. */
export type ObjectiveSpec = { readonly type: ObjectiveType } & Partial<ObjectiveParameters>;

export interface ObjectiveEntry {
  /** The parameters it takes, and no others. */
  readonly parameters: readonly ObjectiveParameter[];
  /** Values of parameters that may be left out. */
  readonly defaults: Partial<ObjectiveParameters>;
  create(parameters: ObjectiveParameters): Objective;
}

export const objectiveCatalogue: Readonly<Record<ObjectiveType, ObjectiveEntry>> = {
  'squared-deviation': {
    parameters: ['dosePerFractionGy'],
    defaults: {},
    create: (p) => squaredDeviation(p.dosePerFractionGy),
  },
  'squared-overdosing': {
    parameters: ['dosePerFractionGy'],
    defaults: {},
    create: (p) => squaredOverdosing(p.dosePerFractionGy),
  },
  'squared-underdosing': {
    parameters: ['dosePerFractionGy'],
    defaults: {},
    create: (p) => squaredUnderdosing(p.dosePerFractionGy),
  },
  mean: {
    parameters: ['dosePerFractionGy', 'form'],
    defaults: { dosePerFractionGy: 0, form: 'linear' },
    create: (p) => new Mean(p.dosePerFractionGy, p.form),
  },
  geud: {
    parameters: ['dosePerFractionGy', 'exponent'],
    defaults: { dosePerFractionGy: 0 },
    create: (p) => new Geud(p.dosePerFractionGy, p.exponent),
  },
  'max-dvh': {
    parameters: ['dosePerFractionGy', 'volumePercent'],
    defaults: {},
    create: (p) => maxDvh(p.dosePerFractionGy, p.volumePercent),
  },
  'min-dvh': {
    parameters: ['dosePerFractionGy', 'volumePercent'],
    defaults: {},
    create: (p) => minDvh(p.dosePerFractionGy, p.volumePercent),
  },
};

interface ParameterRule {
  /** What is allowed, in words. */
  readonly allowed: string;
  accepts(value: unknown): boolean;
}

const finite = (value: unknown): value is number => Number.isFinite(value);

export const objectiveParameterRules: Readonly<Record<ObjectiveParameter, ParameterRule>> = {
  dosePerFractionGy: {
    allowed: 'a dose of 0 or more',
    accepts: (value) => finite(value) && value >= 0,
  },
  volumePercent: {
    allowed: 'a number from 0 to 100',
    accepts: (value) => finite(value) && value >= 0 && value <= 100,
  },
  exponent: {
    allowed: 'a number of 1 or more, or a negative one for targets',
    accepts: (value) => finite(value) && (value >= 1 || value < 0),
  },
  form: {
    allowed: 'linear or quadratic',
    accepts: (value) => value === 'linear' || value === 'quadratic',
  },
};

/**
 * The objective that `spec` describes.
 * @param place where the spec stands, for error messages, for example `objectives[2]`
 * @throws InputError for an unknown type, a missing, foreign or bad parameter
 */
export function createObjective(spec: ObjectiveSpec, place = 'objective'): Objective {
  if (!Object.hasOwn(objectiveCatalogue, spec.type)) {
    const types = Object.keys(objectiveCatalogue).join(', ');
    throw new InputError(`${place}.type`, `'${spec.type}' is no objective; there are ${types}`);
  }
  const { type, ...given } = spec;
  const { parameters, defaults, create } = objectiveCatalogue[type];
  for (const name of Object.keys(given)) {
    if (!parameters.includes(name as ObjectiveParameter)) {
      throw new InputError(`${place}.${name}`, `${type} takes only ${parameters.join(', ')}`);
    }
  }
  const all = { ...defaults, ...given } as ObjectiveParameters;
  for (const name of parameters) {
    const { allowed, accepts } = objectiveParameterRules[name];
    if (!accepts(all[name])) {
      const problem = all[name] === undefined ? 'is missing' : `is ${String(all[name])}`;
      throw new InputError(`${place}.${name}`, `${problem}; ${type} needs ${allowed}`);
    }
  }
  return create(all);
}
