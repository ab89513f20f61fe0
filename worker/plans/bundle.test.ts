import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readPlan } from '@isola/formats/plan';
import { afterEach, expect, it, vi } from 'vitest';
import { physicsHash } from './angle-cells.js';
import { bundlePlan, openBundle } from './bundle.js';
import { loadPlanFile } from './load-plan.js';

afterEach(() => void vi.unstubAllEnvs());

const data = join(process.env.ISOLA_DATA ?? '../shared', 'data', 'matrad');
const box = join(data, 'BOXPHANTOM.mat');
const machine = join(data, 'photons_Generic.mat');

const plan = (source: string, machineName: string, structure: string) => `case: ${source}
machine: ${machineName}
prescription: { structure: ${structure}, doseGy: 60 }
beams: { gantryDeg: [0, 90], bixelMm: 10 }
doseGridMm: 10
fractions: 30
objectives:
  - { structure: ${structure}, type: squared-deviation, doseGy: 60, weight: 1 }
`;

/** A patient of OpenKBP whose body is a box, in files plain and packed. */
function patient(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'isola-bundle-')), 'case');
  mkdirSync(folder);
  const cube = (edge: number, value: string) => {
    const rows = Array.from({ length: edge ** 3 }, (_, i) => {
      const [a0, a1, a2] = [Math.floor(i / edge ** 2), Math.floor(i / edge) % edge, i % edge];
      return `${((60 + a0) * 128 + 60 + a1) * 128 + 60 + a2},${value}`;
    });
    return `,data\n${rows.join('\n')}\n`;
  };
  writeFileSync(join(folder, 'voxel_dimensions.csv'), '4.0\n3.0\n2.0\n');
  writeFileSync(join(folder, 'ct.csv.gz'), gzipSync(cube(12, '1040.0')));
  writeFileSync(join(folder, 'PTV70.csv'), cube(5, ''));
  return folder;
}

/** A plan comes out of its bundle as it went in, though no disk takes a file meanwhile. */
async function expectWhole(text: string): Promise<void> {
  const file = readPlan(text, 'plan.yaml');
  const whole = await loadPlanFile(file, 'plan.yaml');
  const bytes = bundlePlan(file.plan, 'plan.yaml');
  vi.stubEnv('TMPDIR', '/no/such/folder');
  const { spec } = await openBundle(bytes);
  expect(physicsHash(spec)).toBe(physicsHash(whole.spec));
  expect(spec.patient.structures).toEqual(whole.spec.patient.structures);
}

it('a patient of OpenKBP is read from memory', () =>
  expectWhole(plan(`openkbp:${patient()}`, 'generic-6mv', 'PTV70')));

it.skipIf(!existsSync(box))('so are a matRad case and machine (data/matrad)', () =>
  expectWhole(plan(box, machine, 'OuterTarget')),
);
