import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { readMatradBasedata } from './matrad-basedata.js';
import { type MatradMachineData, matradMachine, readMatradMachine } from './matrad-machine.js';

const data: MatradMachineData = {
  name: 'toy',
  sadMm: 1000,
  attenuationPerMm: 0.005,
  betasPerMm: [0.3, 0.016],
  penumbraFwhmMm: 5,
  kernelPositionsMm: [0, 0.5, 1],
  ssdMm: [500, 501, 502],
  tables: [0, 1, 2].map((k) => [Float64Array.of(k, 1, 2), Float64Array.of(k, 3, 4)]),
};

describe('matradMachine', () => {
  it('takes the kernels of the nearest distance, of two as near the lower', () => {
    const machine = matradMachine(data, 'f');
    const entry = (ssdMm: number) => machine.kernels(ssdMm).tables[0][0];
    expect([0, 500.4, 500.5, 500.6, 501.5, 9999].map(entry)).toEqual([0, 0, 0, 1, 1, 2]);
    expect(machine.kernels(501)).toEqual({ stepMm: 0.5, tables: data.tables[1] });
  });

  it('states what a monitor unit is', () => {
    const { reference } = matradMachine(data, 'f', 0.012);
    expect(reference).toEqual({ fieldMm: 100, ssdMm: 900, depthMm: 100, gyPerMu: 0.012 });
    expect(matradMachine(data, 'f').reference.gyPerMu).toBe(0.01);
  });

  it.each<[string, Partial<MatradMachineData>]>([
    ['a SAD of 0', { sadMm: 0 }],
    ['a beta equal to m', { betasPerMm: [0.3, 0.005] }],
    ['no beta', { betasPerMm: [] }],
    ['positions from 1', { kernelPositionsMm: [1, 1.5, 2] }],
    ['unequal steps', { kernelPositionsMm: [0, 0.5, 1.1] }],
    ['one position', { kernelPositionsMm: [0] }],
    ['a short kernel', { tables: data.tables.map(([a]) => [a, Float64Array.of(1)]) }],
    [
      'NaN in a kernel',
      { tables: data.tables.map(([a]) => [a, Float64Array.of(1, 2, Number.NaN)]) },
    ],
    ['no distance', { ssdMm: [], tables: [] }],
    ['falling distances', { ssdMm: [502, 501, 500] }],
  ])('refuses %s', (_name, change) => {
    expect(() => matradMachine({ ...data, ...change }, 'f')).toThrow(InputError);
  });

  it('refuses a calibration of 0', () => {
    expect(() => matradMachine(data, 'f', 0)).toThrow('gyPerMu is 0');
  });
});

describe('readMatradBasedata', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isola-basedata-'));
  const json = {
    meta: { radiationMode: 'photons', SAD: 1000, machine: 'Toy' },
    m_per_mm: 0.005,
    betas_per_mm: [0.3, 0.016],
    penumbraFWHMatIso_mm: 5,
    kernelPos_mm: [0, 0.5, 1],
    ssd_mm: [500, 501, 502],
    kernelFile: 'k.f64.bin',
  };
  writeFileSync(join(folder, 'm.json'), JSON.stringify(json));
  const flat = data.tables.flatMap((tables) => tables.map((t) => [...t])).flat();
  writeFileSync(join(folder, 'k.f64.bin'), Float64Array.from(flat));

  it('reads the machine of a folder or a file', () => {
    const machine = readMatradBasedata(folder);
    expect(machine.name).toBe('matrad Toy');
    expect(machine.kernels(502)).toEqual({ stepMm: 0.5, tables: data.tables[2] });
    expect(readMatradBasedata(join(folder, 'm.json')).betasPerMm).toEqual([0.3, 0.016]);
  });

  it('refuses kernels of another size and files outside', () => {
    const other = mkdtempSync(join(tmpdir(), 'isola-basedata-'));
    const path = join(other, 'm.json');
    writeFileSync(path, JSON.stringify(json));
    expect(() => readMatradBasedata(path)).toThrow('k.f64.bin: does not exist');
    writeFileSync(join(other, 'k.f64.bin'), new Float64Array(17));
    expect(() => readMatradBasedata(path)).toThrow('has 136 bytes; 18 numbers of 8 bytes');
    writeFileSync(path, JSON.stringify({ ...json, kernelFile: '../k.f64.bin' }));
    expect(() => readMatradBasedata(path)).toThrow('kernelFile: a file name without folders');
    expect(() => readMatradBasedata(tmpdir().concat('/no-such'))).toThrow(InputError);
  });
});

const root = process.env.ISOLA_DATA ?? '../shared';
const mat = join(root, 'data', 'matrad', 'photons_Generic.mat');
const basedata = join(root, 'reference', 'matrad', 'basedata');

describe('photons_Generic', () => {
  const missing = !existsSync(mat) || !existsSync(basedata);
  it.skipIf(missing)('is the same from .mat and JSON (data/matrad, reference/matrad)', () => {
    const machine = readMatradMachine(mat);
    const fromJson = readMatradBasedata(basedata);
    const { kernels, ...plain } = machine;
    expect(plain).toEqual({ ...fromJson, kernels: undefined });
    expect(plain).toMatchObject({
      name: 'matrad Generic',
      sadMm: 1000,
      attenuationPerMm: 0.005066,
      betasPerMm: [0.3252, 0.016, 0.0051],
      penumbraFwhmMm: 5,
    });
    for (let ssdMm = 500; ssdMm <= 1000; ssdMm++) {
      expect(kernels(ssdMm)).toEqual(fromJson.kernels(ssdMm));
    }
    expect(readFileSync(join(basedata, 'kernels.f64.bin')).length).toBe(501 * 3 * 360 * 8);
    // Sums over the radial tables at 0.5 mm, as the machine's description states them for SSD 900.
    expect(kernels(900).tables[0][0]).toBeCloseTo(0.7995, 4);
    expect(kernels(900).tables[1][0]).toBeCloseTo(-0.0662, 4);
  });
});
