import type { ReportGoal, ReportInput } from './report-input.js';

/** A goal that says where a curve of the DVH has to pass. */
export interface GoalPoint {
  readonly goal: ReportGoal;
  /** Place of the structure in `ReportInput.structures`. */
  readonly structure: number;
  readonly doseGy: number;
  readonly volumePercent: number;
  /** The side of the point on which the curve has to pass. */
  readonly side: 'left' | 'right' | 'above' | 'below';
}

const metricPattern = /^([DV])([\d.]+)(%|cc|Gy)?\s*(>=|<=|>|<)/i;

/**
 * The goals that are points of the DVH: `D95%`, `D2cc`, `V20Gy`, `V95%` of a structure of the
 * report, with limits in Gy, cc or percent (of the prescription for a dose, of the structure for a
 * volume).
 */
export function goalPoints(input: ReportInput): GoalPoint[] {
  return input.goals.flatMap((goal) => {
    const point = goalPoint(goal, input);
    return point === null ? [] : [point];
  });
}

function goalPoint(goal: ReportGoal, input: ReportInput): GoalPoint | null {
  const structure = longestNameAtStart(goal.text, input);
  if (structure < 0) return null;
  const { name } = input.structures[structure];
  const found = metricPattern.exec(goal.text.slice(name.length).trim());
  if (found === null) return null;
  const [, kind, number, writtenUnit, relation] = found;
  const volumeCc = input.metrics.find((each) => each.structure === name)?.volumeCc ?? Number.NaN;
  const toPercentOfVolume = (value: number, unit: string) =>
    unit.toLowerCase() === 'cc' ? (100 * value) / volumeCc : value;
  const toGy = (value: number, unit: string) =>
    unit === '%' ? (value / 100) * input.prescription.doseGy : value;
  const atLeast = relation.startsWith('>');
  const isDose = kind.toUpperCase() === 'D';
  const doseGy = isDose ? toGy(goal.limit, goal.unit) : toGy(Number(number), writtenUnit ?? '%');
  const volumePercent = isDose
    ? toPercentOfVolume(Number(number), writtenUnit ?? '%')
    : toPercentOfVolume(goal.limit, goal.unit);
  if (!Number.isFinite(doseGy) || !(volumePercent >= 0 && volumePercent <= 100)) return null;
  const side = isDose ? (atLeast ? 'right' : 'left') : atLeast ? 'above' : 'below';
  return { goal, structure, doseGy, volumePercent, side };
}

function longestNameAtStart(text: string, input: ReportInput): number {
  let best = -1;
  input.structures.forEach(({ name }, i) => {
    const starts = text.startsWith(`${name} `);
    if (starts && (best < 0 || name.length > input.structures[best].name.length)) best = i;
  });
  return best;
}
