import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { escapeHtml } from './html.js';
import { renderReport } from './page.js';
import type { ReportInput } from './report-input.js';
import { syntheticReport } from './synthetic-report.js';
import { viewerScript } from './viewer/index.js';

const report = syntheticReport(24);
const page = renderReport(report);

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start) + start.length;
  return text.slice(from, text.indexOf(end, from));
}

describe('renderReport', () => {
  it('asks nothing of the network', () => {
    expect(page).not.toMatch(/https?:|["'(]\/\/|@import|<link|<iframe|url\((?!#)/i);
    for (const [, address] of page.matchAll(/(?:href|src)="([^"]*)"/g)) {
      expect(address).toMatch(/^(#|data:image\/png;base64,)/);
    }
  });

  it('allows only its own style and script, by their hashes', () => {
    const policy = between(page, 'Content-Security-Policy" content="', '"').replaceAll(
      '&#39;',
      "'",
    );
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(hash(between(page, '<style>', '</style>')));
    expect(policy).toContain(hash(between(page, '<script type="module">', '</script>')));
    expect(policy).not.toContain('unsafe');
    expect(page).not.toMatch(/ style="| on[a-z]+="/);
  });

  it('shows every structure, goal, note, beam, term, index and version', () => {
    for (const text of [
      ...report.structures.map((each) => each.name),
      ...report.goals.map((each) => each.text),
      ...report.notes,
      ...report.beams.map((each) => `gantry ${each.gantryDeg}°`),
      ...report.optimiser.terms.map((each) => each.type),
      ...report.indices.flatMap((each) => [each.name, each.formula]),
      ...Object.values(report.reproducibility.versions),
      report.reproducibility.planHash,
      'Not for clinical use',
    ]) {
      expect(page).toContain(escapeHtml(text));
    }
    expect(page.match(/class="status met"/g)).toHaveLength(3);
    expect(page.match(/class="status unmet"/g)).toHaveLength(2);
  });

  it('has one main heading, a main landmark, and a section for every link', () => {
    expect(page.match(/<h1/g)).toHaveLength(1);
    expect(page.match(/<main/g)).toHaveLength(1);
    for (const [, id] of page.matchAll(/href="#([a-z]+)"/g)) {
      expect(page).toContain(`<section id="${id}"`);
    }
  });

  it('keeps hostile names as text', () => {
    const hostile = `</script><img src=x onerror="alert(1)">'&`;
    const renamed = renamedEverywhere(report, hostile);
    const body = renderReport(renamed);
    expect(body).not.toContain('<img');
    expect(body.match(/<script/g)).toHaveLength(2);
    expect(body).toContain(escapeHtml(hostile));
    const data = JSON.parse(between(body, 'id="report-data">', '</script>'));
    expect(data.structures[0]).toBe(hostile);
  });

  it('is the same text for the same input', () => {
    expect(renderReport(syntheticReport(24))).toBe(page);
  });

  it('does with an empty plan', () => {
    const empty = renderReport({
      ...report,
      structures: [],
      dvhs: [],
      metrics: [],
      goals: [],
      beams: [],
      convergence: [],
      timings: [],
      indices: [],
      notes: [],
    });
    expect(empty.slice(0, empty.indexOf('<script'))).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('viewerScript', () => {
  it('is one script without imports, in which no name is declared twice', () => {
    const script = viewerScript();
    expect(script).not.toMatch(/^(import|export) /m);
    expect(() => new Script(`'use strict'; async () => {{${script}\n}}`)).not.toThrow();
  });
});

function renamedEverywhere(input: ReportInput, name: string): ReportInput {
  const [target, ...others] = input.structures;
  return {
    ...input,
    title: name,
    caseName: name,
    machineName: name,
    notes: [name],
    prescription: { ...input.prescription, structure: name },
    structures: [{ ...target, name }, ...others],
    dvhs: input.dvhs.map((each) => ({ ...each, structure: name })),
    metrics: input.metrics.map((each) => ({ ...each, structure: name })),
    goals: input.goals.map((each) => ({ ...each, text: `${name} D95% >= 50 Gy`, unit: name })),
    optimiser: {
      ...input.optimiser,
      status: name,
      advice: name,
      terms: [{ structure: name, type: name, weight: 1, value: 1 }],
    },
    reproducibility: { planHash: name, seed: 1, versions: { [name]: name } },
    timings: [{ phase: name, seconds: 1 }],
    indices: [{ name, formula: name, value: 1 }],
  };
}
