/** The report's tables. */
import { html, type Markup } from './html.js';
import { fixed, significant } from './numbers.js';
import type { ReportInput } from './report-input.js';
import { structureKey } from './structure-key.js';
import { number, table, text } from './table.js';

export function goalsSection(goals: ReportInput['goals']): Markup {
  const met = goals.filter((goal) => goal.met).length;
  const rows = goals.map((goal) => [
    status(goal.met),
    goal.text,
    goal.value === null ? 'not available' : `${fixed(goal.value, 2)} ${goal.unit}`,
    `${fixed(goal.limit, 2)} ${goal.unit}`,
    goal.value === null ? '–' : difference(goal.value - goal.limit, goal.unit),
  ]);
  const columns = [
    text('Status'),
    text('Goal'),
    number('Reached'),
    number('Limit'),
    number('Difference'),
  ];
  return html`<section id="goals" aria-labelledby="goals-title">
<h2 id="goals-title">Goals <span class="count">${met} of ${goals.length} met</span></h2>
${goals.length > 0 ? table('Goals', columns, rows) : html`<p>The plan has no goals.</p>`}
</section>`;
}

function status(met: boolean): Markup {
  return met
    ? html`<span class="status met"><span aria-hidden="true">✓</span> met</span>`
    : html`<span class="status unmet"><span aria-hidden="true">✗</span> not met</span>`;
}

function difference(value: number, unit: string): string {
  return `${value > 0 ? '+' : ''}${fixed(value, 2)} ${unit}`;
}

export function metricsSection(input: ReportInput): Markup {
  const rows = input.metrics.map((each) => [
    structureKey(
      input.structures.findIndex((structure) => structure.name === each.structure),
      each.structure,
    ),
    fixed(each.volumeCc, 1),
    ...[each.meanGy, each.minGy, each.d98Gy, each.d95Gy, each.d50Gy, each.d2Gy, each.maxGy].map(
      (doseGy) => fixed(doseGy, 2),
    ),
  ]);
  const doses = ['Mean', 'Min', 'D98%', 'D95%', 'D50%', 'D2%', 'Max'];
  const columns = [
    text('Structure'),
    number('Volume (cc)'),
    ...doses.map((name) => number(`${name} (Gy)`)),
  ];
  return html`<section id="metrics" aria-labelledby="metrics-title">
<h2 id="metrics-title">Dose by structure</h2>
${table('Dose by structure', columns, rows)}
</section>`;
}

export function indicesSection(indices: ReportInput['indices']): Markup | null {
  if (indices.length === 0) return null;
  const rows = indices.map((each) => [
    each.name,
    html`<code>${each.formula}</code>`,
    significant(each.value),
  ]);
  return html`<section id="indices" aria-labelledby="indices-title">
<h2 id="indices-title">Plan indices</h2>
${table('Plan indices', [text('Index'), text('Formula'), number('Value')], rows)}
</section>`;
}

export function termsTable(terms: ReportInput['optimiser']['terms']): Markup {
  const sum = terms.reduce((total, term) => total + Math.max(term.value, 0), 0);
  const rows = terms.map((term) => [
    term.structure,
    term.type,
    significant(term.weight),
    significant(term.value),
    sum > 0 ? shareBar(Math.max(term.value, 0) / sum) : '–',
  ]);
  const columns = [
    text('Structure'),
    text('Type'),
    number('Weight'),
    number('Value'),
    number('Share'),
  ];
  return table('Objective terms at the end', columns, rows);
}

export function timingsTable(timings: ReportInput['timings']): Markup {
  const sum = timings.reduce((total, each) => total + each.seconds, 0);
  const rows = [
    ...timings.map((each) => [
      each.phase,
      `${fixed(each.seconds, 2)} s`,
      sum > 0 ? shareBar(each.seconds / sum) : '–',
    ]),
    ['Together', `${fixed(sum, 2)} s`, ''],
  ];
  return table('Time taken', [text('Phase'), number('Time'), number('Share')], rows);
}

function shareBar(part: number): Markup {
  return html`<span class="share">${fixed(100 * part, 1)} %<svg viewBox="0 0 60 8"
 aria-hidden="true"><rect class="track" width="60" height="8"/><rect width="${(60 * part).toFixed(
   1,
 )}" height="8"/></svg></span>`;
}
