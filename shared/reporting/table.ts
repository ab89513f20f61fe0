import { html, type Markup } from './html.js';

interface Column {
  readonly title: string;
  readonly numeric: boolean;
}

/** A column of words, and one of numbers, which stand at the right. */
export const text = (title: string): Column => ({ title, numeric: false });
export const number = (title: string): Column => ({ title, numeric: true });

/** A table that scrolls sideways, with the keyboard too, where the page is too narrow for it. */
export function table(
  name: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | Markup)[])[],
): Markup {
  const kind = (i: number) => (columns[i].numeric ? html` class="number"` : null);
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Table: ${name}"><table>
<thead><tr>${columns.map((column, i) => html`<th scope="col"${kind(i)}>${column.title}</th>`)}</tr>
</thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td${kind(i)}>${cell}</td>`)}</tr>`)}
</tbody></table></div>`;
}
