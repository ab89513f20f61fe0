/** Beamlet weights of each beam as heat maps in the beam's eye view, on one colour scale. */
import { axesMarkup, type Frame, linearAxis } from './axes.js';
import { html, type Markup } from './html.js';
import { fixed, significant } from './numbers.js';
import { heatColour } from './palette.js';
import { pngDataUri } from './png.js';
import type { ReportBeam } from './report-input.js';

const mapSide = 220;

export function fluenceSection(beams: readonly ReportBeam[]): Markup {
  const highest = beams.reduce((most, beam) => Math.max(most, peak(beam)), 0);
  const reachMm = Math.max(...beams.map(reach), 1);
  return html`<section id="fluence" aria-labelledby="fluence-title">
<h2 id="fluence-title">Fluence</h2>
<p class="quiet">Beam's eye view in the isocentre plane, looking from the source. All maps share
 their scales.</p>
${beams.length === 0 ? html`<p>The plan has no beams.</p>` : colourBar(highest)}
<div class="maps">
${beams.map((beam, i) => map(beam, i, highest, reachMm))}
</div>
</section>`;
}

function peak(beam: ReportBeam): number {
  return beam.weights.reduce((most, weight) => Math.max(most, weight), 0);
}

/** Largest distance of a beamlet's edge from the beam axis along x or z. */
function reach(beam: ReportBeam): number {
  let most = 0;
  for (let i = 0; i < beam.weights.length; i++) {
    most = Math.max(most, Math.abs(beam.xMm[i]), Math.abs(beam.zMm[i]));
  }
  return most + beam.beamletMm / 2;
}

function map(beam: ReportBeam, index: number, highest: number, reachMm: number): Markup {
  const frame: Frame = { left: 48, top: 8, width: mapSide, height: mapSide };
  const right = frame.left + mapSide;
  const bottom = frame.top + mapSide;
  const x = linearAxis('x (mm)', [-reachMm, reachMm], [frame.left, right], 5);
  const z = linearAxis('z (mm)', [-reachMm, reachMm], [bottom, frame.top], 5);
  const couch = beam.couchDeg === 0 ? '' : `, couch ${significant(beam.couchDeg)}°`;
  const name = `Beam ${index + 1}: gantry ${significant(beam.gantryDeg)}°${couch}`;
  return html`<figure>
<figcaption><b>${name}</b>
<span class="quiet">${fixed(beam.monitorUnits, 1)} MU · complexity ${significant(beam.complexity)}
 · peak ${significant(peak(beam))} · ${beam.weights.length} beamlets of
 ${significant(beam.beamletMm)} mm</span></figcaption>
<svg role="img" aria-label="Fluence of ${name}" viewBox="0 0 ${right + 10} ${bottom + 48}">
${axesMarkup(frame, x, z)}
${heatImage(beam, highest, x.place, z.place)}
</svg>
</figure>`;
}

/** One pixel a beamlet; clear where the beam has none. */
function heatImage(
  beam: ReportBeam,
  highest: number,
  placeX: (mm: number) => number,
  placeZ: (mm: number) => number,
): Markup | null {
  if (beam.weights.length === 0) return null;
  const step = beam.beamletMm;
  const left = beam.xMm.reduce((least, x) => Math.min(least, x), Infinity);
  const top = beam.zMm.reduce((most, z) => Math.max(most, z), -Infinity);
  const columns = Array.from(beam.xMm, (x) => Math.round((x - left) / step));
  const rows = Array.from(beam.zMm, (z) => Math.round((top - z) / step));
  const width = columns.reduce((most, column) => Math.max(most, column + 1), 0);
  const height = rows.reduce((most, row) => Math.max(most, row + 1), 0);
  const pixels = new Uint8Array(4 * width * height);
  beam.weights.forEach((weight, i) => {
    const part = highest > 0 ? weight / highest : 0;
    pixels.set([...heatColour(part), 255], 4 * (columns[i] + width * rows[i]));
  });
  const x = placeX(left - step / 2);
  const y = placeZ(top + step / 2);
  const across = placeX(left + (width - 0.5) * step) - x;
  const down = placeZ(top - (height - 0.5) * step) - y;
  return html`<image class="pixels" x="${x.toFixed(2)}" y="${y.toFixed(2)}"
 width="${across.toFixed(2)}" height="${down.toFixed(2)}" preserveAspectRatio="none"
 href="${pngDataUri(pixels, width, height)}"/>`;
}

function colourBar(highest: number): Markup {
  const steps = 64;
  const pixels = new Uint8Array(4 * steps);
  for (let i = 0; i < steps; i++) pixels.set([...heatColour(i / (steps - 1)), 255], 4 * i);
  const x = linearAxis('', [0, highest > 0 ? highest : 1], [10, 330], 5);
  const ticks = x.ticks.map(
    ({ value, text }) =>
      html`<text x="${x.place(value).toFixed(1)}" y="40" text-anchor="middle">${text}</text>`,
  );
  return html`<svg class="colour-bar axes" role="img" viewBox="0 0 460 46"
 aria-label="Colour scale of beamlet weights from 0 to ${significant(highest)}">
<image x="10" y="8" width="320" height="14" preserveAspectRatio="none"
 href="${pngDataUri(pixels, steps, 1)}"/>
<text x="344" y="20">beamlet weight</text>
${ticks}
</svg>`;
}
