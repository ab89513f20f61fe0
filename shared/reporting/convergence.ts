import { axesMarkup, type Frame, linearAxis, logAxis, polyline } from './axes.js';
import { html, type Markup } from './html.js';
import { significant } from './numbers.js';
import type { ReportInput } from './report-input.js';
import { number, table } from './table.js';

const frame: Frame = { left: 68, top: 10, width: 480, height: 250 };
const rowsShown = 15;

/** What a chart and its table call things. */
interface Words {
  readonly title: string;
  readonly step: string;
  readonly value: string;
  readonly none: string;
}

interface Point {
  readonly step: number;
  readonly value: number;
}

/** Objective by iteration. */
export function convergenceChart(convergence: ReportInput['convergence']): Markup {
  const points = convergence.map(({ iteration, value }) => ({ step: iteration, value }));
  const none = 'No iterations were recorded.';
  const words = { title: 'Convergence', step: 'Iteration', value: 'Objective', none };
  return lineChart(words, points);
}

/** Lowest cost that any island has found, by epoch. */
export function epochChart(trace: readonly number[]): Markup {
  const points = trace.map((value, i) => ({ step: i + 1, value }));
  const none = 'There were less than two epochs.';
  return lineChart(
    { title: 'Best cost by epoch', step: 'Epoch', value: 'Best cost', none },
    points,
  );
}

/** Logarithmic where the values are positive and span more than 20 to 1. */
function lineChart(words: Words, all: readonly Point[]): Markup {
  const points = all.filter((each) => Number.isFinite(each.value));
  if (points.length < 2) return html`<p class="quiet">${words.none}</p>`;
  const values = points.map((each) => each.value);
  const lowest = values.reduce((least, value) => Math.min(least, value));
  const highest = values.reduce((most, value) => Math.max(most, value));
  const right = frame.left + frame.width;
  const bottom = frame.top + frame.height;
  const [first, last] = [points[0].step, points[points.length - 1].step];
  const ticks = Math.min(8, last - first);
  const x = linearAxis(words.step, [first, last], [frame.left, right], ticks);
  const logarithmic = lowest > 0 && highest > 20 * lowest;
  const pad = highest > lowest ? 0.05 * (highest - lowest) : 1;
  const y = logarithmic
    ? logAxis(`${words.value} (log scale)`, [lowest, highest], [bottom, frame.top])
    : linearAxis(words.value, [lowest - pad, highest + pad], [bottom, frame.top], 6);
  const places = points.map((each) => [x.place(each.step), y.place(each.value)] as const);
  const [endX, endY] = places[places.length - 1];
  return html`<figure>
<figcaption><b>${words.title}</b></figcaption>
<svg role="img" aria-label="${words.value} by ${words.step.toLowerCase()}"
 viewBox="0 0 ${right + 12} ${bottom + 48}">
${axesMarkup(frame, x, y)}
<path class="line" d="${polyline(places)}"/>
<circle class="end" cx="${endX.toFixed(1)}" cy="${endY.toFixed(1)}" r="3.5"/>
</svg>
${numbers(words, points)}
</figure>`;
}

/** The same as numbers, thinned to a few rows. */
function numbers(words: Words, points: readonly Point[]): Markup {
  const rows = Math.min(rowsShown, points.length);
  const shown = Array.from({ length: rows }, (_, i) => {
    const { step, value } = points[Math.round((i * (points.length - 1)) / (rows - 1))];
    return [String(step), significant(value)];
  });
  const columns = [number(words.step), number(words.value)];
  return html`<details><summary>Numbers</summary>
${table(`${words.value} by ${words.step.toLowerCase()}`, columns, shown)}</details>`;
}
