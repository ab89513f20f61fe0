/** The report as one HTML file that asks nothing of the network. */
import { createHash } from 'node:crypto';
import { searchSection } from './beam-angle-search.js';
import { convergenceChart } from './convergence.js';
import { dvhData, dvhSection } from './dvh-chart.js';
import { fieldOfView } from './field-of-view.js';
import { fluenceSection } from './fluence-maps.js';
import { html, jsonMarkup, Markup } from './html.js';
import { fixed, significant } from './numbers.js';
import type { ReportInput } from './report-input.js';
import { planeViews, slicesSection } from './slices.js';
import { stylesheet } from './stylesheet.js';
import {
  goalsSection,
  indicesSection,
  metricsSection,
  termsTable,
  timingsTable,
} from './tables.js';
import { viewerScript } from './viewer/index.js';
import { embedVolumes } from './volumes.js';

/**
 * One self-contained HTML file: it reads without scripts; with them, curves can be read off and
 * slices leafed through. Equal input gives equal text.
 */
export function renderReport(input: ReportInput): string {
  const style = stylesheet(planeViews(input).map((view) => view.width));
  const script = viewerScript();
  const dvh = dvhData(input);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${input.title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${header(input)}
<main>
${goalsSection(input.goals)}
${dvhSection(input, dvh)}
${metricsSection(input)}
${slicesSection(input)}
${fluenceSection(input.beams)}
${input.search === undefined ? null : searchSection(input.search)}
${optimisationSection(input)}
${indicesSection(input.indices)}
${reproducibilitySection(input)}
</main>
<footer><p>Not for clinical use. Doses are for the whole course of ${input.fractions}
 fractions.</p></footer>
<script type="application/json" id="report-data">${jsonMarkup(viewerData(input, dvh))}</script>
<script type="module">${new Markup(script)}</script>
</body>
</html>
`;
  return page.text;
}

/** Nothing may be loaded; only the page's own style and script may act. */
function contentPolicy(style: string, script: string): string {
  return [
    "default-src 'none'",
    `style-src '${sha256(style)}'`,
    `script-src '${sha256(script)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function viewerData(input: ReportInput, dvh: ReturnType<typeof dvhData>) {
  return {
    prescribedGy: input.prescription.doseGy,
    isocentreMm: input.isocentreMm,
    structures: input.structures.map((each) => each.name),
    dvh,
    volumes: embedVolumes(input, fieldOfView(input)),
  };
}

function header(input: ReportInput): Markup {
  const { prescription, fractions, optimiser } = input;
  const monitorUnits = input.beams.reduce((sum, beam) => sum + beam.monitorUnits, 0);
  const facts: [string, string][] = [
    ['Case', input.caseName],
    ['Machine', input.machineName],
    ['Prescription', `${fixed(prescription.doseGy, 2)} Gy to ${prescription.structure}`],
    ['Fractions', `${fractions} × ${fixed(prescription.doseGy / fractions, 2)} Gy`],
    ['Beams', `${input.beams.length} (${fixed(monitorUnits, 1)} MU in all)`],
    ['Isocentre', `${input.isocentreMm.map((value) => fixed(value, 1)).join(', ')} mm`],
    ['Optimisation', `${optimiser.status}, ${optimiser.iterations} iterations`],
  ];
  const links = [
    ['goals', 'Goals'],
    ['dvh', 'DVH'],
    ['metrics', 'Structures'],
    ['slices', 'Dose on CT'],
    ['fluence', 'Fluence'],
    ...(input.search === undefined ? [] : [['search', 'Beam angles']]),
    ['optimisation', 'Optimisation'],
    ['reproducibility', 'Reproducibility'],
  ];
  return html`<header>
<div class="title"><h1>${input.title}</h1><p class="warning">Not for clinical use</p></div>
<dl class="facts">
${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>
${input.notes.length === 0 ? null : notes(input.notes)}
<nav aria-label="Sections">${links.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
</header>`;
}

function notes(texts: readonly string[]): Markup {
  const items = texts.map((each) => html`<li>${each}</li>`);
  return html`<ul class="notes" aria-label="Notes">${items}</ul>`;
}

function optimisationSection({ optimiser, convergence }: ReportInput): Markup {
  return html`<section id="optimisation" aria-labelledby="optimisation-title">
<h2 id="optimisation-title">Optimisation</h2>
<p><b>${optimiser.status}</b> after ${optimiser.iterations} iterations, objective
 ${significant(optimiser.objective)}. ${optimiser.advice}</p>
<div class="pair">
${convergenceChart(convergence)}
<div><h3>Objective terms</h3>
${termsTable(optimiser.terms)}</div>
</div>
</section>`;
}

function reproducibilitySection({ reproducibility, timings }: ReportInput): Markup {
  const facts = [
    ['Plan hash', reproducibility.planHash],
    ['Seed', String(reproducibility.seed)],
    ...Object.entries(reproducibility.versions),
  ];
  return html`<section id="reproducibility" aria-labelledby="reproducibility-title">
<h2 id="reproducibility-title">Reproducibility</h2>
<div class="pair">
<dl class="listed">
${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd><code>${value}</code></dd></div>`)}
</dl>
<div><h3>Time taken</h3>
${timingsTable(timings)}</div>
</div>
</section>`;
}
