/** Cumulative dose-volume histograms with goal markers. `viewer/dvh.js` adds the read-out. */
import { axesMarkup, type Frame, linearAxis, polyline } from './axes.js';
import { placeLabels } from './curve-labels.js';
import { type GoalPoint, goalPoints } from './goal-points.js';
import { html, type Markup } from './html.js';
import { fixed } from './numbers.js';
import { structureClass, structureDash } from './palette.js';
import type { ReportInput } from './report-input.js';
import { structureKey } from './structure-key.js';
import { thinCurve } from './thin-curve.js';

/** What the page's script needs to read the chart: its frame and the curves. */
export interface DvhData {
  readonly frame: Frame;
  readonly maxGy: number;
  readonly curves: readonly {
    readonly structure: number;
    readonly name: string;
    readonly doseGy: readonly number[];
    readonly volumePercent: readonly number[];
  }[];
}

const frame: Frame = { left: 56, top: 24, width: 790, height: 410 };
const drawingWidth = 866;
const drawingHeight = 486;
const tolerancePercent = 0.02;

export function dvhData(input: ReportInput): DvhData {
  const curves = input.dvhs.flatMap((dvh) => {
    const structure = input.structures.findIndex((each) => each.name === dvh.structure);
    if (structure < 0 || dvh.doseGy.length === 0) return [];
    const kept = thinCurve(dvh.doseGy, dvh.volumePercent, tolerancePercent);
    return [
      {
        structure,
        name: dvh.structure,
        doseGy: kept.map((i) => Number(dvh.doseGy[i].toFixed(3))),
        volumePercent: kept.map((i) => Number(dvh.volumePercent[i].toFixed(3))),
      },
    ];
  });
  const ends = input.dvhs.map(({ doseGy, volumePercent }) => {
    const last = volumePercent.findLastIndex((volume) => volume > tolerancePercent);
    return doseGy[last] ?? 0;
  });
  const marks = goalPoints(input).map((point) => point.doseGy);
  const maxGy = 1.04 * Math.max(1e-3, input.prescription.doseGy, ...ends, ...marks);
  return { frame, maxGy, curves };
}

export function dvhSection(input: ReportInput, data: DvhData): Markup {
  const right = frame.left + frame.width;
  const bottom = frame.top + frame.height;
  const x = linearAxis('Dose of the whole course (Gy)', [0, data.maxGy], [frame.left, right], 10);
  const y = linearAxis('Volume (%)', [0, 100], [bottom, frame.top], 10);
  const curves = data.curves.map((curve) => ({
    ...curve,
    points: curve.doseGy.map(
      (doseGy, i) => [x.place(doseGy), y.place(curve.volumePercent[i])] as const,
    ),
  }));
  const labels = placeLabels(curves, { left: frame.left, right, top: frame.top, bottom });
  const paths = curves.map(
    ({ structure, points }) =>
      html`<path class="curve ${structureClass(structure)}" data-structure="${structure}"
 stroke-dasharray="${structureDash(structure)}" d="${polyline(points)}"/>`,
  );
  const names = curves.map(
    ({ structure, name }, i) =>
      html`<text class="name ${structureClass(structure)}" data-structure="${structure}"
 x="${labels[i].x.toFixed(1)}" y="${labels[i].y.toFixed(1)}">${name}</text>`,
  );
  const markers = goalPoints(input).map((point) =>
    goalMarker(point, x.place(point.doseGy), y.place(point.volumePercent)),
  );
  return html`<section id="dvh" aria-labelledby="dvh-title">
<h2 id="dvh-title">Dose-volume histogram</h2>
<div class="dvh">
<div class="chart" id="dvh-chart">
<svg role="img" aria-label="Cumulative dose-volume histograms; the table below has the numbers"
 viewBox="0 0 ${drawingWidth} ${drawingHeight}">
${axesMarkup(frame, x, y)}
${prescriptionMark(x.place(input.prescription.doseGy), input.prescription.doseGy)}
<clipPath id="dvh-clip"><rect x="${frame.left}" y="${frame.top - 2}" width="${frame.width}"
 height="${frame.height + 3}"/></clipPath>
<g clip-path="url(#dvh-clip)">${paths}</g>
${markers}
${names}
</svg>
</div>
<div class="aside">
<ul class="legend column" aria-label="Structures">
${data.curves.map(
  (curve) => html`<li>${structureKey(curve.structure, curve.name)}<span class="at-cursor"
 data-cursor="${curve.structure}"></span></li>`,
)}
</ul>
${markers.length > 0 ? markerLegend() : null}
</div>
</div>
</section>`;
}

function prescriptionMark(place: number, doseGy: number): Markup {
  const at = place.toFixed(1);
  return html`<line class="prescription" x1="${at}" x2="${at}" y1="${frame.top}"
 y2="${frame.top + frame.height}"/>
<text class="quiet" x="${at}" y="${frame.top - 8}" text-anchor="middle">Rx ${fixed(
    doseGy,
    1,
  )} Gy</text>`;
}

const turns = { right: 0, below: 90, left: 180, above: 270 } as const;

function goalMarker(point: GoalPoint, x: number, y: number): Markup {
  const { goal, structure, side } = point;
  const reached = goal.value === null ? '' : `: ${fixed(goal.value, 2)} ${goal.unit}`;
  return html`<g class="goal ${structureClass(structure)}" data-structure="${structure}"
 transform="translate(${x.toFixed(1)} ${y.toFixed(1)})"><title>${goal.text}${reached},
 ${goal.met ? 'met' : 'not met'}</title>${marker(turns[side], goal.met)}</g>`;
}

/** A triangle whose base stands on the limit; a ring and a cross where the goal is not met. */
function marker(turnDeg: number, met: boolean): Markup {
  const triangle = html`<path class="${met ? 'filled' : 'hollow'}" transform="rotate(${turnDeg})"
 d="M0 -6L10 0L0 6Z"/>`;
  const ring = html`<circle class="ring" r="14"/>`;
  return html`${met ? null : ring}${triangle}`;
}

function markerLegend(): Markup {
  const sample = (met: boolean) =>
    html`<svg class="marker" viewBox="-16 -16 32 32" aria-hidden="true">${marker(0, met)}</svg>`;
  return html`<ul class="legend column quiet" aria-label="Goal markers">
<li>${sample(true)} goal met: the curve passes on the side the triangle points to</li>
<li>${sample(false)} goal not met</li>
</ul>`;
}
