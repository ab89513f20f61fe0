import { scaleLinear, scaleLog } from 'd3-scale';
import { html, type Markup } from './html.js';

/** The rectangle between a chart's axes, in units of its drawing. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** One axis: from value to place along it, and where its ticks stand. */
export interface Axis {
  readonly label: string;
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

/** A linear axis from `domain[0]`, at `range[0]`, to `domain[1]`. */
export function linearAxis(
  label: string,
  domain: readonly [number, number],
  range: readonly [number, number],
  tickCount: number,
): Axis {
  const scale = scaleLinear(domain, range);
  const text = scale.tickFormat(tickCount);
  const ticks = scale.ticks(tickCount).map((value) => ({ value, text: text(value) }));
  return { label, place: (value) => scale(value), ticks };
}

/** A logarithmic axis over a positive domain, widened to whole powers of ten. */
export function logAxis(
  label: string,
  domain: readonly [number, number],
  range: readonly [number, number],
): Axis {
  const scale = scaleLog(domain, range).nice();
  const text = scale.tickFormat(6, '~g');
  const ticks = scale
    .ticks(6)
    .map((value) => ({ value, text: text(value) }))
    .filter((tick) => tick.text !== '');
  return { label, place: (value) => scale(value), ticks };
}

/** Grid lines, tick labels and titles of a chart's two axes. */
export function axesMarkup(frame: Frame, x: Axis, y: Axis): Markup {
  const bottom = frame.top + frame.height;
  const right = frame.left + frame.width;
  const across = x.ticks.map(({ value, text }) => {
    const at = x.place(value).toFixed(1);
    return html`<line class="grid" x1="${at}" x2="${at}" y1="${frame.top}" y2="${bottom}"/>
<text x="${at}" y="${bottom + 18}" text-anchor="middle">${text}</text>`;
  });
  const upward = y.ticks.map(({ value, text }) => {
    const at = y.place(value);
    const middle = (at + 4).toFixed(1);
    return html`<line class="grid" x1="${frame.left}" x2="${right}" y1="${at.toFixed(
      1,
    )}" y2="${at.toFixed(1)}"/>
<text x="${frame.left - 8}" y="${middle}" text-anchor="end">${text}</text>`;
  });
  const middleY = frame.top + frame.height / 2;
  return html`<g class="axes">
${across}
${upward}
<path class="axis" d="M${frame.left} ${frame.top}V${bottom}H${right}"/>
<text class="title" x="${frame.left + frame.width / 2}" y="${bottom + 40}"
 text-anchor="middle">${x.label}</text>
<text class="title" transform="translate(15 ${middleY}) rotate(-90)"
 text-anchor="middle">${y.label}</text>
</g>`;
}

/** Path data of the polyline through points. */
export function polyline(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');
}
