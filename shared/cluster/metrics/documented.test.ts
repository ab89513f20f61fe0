/** The dashboard, the alerts and their README against the metrics that there are. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COORDINATOR_METRICS, type Definition, WORKER_METRICS } from './definitions.js';
import { Metrics } from './metrics.js';

const read = (name: string) =>
  readFileSync(new URL(`../../../docs/observability/${name}`, import.meta.url), 'utf8');

const BUILD = { version: '0.0.0', kernelVersion: 'none' };
const OURS: Readonly<Record<string, Definition>> = { ...COORDINATOR_METRICS, ...WORKER_METRICS };
const registered = new Set([
  ...new Metrics(COORDINATOR_METRICS, BUILD).names(),
  ...new Metrics(WORKER_METRICS, BUILD).names(),
]);

const PARTS = ['_bucket', '_sum', '_count'];

/** The metrics that a text of expressions names, histograms by their own name. */
function named(text: string): string[] {
  const words = text.match(/\b(?:isola|nodejs|process)_[a-z0-9_]+/g) ?? [];
  return words.map((word) => {
    const whole = PARTS.map((part) => (word.endsWith(part) ? word.slice(0, -part.length) : word));
    return whole.find((name) => OURS[name]?.kind === 'histogram') ?? word;
  });
}

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

describe('the README of metrics', () => {
  const rows = [...read('README.md').matchAll(/^\| `([a-z0-9_]+)` \|(.*)\|$/gm)];

  it('explains every metric that there is, once, and no other', () => {
    expect(rows.map(([, name]) => name).sort()).toEqual([...registered].sort());
  });

  it('says of ours what the code says', () => {
    const told = rows.flatMap(([, name, rest]) => (name in OURS ? [[name, rest.trim()]] : []));
    const known = told.map(([name]) => {
      const { kind, labels, help } = OURS[name];
      return [name, `${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help}`];
    });
    expect(told).toEqual(known);
  });
});

describe('the dashboard', () => {
  const { panels } = JSON.parse(read('dashboard.json')) as Dashboard;
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it.each(expressions)('asks for what there is: %s', (expression) => {
    const names = named(expression);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !registered.has(name))).toEqual([]);
  });

  it('shows every metric of ours', () => {
    const shown = new Set(named(expressions.join(' ')));
    expect(Object.keys(OURS).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('tells its panels apart', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });
});

describe('the alerts', () => {
  const expressions = [...read('alerts.yaml').matchAll(/^ +expr: (.+)$/gm)].map(([, text]) => text);

  it.each(expressions)('look at what there is: %s', (expression) => {
    const names = named(expression);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !registered.has(name))).toEqual([]);
  });

  it('each say how bad it is, what is wrong, and what to do', () => {
    const text = read('alerts.yaml');
    const count = (pattern: RegExp) => text.match(pattern)?.length;
    expect(count(/- alert: Isola\w+$/gm)).toBe(expressions.length);
    expect(count(/severity: (page|ticket) /g)).toBe(expressions.length);
    expect(count(/^ +summary: .+$/gm)).toBe(expressions.length);
    expect(count(/^ +description: .+\.$/gm)).toBe(expressions.length);
  });
});
