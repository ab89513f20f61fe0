import type { ResultJson } from '@isola/formats/result';
import colors from 'picocolors';
import { table } from './table.js';

/** The goals and what the plan makes of them, as a table for a terminal. */
export function goalsTable(goals: ResultJson['goals']): string {
  const rows = goals.map(({ goal, value, unit, met }) => [
    met ? colors.green('met') : colors.red('not met'),
    goal,
    value === null ? 'not available' : value.toFixed(unit === '' ? 3 : 2),
    unit,
  ]);
  return table(rows, ['left', 'left', 'right', 'left']);
}
