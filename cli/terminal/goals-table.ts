import type { GoalResult } from '@isola/planning/metrics';
import Table from 'cli-table3';
import colors from 'picocolors';

/** The goals and what the plan makes of them, as a table for a terminal. */
export function goalsTable(goals: readonly GoalResult[]): string {
  const table = new Table({
    head: ['', 'goal', 'plan'],
    style: { head: ['dim'], border: ['dim'] },
    colAligns: ['left', 'left', 'right'],
  });
  for (const { goal, value, unit, met } of goals) {
    const mark = met ? colors.green('met') : colors.red('not met');
    table.push([mark, goal, `${value.toFixed(unit === '' ? 3 : 2)} ${unit}`.trimEnd()]);
  }
  return table.toString();
}
