import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { caseSource, machineSource } from './sources.js';

describe('sources of a plan', () => {
  it('starts relative paths at the folder of the plan file', () => {
    const folder = resolve('/plans/one');
    expect(caseSource('openkbp:../pt_1', folder)).toEqual({
      kind: 'openkbp',
      folder: resolve('/plans/pt_1'),
    });
    expect(caseSource('box.mat', folder)).toEqual({
      kind: 'matrad',
      file: resolve('/plans/one/box.mat'),
    });
    expect(machineSource('../photons.mat', folder)).toEqual({
      kind: 'matrad',
      file: resolve('/plans/photons.mat'),
    });
  });

  it('leaves absolute paths and names as they are', () => {
    const absolute = resolve('/data/pt_1');
    expect(caseSource(`openkbp:${absolute}`, 'plans')).toEqual({
      kind: 'openkbp',
      folder: absolute,
    });
    expect(caseSource('phantom:tg119-c-shape', 'plans')).toEqual({
      kind: 'phantom',
      name: 'tg119-c-shape',
    });
    expect(machineSource('generic-6mv', 'plans')).toEqual({
      kind: 'built-in',
      name: 'generic-6mv',
    });
  });
});
