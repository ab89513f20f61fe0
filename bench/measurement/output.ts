/** Records as JSON lines while they come, or as tables for people at the end. */
import { table } from 'isola/table';
import type { Figures, Records } from './bench.js';
import type { Machine } from './machine.js';

/** What a bench says of one case: figures, or why there are none. A figure may be the case. */
export interface RecordLine {
  /** Of the bench. */
  readonly name: string;
  readonly case: string;
  readonly figures?: Figures;
  readonly failure?: string;
  readonly skipped?: string;
  readonly machine: Machine;
}

/** Records of a bench. `emit` gets each line as soon as it is there. */
export function recorder(
  bench: string,
  machine: Machine,
  emit: (line: RecordLine) => void,
): Records {
  return {
    add: async (name, measure) => {
      const line = { name: bench, case: name, machine };
      try {
        emit({ ...line, figures: await measure() });
      } catch (error) {
        emit({ ...line, failure: (error as Error).message });
      }
    },
    leaveOut: (name, skipped) => emit({ name: bench, case: name, skipped, machine }),
  };
}

/** A line of `--json`: its figures beside the name of the bench, the case and the machine. */
export function jsonLine({ figures, ...line }: RecordLine): string {
  return JSON.stringify({ ...line, ...figures });
}

/** Tables of the lines: neighbours with the same figures share one; then what is missing. */
export function tables(lines: readonly RecordLine[]): string {
  const groups: { keys: string; rows: RecordLine[] }[] = [];
  for (const line of lines) {
    if (line.figures === undefined) continue;
    const keys = Object.keys(line.figures).join();
    const last = groups.at(-1);
    if (last?.keys === keys) last.rows.push(line);
    else groups.push({ keys, rows: [line] });
  }
  const without = lines.flatMap(({ case: name, failure, skipped }) => [
    ...(failure === undefined ? [] : [`${name}: FAILED: ${failure}`]),
    ...(skipped === undefined ? [] : [`${name}: skipped: ${skipped}`]),
  ]);
  return [...groups.map(({ rows }) => tableOf(rows)), without.join('\n')]
    .filter((text) => text !== '')
    .join('\n\n');
}

function tableOf(lines: readonly RecordLine[]): string {
  const keys = Object.keys(lines[0].figures ?? {});
  const rows = lines.map(({ case: name, figures = {} }) => [
    name,
    ...keys.map((key) => text(figures[key])),
  ]);
  return table([['case', ...keys], ...rows], ['left', ...keys.map(() => 'right' as const)]);
}

function text(figure: number | string | null): string {
  if (figure === null) return '-';
  if (typeof figure === 'string' || Number.isInteger(figure)) return `${figure}`;
  return Math.abs(figure) < 1000 ? figure.toPrecision(3) : figure.toFixed(0);
}
