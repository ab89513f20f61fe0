import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Definition, Definitions } from './definitions.js';

/** What `isola_build_info` says. */
export interface Build {
  readonly version: string;
  readonly kernelVersion: string;
}

type NameOf<D extends Definitions, K extends Definition['kind']> = {
  [N in keyof D]: D[N]['kind'] extends K ? N : never;
}[keyof D] &
  string;

type LabelsOf<D extends Definition> = Readonly<Record<D['labels'][number], string>>;

/** The metrics of one process: those of a table, and what Node and the system say of it. */
export class Metrics<D extends Definitions> {
  private readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly gauges = new Map<string, Gauge>();
  private readonly histograms = new Map<string, Histogram>();
  private readonly looks: (() => void)[] = [];
  readonly contentType = this.registry.contentType;

  constructor(definitions: D, { version, kernelVersion }: Build) {
    for (const [name, definition] of Object.entries(definitions)) this.define(name, definition);
    collectDefaultMetrics({ register: this.registry });
    const build = { version, kernel_version: kernelVersion, node: process.version };
    this.gauges.get('isola_build_info')?.set(build, 1);
  }

  add<N extends NameOf<D, 'counter'>>(name: N, labels: LabelsOf<D[N]>, by = 1): void {
    this.counters.get(name)?.inc(labels, by);
  }

  set<N extends NameOf<D, 'gauge'>>(name: N, labels: LabelsOf<D[N]>, value: number): void {
    this.gauges.get(name)?.set(labels, value);
  }

  observe<N extends NameOf<D, 'histogram'>>(name: N, labels: LabelsOf<D[N]>, value: number): void {
    this.histograms.get(name)?.observe(labels, value);
  }

  /** Calls `look` before each scrape: for what is only looked up. */
  beforeScrape(look: () => void): void {
    this.looks.push(look);
  }

  /** As Prometheus reads it. */
  async text(): Promise<string> {
    for (const look of this.looks) look();
    return this.registry.metrics();
  }

  /** Names of all metrics, those of Node and the system included. */
  names(): string[] {
    return this.registry.getMetricsAsArray().map(({ name }) => name);
  }

  private define(name: string, { kind, help, labels, buckets = [] }: Definition): void {
    const settings = { name, help, labelNames: [...labels], registers: [this.registry] };
    if (kind === 'counter') this.counters.set(name, new Counter(settings));
    else if (kind === 'gauge') this.gauges.set(name, new Gauge(settings));
    else this.histograms.set(name, new Histogram({ ...settings, buckets: [...buckets] }));
  }
}
