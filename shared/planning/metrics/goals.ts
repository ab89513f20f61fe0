/**
 * Clinical goals as one line of text, for example `Target D95% >= 50 Gy`:
 *
 *   STRUCTURE METRIC OPERATOR VALUE UNIT
 *
 * The structure's name is everything before the metric and may hold spaces. Letters of metrics and
 * units may be upper or lower case; doses are for the whole course, Gy or cGy.
 */
import { InputError } from '@isola/optimizers/problem';
import {
  type ConformityFormula,
  conformityFormulas,
  type HomogeneityFormula,
  homogeneityFormulas,
} from './conformity.js';

/** What is measured in a structure. `percentOfPrescription` doses need a prescription. */
export type Metric =
  | { readonly kind: 'dose-at-volume-percent'; readonly volumePercent: number }
  | { readonly kind: 'dose-at-volume-cc'; readonly volumeCc: number }
  | { readonly kind: 'volume-at-dose'; readonly dose: GoalDose }
  | { readonly kind: 'mean' | 'max' | 'min' }
  | { readonly kind: 'geud'; readonly exponent: number }
  | { readonly kind: 'conformity'; readonly formula: ConformityFormula }
  | { readonly kind: 'homogeneity'; readonly formula: HomogeneityFormula };

/** A dose in Gy, or in percent of the prescription. */
export interface GoalDose {
  readonly value: number;
  readonly unit: 'Gy' | '%';
}

/** Of doses: Gy, or % of the prescription. Of volumes: %, or cc. Empty: an index without unit. */
export type GoalUnit = 'Gy' | '%' | 'cc' | '';

export type GoalOperator = '<' | '<=' | '>' | '>=';

/** A goal as plain data. */
export interface Goal {
  readonly structure: string;
  readonly metric: Metric;
  readonly operator: GoalOperator;
  readonly limit: number;
  readonly unit: GoalUnit;
  /** Canonical text; it reads back as the same goal. */
  readonly text: string;
  /** Where the goal stands in the input, for error messages. */
  readonly place: string;
  /** What was guessed while reading. */
  readonly warnings: readonly string[];
}

const forms = [
  'STRUCTURE METRIC OPERATOR VALUE, with the metric one of',
  'D95% D0.1cc Dmean Dmax Dmin gEUD(a=8) (value in Gy, cGy or % of the prescription),',
  'V20Gy V95% (value in % or cc),',
  `${formulaForms('CI', conformityFormulas)} ${formulaForms('HI', homogeneityFormulas)}`,
  '(plain value),',
  'and the operator one of < <= > >=; for example: Target D95% >= 50 Gy',
].join(' ');

const number = String.raw`(?:\d+(?:\.\d+)?|\.\d+)`;
const metricPattern = [
  'D(?<extreme>mean|max|min)',
  String.raw`D(?<atVolume>${number})\s*(?<volumeUnit>%|cc)?`,
  String.raw`V(?<atDose>${number})\s*(?<doseUnit>Gy|cGy|%)?`,
  String.raw`gEUD\(\s*a\s*=\s*(?<exponent>-?${number})\s*\)`,
  String.raw`(?<index>CI|HI)\(\s*(?<formula>\w+)\s*\)`,
].join('|');
const goalPattern = new RegExp(
  String.raw`^\s*(?<structure>\S(?:.*\S)?)\s+(?:${metricPattern})` +
    String.raw`\s*(?<operator><=|>=|<|>)\s*(?<limit>-?${number})\s*(?<unit>Gy|cGy|%|cc)?\s*$`,
  'i',
);

/**
 * Reads a goal.
 * @param place where the text stands, for example `goals[1]`
 * @throws InputError where the text is no goal, or its numbers cannot be
 */
export function parseGoal(text: string, place: string): Goal {
  const found = goalPattern.exec(text)?.groups;
  if (found === undefined) {
    throw new InputError(place, `'${text}' is no goal; write ${forms}`);
  }
  const fail = (problem: string): never => {
    throw new InputError(place, `'${text}': ${problem}; write ${forms}`);
  };
  const warnings: string[] = [];
  const metric = readMetric(found, warnings, fail);
  const { limit, unit } = readLimit(metric, Number(found.limit), found.unit?.toLowerCase(), fail);
  const structure = found.structure;
  const operator = found.operator as GoalOperator;
  const space = unit === 'Gy' || unit === 'cc' ? ' ' : '';
  const canonical = `${structure} ${metricText(metric)} ${operator} ${limit}${space}${unit}`;
  return { structure, metric, operator, limit, unit, text: canonical, place, warnings };
}

/** The metric in canonical form, for example `D95%`. */
export function metricText(metric: Metric): string {
  switch (metric.kind) {
    case 'dose-at-volume-percent':
      return `D${metric.volumePercent}%`;
    case 'dose-at-volume-cc':
      return `D${metric.volumeCc}cc`;
    case 'volume-at-dose':
      return `V${metric.dose.value}${metric.dose.unit}`;
    case 'geud':
      return `gEUD(a=${metric.exponent})`;
    case 'conformity':
      return `CI(${metric.formula})`;
    case 'homogeneity':
      return `HI(${metric.formula})`;
    default:
      return `D${metric.kind}`;
  }
}

type Groups = Readonly<Record<string, string | undefined>>;
type Fail = (problem: string) => never;

function readMetric(found: Groups, warnings: string[], fail: Fail): Metric {
  if (found.extreme !== undefined) {
    return { kind: found.extreme.toLowerCase() as 'mean' | 'max' | 'min' };
  }
  if (found.atVolume !== undefined) return readDoseAtVolume(found, warnings, fail);
  if (found.atDose !== undefined) return readVolumeAtDose(found, warnings);
  if (found.exponent !== undefined) {
    const exponent = Number(found.exponent);
    if (exponent >= 0 && exponent < 1) fail(`a = ${exponent} is not 1 or more, or negative`);
    return { kind: 'geud', exponent };
  }
  if (found.index?.toUpperCase() === 'CI') {
    return { kind: 'conformity', formula: readFormula('CI', conformityFormulas, found, fail) };
  }
  return { kind: 'homogeneity', formula: readFormula('HI', homogeneityFormulas, found, fail) };
}

function readDoseAtVolume(found: Groups, warnings: string[], fail: Fail): Metric {
  const volume = Number(found.atVolume);
  if (found.volumeUnit?.toLowerCase() === 'cc') {
    return { kind: 'dose-at-volume-cc', volumeCc: volume };
  }
  if (volume > 100) fail(`a volume of ${volume} % is more than all`);
  if (found.volumeUnit === undefined) warnings.push(`D${volume} is read as D${volume}%`);
  return { kind: 'dose-at-volume-percent', volumePercent: volume };
}

function readVolumeAtDose(found: Groups, warnings: string[]): Metric {
  const dose = Number(found.atDose);
  switch (found.doseUnit?.toLowerCase()) {
    case 'gy':
      return { kind: 'volume-at-dose', dose: { value: dose, unit: 'Gy' } };
    case 'cgy':
      return { kind: 'volume-at-dose', dose: { value: dose / 100, unit: 'Gy' } };
    case undefined:
      warnings.push(`V${dose} is read as V${dose}%, percent of the prescription`);
  }
  return { kind: 'volume-at-dose', dose: { value: dose, unit: '%' } };
}

function readFormula<Formula extends string>(
  index: 'CI' | 'HI',
  formulas: Readonly<Record<Formula, string>>,
  found: Groups,
  fail: Fail,
): Formula {
  const names = Object.keys(formulas) as Formula[];
  const wanted = found.formula?.toLowerCase();
  const name = names.find((candidate) => candidate.toLowerCase() === wanted);
  return name ?? fail(`${index} has no form '${found.formula}', only ${names.join(', ')}`);
}

function readLimit(
  metric: Metric,
  limit: number,
  unit: string | undefined,
  fail: Fail,
): { limit: number; unit: GoalUnit } {
  if (limit < 0) fail(`${limit} is negative`);
  switch (metric.kind) {
    case 'conformity':
    case 'homogeneity':
      if (unit !== undefined) fail(`${metricText(metric)} has no unit`);
      return { limit, unit: '' };
    case 'volume-at-dose':
      if (unit !== '%' && unit !== 'cc') fail(`${metricText(metric)} is in % or cc`);
      if (unit === '%' && limit > 100) fail(`a volume of ${limit} % is more than all`);
      return { limit, unit: unit as '%' | 'cc' };
    default:
      if (unit === 'cgy') return { limit: limit / 100, unit: 'Gy' };
      if (unit !== 'gy' && unit !== '%') fail(`${metricText(metric)} is in Gy, cGy or %`);
      return { limit, unit: unit === 'gy' ? 'Gy' : '%' };
  }
}

function formulaForms(index: string, formulas: object): string {
  return Object.keys(formulas)
    .map((name) => `${index}(${name})`)
    .join(' ');
}
