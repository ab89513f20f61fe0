import { axesMarkup, type Frame, linearAxis, logAxis, polyline } from './axes.js';
import { html, type Markup } from './html.js';
import { significant } from './numbers.js';
import type { ReportInput } from './report-input.js';
import { number, table } from './table.js';

const frame: Frame = { left: 68, top: 10, width: 480, height: 250 };
const rowsShown = 15;

/** Objective by iteration; logarithmic where the values are positive and span more than 20 to 1. */
export function convergenceChart(convergence: ReportInput['convergence']): Markup {
  const points = convergence.filter((each) => Number.isFinite(each.value));
  if (points.length < 2) return html`<p class="quiet">No iterations were recorded.</p>`;
  const values = points.map((each) => each.value);
  const lowest = values.reduce((least, value) => Math.min(least, value));
  const highest = values.reduce((most, value) => Math.max(most, value));
  const right = frame.left + frame.width;
  const bottom = frame.top + frame.height;
  const [first, last] = [points[0].iteration, points[points.length - 1].iteration];
  const x = linearAxis('Iteration', [first, Math.max(last, first + 1)], [frame.left, right], 8);
  const logarithmic = lowest > 0 && highest > 20 * lowest;
  const pad = highest > lowest ? 0.05 * (highest - lowest) : 1;
  const y = logarithmic
    ? logAxis('Objective (log scale)', [lowest, highest], [bottom, frame.top])
    : linearAxis('Objective', [lowest - pad, highest + pad], [bottom, frame.top], 6);
  const places = points.map((each) => [x.place(each.iteration), y.place(each.value)] as const);
  const [endX, endY] = places[places.length - 1];
  return html`<figure>
<figcaption><b>Convergence</b></figcaption>
<svg role="img" aria-label="Objective by iteration" viewBox="0 0 ${right + 12} ${bottom + 48}">
${axesMarkup(frame, x, y)}
<path class="line" d="${polyline(places)}"/>
<circle class="end" cx="${endX.toFixed(1)}" cy="${endY.toFixed(1)}" r="3.5"/>
</svg>
${numbers(points)}
</figure>`;
}

/** The same as numbers, thinned to a few rows. */
function numbers(points: ReportInput['convergence']): Markup {
  const rows = Math.min(rowsShown, points.length);
  const shown = Array.from({ length: rows }, (_, i) => {
    const { iteration, value } = points[Math.round((i * (points.length - 1)) / (rows - 1))];
    return [String(iteration), significant(value)];
  });
  const columns = [number('Iteration'), number('Objective')];
  return html`<details><summary>Numbers</summary>
${table('Objective by iteration', columns, shown)}</details>`;
}
