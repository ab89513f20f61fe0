/**
 * CT with isodose lines in three planes through the isocentre. What stands in the page is complete
 * without a script; `viewer/slices.js` takes over its drawing when the reader leafs through.
 */
import { fieldOfView } from './field-of-view.js';
import { html, type Markup } from './html.js';
import { fixed } from './numbers.js';
import { structureClass, structureDash } from './palette.js';
import { pngDataUri } from './png.js';
import type { ReportInput } from './report-input.js';
import { structureKey } from './structure-key.js';
import { structureRuns } from './structure-runs.js';
import {
  ctWindows,
  greyOf,
  isodoseColours,
  isolines,
  labelPoint,
  nearestLayer,
  type Plane,
  pathData,
  planeExtent,
  planeSamples,
  planes,
  positionOf,
  structureOutline,
} from './viewer/index.js';

/** Rectangle of a plane on the page. */
export interface View {
  readonly u: number;
  readonly v: number;
  readonly width: number;
  readonly height: number;
}

/** The part of each plane that is shown, in millimetres. */
export function planeViews(input: ReportInput): View[] {
  const box = fieldOfView(input);
  return planes.map((plane) => ({
    u: box.lowMm[plane.across],
    v: plane.downSign === 1 ? box.lowMm[plane.down] : -box.highMm[plane.down],
    width: box.highMm[plane.across] - box.lowMm[plane.across],
    height: box.highMm[plane.down] - box.lowMm[plane.down],
  }));
}

export function slicesSection(input: ReportInput): Markup {
  const views = planeViews(input);
  const runs = input.structures.map((each) => structureRuns(each.voxels, input.grid.size[0]));
  const letterMm = views[0].width * 0.035;
  const figures = planes.map((plane, i) => figure(input, plane, views[i], runs, letterMm));
  const keys = input.structures.map((each, i) => html`<li>${structureKey(i, each.name)}</li>`);
  return html`<section id="slices" aria-labelledby="slices-title">
<h2 id="slices-title">Dose on CT</h2>
<div class="viewer">
<div class="controls" id="slice-controls"></div>
<div class="planes">
${figures}
</div>
<p class="readout" id="slice-readout">Planes through the isocentre; lines are percent of
 ${fixed(input.prescription.doseGy, 2)} Gy.</p>
<div class="legends">
<ul class="legend" id="isodose-legend" aria-label="Isodose levels">
${isodoseColours.map((each) => isodoseKey(each, input.prescription.doseGy))}
</ul>
<ul class="legend" aria-label="Structures">
${keys}
</ul>
</div>
</div>
</section>`;
}

function isodoseKey(level: { percent: number; colour: string }, prescribedGy: number): Markup {
  const doseGy = fixed((level.percent / 100) * prescribedGy, 1);
  return html`<li><svg class="swatch" viewBox="0 0 28 8" aria-hidden="true"><line x1="0" x2="28"
 y1="4" y2="4" stroke="${level.colour}"/></svg>${level.percent} %
<span class="quiet">${doseGy} Gy</span></li>`;
}

function figure(
  input: ReportInput,
  plane: Plane,
  view: View,
  runs: readonly Uint32Array[],
  letterMm: number,
): Markup {
  const layer = nearestLayer(input.grid, plane.normal, input.isocentreMm[plane.normal]);
  const positionMm = positionOf(input.grid, plane.normal, layer);
  const axis = 'xyz'[plane.normal];
  const box = [view.u, view.v, view.width, view.height].map(length).join(' ');
  const outlines = runs.map((each, i) => {
    const data = pathData(structureOutline(each, input.grid, plane, layer), input.grid, plane);
    return html`<path class="outline ${structureClass(i)}" data-structure="${i}"
 stroke-dasharray="${structureDash(i)}" d="${data}"/>`;
  });
  return html`<figure class="plane">
<figcaption><b>${plane.name}</b> <span class="at">${axis} = ${fixed(positionMm, 1)} mm</span>
</figcaption>
<svg role="img" aria-label="${plane.name} CT slice with isodose lines" viewBox="${box}"
 font-size="${length(letterMm)}">
${ctImage(input, plane, layer)}
<g class="outlines">${outlines.reverse()}</g>
<g class="isodoses">${isodoses(input, plane, positionMm)}</g>
${isocentreMark(input, plane, letterMm)}
${letters(plane, view, letterMm)}
</svg>
</figure>`;
}

function ctImage(input: ReportInput, plane: Plane, layer: number): Markup {
  const { grid } = input;
  const samples = planeSamples(input.hu, grid, plane, positionOf(grid, plane.normal, layer));
  if (samples === null) throw new Error(`layer ${layer} is outside the CT`);
  const columns = grid.size[plane.across];
  const rows = grid.size[plane.down];
  const grey = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const from = plane.downSign === 1 ? row : rows - 1 - row;
    for (let column = 0; column < columns; column++) {
      grey[column + columns * row] = greyOf(samples[column + columns * from], ctWindows[0]);
    }
  }
  const { u, v, width, height } = planeExtent(grid, plane);
  return html`<image x="${length(u)}" y="${length(v)}" width="${length(width)}"
 height="${length(height)}" preserveAspectRatio="none" href="${pngDataUri(grey, columns, rows)}"/>`;
}

/** Lines first, so that none crosses a name. */
function isodoses(input: ReportInput, plane: Plane, positionMm: number): Markup[] {
  const grid = input.doseGrid;
  const samples = planeSamples(input.doseGy, grid, plane, positionMm);
  if (samples === null) return [];
  const paths: Markup[] = [];
  const names: Markup[] = [];
  isodoseColours.forEach(({ percent, colour }, i) => {
    const doseGy = (percent / 100) * input.prescription.doseGy;
    const lines = isolines(samples, grid.size[plane.across], grid.size[plane.down], doseGy);
    paths.push(html`<path stroke="${colour}" d="${pathData(lines, grid, plane)}"/>`);
    const at = labelPoint(lines, grid, plane, i);
    if (at === null) return;
    names.push(html`<text x="${at.u}" y="${at.v}" fill="${colour}">${percent}</text>`);
  });
  return [...paths, ...names];
}

function isocentreMark(input: ReportInput, plane: Plane, sizeMm: number): Markup {
  const u = input.isocentreMm[plane.across];
  const v = plane.downSign * input.isocentreMm[plane.down];
  const arm = sizeMm / 2;
  const across = `M${length(u - arm)} ${length(v)}H${length(u + arm)}`;
  const upright = `M${length(u)} ${length(v - arm)}V${length(v + arm)}`;
  return html`<path class="isocentre" d="${across}${upright}"><title>Isocentre</title></path>`;
}

function letters(plane: Plane, view: View, sizeMm: number): Markup {
  const inset = sizeMm * 0.8;
  const [left, right] = [view.u + inset, view.u + view.width - inset];
  const [top, bottom] = [view.v + inset, view.v + view.height - inset];
  const [middleU, middleV] = [view.u + view.width / 2, view.v + view.height / 2];
  const places = [
    [left, middleV],
    [right, middleV],
    [middleU, top],
    [middleU, bottom],
  ];
  return html`<g class="letters">${places.map(
    ([u, v], i) => html`<text x="${length(u)}" y="${length(v)}">${plane.letters[i]}</text>`,
  )}</g>`;
}

/** A length in the drawing, to a hundredth of a millimetre. */
function length(valueMm: number): number {
  return Number(valueMm.toFixed(2));
}
