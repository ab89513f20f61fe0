/** How beam angles were searched for, and which were found. */
import type { AngleLists, SearchSummary } from '@isola/planning/searches';
import { epochChart } from './convergence.js';
import { html, type Markup } from './html.js';
import { significant } from './numbers.js';
import { number, table, text } from './table.js';

const width = 560;
const height = 308;
const radius = 112;
/** Labels of chosen angles are moved apart to this. */
const labelGapDeg = 15;

export function searchSection(search: SearchSummary): Markup {
  const { candidatesDeg, sets, best, trace } = search;
  const beams = best.anglesDeg.gantryDeg.length;
  return html`<section id="search" aria-labelledby="search-title">
<h2 id="search-title">Beam-angle search</h2>
<p><b>${beams} ${beams === 1 ? 'beam' : 'beams'}</b> chosen of ${candidatesDeg.gantryDeg.length}
 candidates. ${sets.optimised + sets.screened} sets of beams were judged: the fluence of
 ${sets.optimised} was optimised to the end, ${sets.screened} were screened out before. The best
 has cost ${significant(best.value)}. The search takes voxels in groups, so the plan's own objective
 differs from it.</p>
<div class="pair">
${polarChart(candidatesDeg, best.anglesDeg)}
${epochChart(trace)}
</div>
<div class="angles"><h3>Chosen beams</h3>
${angleTable(best.anglesDeg)}</div>
</section>`;
}

/** Directions at couch 0 around the patient, as on a transaxial slice; null where none are. */
function polarChart(candidatesDeg: AngleLists, chosenDeg: AngleLists): Markup | null {
  const candidates = atCouchZero(candidatesDeg);
  const chosen = atCouchZero(chosenDeg).sort((a, b) => a - b);
  if (candidates.length === 0) return null;
  const isFree = (deg: number) => chosen.every((each) => apartDeg(deg, each) > labelGapDeg);
  const free = [0, 90, 180, 270].filter(isFree);
  const turned = chosenDeg.gantryDeg.length - chosen.length;
  const others =
    turned === 0
      ? ''
      : ` Not shown: ${turned} ${turned === 1 ? 'beam' : 'beams'} at other couch angles.`;
  return html`<figure>
<figcaption><b>Gantry angles at couch 0°</b>
<span class="quiet">Seen from the feet, patient supine. Ticks: candidates; lines: chosen
 beams.${others}</span></figcaption>
<svg role="img" aria-label="Chosen gantry angles at couch 0: ${chosen.join(', ')}"
 viewBox="0 0 ${width} ${height}"><g class="axes">
${patient()}
<circle class="orbit" cx="${width / 2}" cy="${height / 2}" r="${radius}"/>
${free.map(cardinal)}
${candidates.map((deg) => spoke('candidate', deg, radius - 4, radius + 4))}
${chosen.map((deg) => spoke('chosen', deg, 0, radius))}
${chosen.map((deg) => source(deg))}
${labelled(chosen)}
</g></svg>
</figure>`;
}

function atCouchZero({ gantryDeg, couchDeg }: AngleLists): number[] {
  return gantryDeg.filter((_, i) => couchDeg[i] === 0);
}

/** Between two directions, at most 180. */
function apartDeg(a: number, b: number): number {
  const apart = Math.abs(a - b) % 360;
  return Math.min(apart, 360 - apart);
}

/** A place by gantry angle and distance from the isocentre: 0 above, 90 at the right. */
function place(deg: number, distance: number): readonly [x: string, y: string] {
  const angle = (deg * Math.PI) / 180;
  const x = width / 2 + distance * Math.sin(angle);
  const y = height / 2 - distance * Math.cos(angle);
  return [x.toFixed(1), y.toFixed(1)];
}

function spoke(kind: string, deg: number, from: number, to: number): Markup {
  const [x1, y1] = place(deg, from);
  const [x2, y2] = place(deg, to);
  return html`<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

function source(deg: number): Markup {
  const [cx, cy] = place(deg, radius);
  return html`<circle class="source" cx="${cx}" cy="${cy}" r="5"/>`;
}

function cardinal(deg: number): Markup {
  return label('quiet', deg, deg);
}

/** Labels of chosen angles, each as near to its angle as the others let it. */
function labelled(chosen: readonly number[]): Markup[] {
  const at = movedApart(chosen);
  return chosen.map((deg, i) => label('angle', deg, at[i]));
}

/** Ascending angles on a circle, moved by halves of what lacks between neighbours. */
function movedApart(anglesDeg: readonly number[]): number[] {
  const at = [...anglesDeg];
  const gap = Math.min(labelGapDeg, 360 / at.length);
  for (let round = 0; round < 300 && at.length > 1; round++) {
    for (let i = 0; i < at.length; i++) {
      const next = (i + 1) % at.length;
      const lacking = gap - (at[next] - at[i] + (next === 0 ? 360 : 0));
      if (lacking <= 0) continue;
      at[i] -= lacking / 2;
      at[next] += lacking / 2;
    }
  }
  return at;
}

/** A patient on a couch, to see where above is; of no particular size. */
function patient(): Markup {
  const [x, y] = [width / 2, height / 2];
  return html`<ellipse class="patient" cx="${x}" cy="${y}" rx="46" ry="30"/>
<path class="couch" d="M${x - 54} ${y + 33}H${x + 54}"/>`;
}

function label(kind: string, deg: number, atDeg: number): Markup {
  const [x, y] = place(atDeg, radius + 20);
  return html`<text class="${kind}" x="${x}" y="${y}" text-anchor="middle"
 dominant-baseline="central">${significant(deg)}°</text>`;
}

function angleTable({ gantryDeg, couchDeg, collimatorDeg }: AngleLists): Markup {
  const rows = gantryDeg.map((deg, i) =>
    [i + 1, deg, couchDeg[i], collimatorDeg[i]].map(significant),
  );
  const angles = ['Gantry', 'Couch', 'Collimator'].map((name) => number(`${name} (°)`));
  return table('Angles of the chosen beams', [text('Beam'), ...angles], rows);
}
