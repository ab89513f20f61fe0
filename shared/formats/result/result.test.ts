import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { type Fluence, fluenceJson, readFluence, readResult } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'isola-result-'));

function file(text: string): string {
  const path = join(folder, 'file.json');
  writeFileSync(path, text);
  return path;
}

const beam = {
  ...{ gantryDeg: 40, couchDeg: 350, collimatorDeg: 0.1, beamletMm: 5 },
  isocenterMm: [0.1, -2.5, 1 / 3] as const,
};
const fluence: Fluence = {
  beams: [
    { ...beam, xMm: Float64Array.of(-5, 0, 5), zMm: Float64Array.of(0, 0, 0) },
    { ...beam, gantryDeg: 80, xMm: Float64Array.of(2.5), zMm: Float64Array.of(-2.5) },
  ],
  weights: Float64Array.of(0.1 + 0.2, 0, 1e-300, Math.PI),
  monitorUnitsPerWeight: 97.5,
};

describe('fluence.json', () => {
  it('reads back bit for bit', () => {
    expect(readFluence(file(fluenceJson(fluence, ['a note'])))).toEqual(fluence);
  });

  it.each<[string, (text: string) => string, string]>([
    ['another format', (text) => text.replace('fluence/1', 'fluence/2'), 'format'],
    ['a beam with a weight too few', (text) => text.replace(',1e-300', ''), 'beams.0: has 3,3,2'],
    ['a negative weight', (text) => text.replace('1e-300', '-1'), 'beams.0.weights.2'],
    ['NaN', (text) => text.replace('1e-300', 'null'), 'beams.0.weights.2'],
    [
      'no beams',
      () => '{"format":"isola-fluence/1","monitorUnitsPerWeight":1,"beams":[]}',
      ': beams',
    ],
    ['no JSON', () => 'beams: []', 'is not JSON'],
  ])('refuses %s', (_name, change, problem) => {
    const path = file(change(fluenceJson(fluence, [])));
    expect(() => readFluence(path)).toThrow(InputError);
    expect(() => readFluence(path)).toThrow(problem);
  });
});

/** A result.json with a search for beam angles. */
const result = {
  ...{ format: 'isola-result/1', notes: [], planHash: 'a'.repeat(64), status: 'converged' },
  ...{ advice: '', objective: 1.5, iterations: 3, evaluations: 4, trace: [3, 1.5], terms: [] },
  ...{ sampling: null, normalisationFactor: 1, goals: [], metrics: [], indices: [], beams: [] },
  search: {
    method: 'beam-angles',
    candidatesDeg: { gantryDeg: [0, 90, 180], couchDeg: [0, 0, 0], collimatorDeg: [0, 0, 0] },
    sets: { optimised: 3, screened: 1 },
    best: { value: 2, anglesDeg: { gantryDeg: [90], couchDeg: [0], collimatorDeg: [0] } },
    trace: [2.5, 2],
  },
  influence: { rows: 1, columns: 1, nonzeros: 1, byteLength: 1 },
  ...{ timings: [], versions: {}, planFile: '../plan.yaml' },
  plan: {
    ...{ case: 'phantom:water-box', machine: 'generic-6mv' },
    ...{ prescription: { structure: 'T', doseGy: 50 }, doseGridMm: 3, fractions: 25 },
    ...{ beams: { count: 1, bixelMm: 5 }, search: { method: 'beam-angles' } },
    objectives: [{ structure: 'T', type: 'mean', weight: 1 }],
  },
};

describe('result.json', () => {
  it('reads back how beam angles were found, where they were searched for', () => {
    expect(readResult(file(JSON.stringify(result))).search).toEqual(result.search);
    const { search: _search, ...given } = result;
    expect(readResult(file(JSON.stringify(given))).search).toBeUndefined();
  });

  it('has an angle of each kind for every beam', () => {
    const couchDeg = [0, 0];
    const search = {
      ...result.search,
      candidatesDeg: { ...result.search.candidatesDeg, couchDeg },
    };
    expect(() => readResult(file(JSON.stringify({ ...result, search })))).toThrow(
      'file.json: search.candidatesDeg',
    );
  });

  it('is refused with the first field that is wrong', () => {
    expect(() => readResult(file('{}'))).toThrow(InputError);
    expect(() => readResult(file('{}'))).toThrow('file.json: format');
  });
});
