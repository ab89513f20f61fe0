/** Plans of the lab: mostly cells of a beam-angle search, small enough to be killed a lot. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isola } from 'isola/built-command';
import { temporaryFolder } from './temporary.js';

export const ISLANDS = 4;
const GIVEN_BEAMS = ['beams: { gantryDeg: [0, 72, 144, 216, 288], bixelMm: 15 }'];
/** What the options name. */
const PLAN = 'plan.yaml';

/** A search. Its cells take about a tenth of a second each. */
export function labPlan(epochs: number, seed = 1): string {
  const search = `epochs: ${epochs}, population: 2, generations: 1`;
  return planOf(seed, [
    'beams: { count: 2, bixelMm: 15 }',
    'search: { method: beam-angles, candidatesDeg: { from: 0, to: 330, step: 30 },',
    `  islands: ${ISLANDS}, ${search} }`,
  ]);
}

/** Given beams, whose weights one worker optimises. */
export function fluencePlan(): string {
  return planOf(1, GIVEN_BEAMS);
}

/** Given beams, whose weights all workers optimise together. */
export function shardPlan(seed: number): string {
  const optimizer = '{ shards: 16, maxIterations: 10, tolerance: 1e-6 }';
  return planOf(seed, [...GIVEN_BEAMS, `optimizer: ${optimizer}`]);
}

function planOf(seed: number, own: readonly string[]): string {
  return [
    'case: phantom:tg119-c-shape',
    'machine: generic-6mv',
    'prescription: { structure: Target, doseGy: 50 }',
    ...own,
    'doseGridMm: 10',
    'fractions: 25',
    'objectives:',
    '  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 100 }',
    '  - { structure: Core, type: squared-overdosing, doseGy: 15, weight: 50 }',
    `seed: ${seed}`,
  ].join('\n');
}

/** A new folder with the search. */
export function labFolder(epochs: number, seed = 1): string {
  return folderWith(labPlan(epochs, seed));
}

/** A new folder with a plan. */
export function folderWith(plan: string): string {
  const folder = temporaryFolder('plan');
  writeFileSync(join(folder, PLAN), plan);
  return folder;
}

/**
 * The hash of the plan in a folder: on this machine, or with `--coordinator` by a cluster.
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

/** The hash of the search as one machine makes it. */
export function goldenHash(epochs: number, seed = 1): Promise<string> {
  return goldenOf(labPlan(epochs, seed));
}

/** The hash of a plan as one machine makes it; computed once. */
export function goldenOf(plan: string): Promise<string> {
  const known = goldens.get(plan);
  if (known !== undefined) return known;
  const hash = planHash(folderWith(plan));
  goldens.set(plan, hash);
  return hash;
}
