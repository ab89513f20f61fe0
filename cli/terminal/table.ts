import Table from 'cli-table3';

/** Which side each column of a table is aligned to. */
export type Alignment = 'left' | 'right';

const NOTHING = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((place) => [place, '']),
);

/** Rows in columns as wide as they need, without rules between them; no line ends in a space. */
export function table(rows: readonly (readonly string[])[], align: readonly Alignment[]): string {
  const made = new Table({
    chars: NOTHING,
    colAligns: [...align],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const row of rows) made.push([...row]);
  return made.toString().replace(/ +$/gm, '');
}
