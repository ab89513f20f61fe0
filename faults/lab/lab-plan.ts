/** The plan of the lab: real cells of a beam-angle search, small enough to be killed a lot. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isola } from 'isola/built-command';
import { temporaryFolder } from './temporary.js';

export const ISLANDS = 4;
/** What the options name. */
const PLAN = 'plan.yaml';

/** The plan file. Cells take about a tenth of a second each. */
export function labPlan(epochs: number, seed = 1): string {
  const search = `epochs: ${epochs}, population: 2, generations: 1`;
  const lines = [
    'case: phantom:tg119-c-shape',
    'machine: generic-6mv',
    'prescription: { structure: Target, doseGy: 50 }',
    'beams: { count: 2, bixelMm: 15 }',
    'search: { method: beam-angles, candidatesDeg: { from: 0, to: 330, step: 30 },',
    `  islands: ${ISLANDS}, ${search} }`,
    'doseGridMm: 10',
    'fractions: 25',
    'objectives:',
    '  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 100 }',
    '  - { structure: Core, type: squared-overdosing, doseGy: 15, weight: 50 }',
    `seed: ${seed}`,
  ];
  return lines.join('\n');
}

/** A new folder with the plan. */
export function labFolder(epochs: number, seed = 1): string {
  const folder = temporaryFolder('plan');
  writeFileSync(join(folder, PLAN), labPlan(epochs, seed));
  return folder;
}

/**
 * The hash of the lab's plan: on this machine, or with `--coordinator` by a cluster.
 * @throws Error where it is not made
 */
export async function planHash(folder: string, args: readonly string[] = []): Promise<string> {
  const out = `out-${args.length}`;
  const { code, stdout, stderr } = await isola(folder, [
    ...['optimize', PLAN, '--json', '--out', out, ...args],
  ]);
  if (code !== 0) throw new Error(`no plan, exit code ${code}: ${stderr}`);
  return (JSON.parse(stdout) as { planHash: string }).planHash;
}

const goldens = new Map<string, Promise<string>>();

/** The hash of the lab's plan as one machine makes it; computed once. */
export function goldenHash(epochs: number, seed = 1): Promise<string> {
  const key = `${epochs} ${seed}`;
  const known = goldens.get(key);
  if (known !== undefined) return known;
  const hash = planHash(labFolder(epochs, seed));
  goldens.set(key, hash);
  return hash;
}
