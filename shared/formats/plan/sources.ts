import { resolve } from 'node:path';

/** Where a case comes from, paths made absolute. */
export type CaseSource =
  | { readonly kind: 'phantom'; readonly name: string }
  | { readonly kind: 'openkbp'; readonly folder: string }
  | { readonly kind: 'matrad'; readonly file: string };

/** Where a machine comes from: a built-in name, or a matRad machine file. */
export type MachineSource =
  | { readonly kind: 'built-in'; readonly name: string }
  | { readonly kind: 'matrad'; readonly file: string };

export const CASE_FORM = /^(phantom:|openkbp:).+$|^.+\.mat$/;
export const CASE_ALLOWED = 'phantom:NAME, openkbp:FOLDER, or a matRad file FILE.mat';
export const MACHINE_FORM = /^[A-Za-z0-9-]+$|^.+\.mat$/;
export const MACHINE_ALLOWED = 'the name of a built-in machine, or a matRad file FILE.mat';

/** Reads `case.source` of a checked plan; relative paths start at `folder`, the plan file's own. */
export function caseSource(source: string, folder: string): CaseSource {
  const [scheme, rest] = split(source);
  if (scheme === 'phantom') return { kind: 'phantom', name: rest };
  if (scheme === 'openkbp') return { kind: 'openkbp', folder: resolve(folder, rest) };
  return { kind: 'matrad', file: resolve(folder, source) };
}

/** Reads `machine` of a checked plan; relative paths start at `folder`, the plan file's own. */
export function machineSource(machine: string, folder: string): MachineSource {
  return machine.endsWith('.mat')
    ? { kind: 'matrad', file: resolve(folder, machine) }
    : { kind: 'built-in', name: machine };
}

function split(source: string): [string, string] {
  const colon = source.indexOf(':');
  return [source.slice(0, Math.max(0, colon)), source.slice(colon + 1)];
}
