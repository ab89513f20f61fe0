import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { voxelCount } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { readReference, readReferenceMachine } from './read-reference.js';
import { matradObjective } from './reference-objectives.js';

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((s, v) => s + v, 0);

const engine = {
  geometricLateralCutOff_mm: 50,
  kernelCutOff_mm: 179.5,
  effectiveLateralCutOff_mm: 55.66,
  intConvResolution_mm: 0.5,
  penumbraFWHM_mm: 5,
  useCustomPrimaryPhotonFluence: false,
  ignoreOutsideDensities: true,
  ssdDensityThreshold: 0.05,
  enableDijSampling: false,
};

/** Two structures: a target with one objective, an organ. */
function structures() {
  return [
    {
      name: 'Target',
      type: 'TARGET',
      priority: 1,
      file_ct: 't.ct',
      file_doseGrid: 't.dose',
      file_doseGrid_opt: 't.opt',
      nCt: 2,
      nDoseGrid: 2,
      nDoseGrid_opt: 1,
      // A list of one, as the item itself.
      objectives: {
        class: 'DoseObjectives.matRad_SquaredDeviation',
        parameters_total: 60,
        penalty: 800,
      },
    },
  ];
}

/** A reference of 2 x 2 x 2 CT voxels, 2 x 1 x 1 dose voxels and three beamlets in two beams. */
function documents() {
  return {
    meta: {
      case: 'toy',
      dij: { nnz: 4, rows: 4, cols: 3, sampling: false },
      ct: {
        dims_xyz: [2, 2, 2],
        spacing_mm: [3, 3, 3],
        origin_mm: [0, 0, 3],
        fullDims_xyz: [2, 2, 4],
        fullOrigin_mm: [0, 0, 0],
        cropOffset_xyz: [0, 0, 1],
        file_hu: 'ct_hu.i16.bin',
        file_red: 'ct_red.f32.bin',
      },
      doseGrid: {
        dims_xyz: [2, 1, 1],
        spacing_mm: [5, 5, 5],
        origin_mm: [5, 0, 0],
        fullDims_xyz: [3, 1, 1],
        fullOrigin_mm: [0, 0, 0],
        cropOffset_xyz: [1, 0, 0],
      },
      structures: structures(),
      numOfFractions: 30,
      machine: { name: 'photons_Generic', SAD: 1000 },
      bixelWidth_mm: 8,
      doseCalc: engine,
      objectiveChecks: [
        { variant: 'default', w: 'ones', f: 1.5, gradNorm2: 2 },
        { variant: 'default', w: '(1+mod(column,7))/4', f: 2.5, gradNorm2: 3 },
      ],
    },
    beams: {
      beams: [
        {
          gantry_deg: 0,
          couch_deg: 10,
          isocenter_mm: [1, 2, 3],
          firstColumn: 0,
          rays_bev_x_mm: [0, 8],
          rays_bev_z_mm: [0, 0],
          ssd_mm: [900, null],
          kernelSSD_mm: 900,
        },
        {
          gantry_deg: 90,
          couch_deg: 0,
          isocenter_mm: [1, 2, 3],
          firstColumn: 2,
          rays_bev_x_mm: 0,
          rays_bev_z_mm: 8,
          ssd_mm: 910,
          kernelSSD_mm: 910,
        },
      ],
    },
  };
}

type Documents = ReturnType<typeof documents>;

function toy(edit: (documents: Documents) => void = () => {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'isola-reference-'));
  const content = documents();
  edit(content);
  writeFileSync(join(folder, 'meta.json'), JSON.stringify(content.meta));
  writeFileSync(join(folder, 'beams.json'), JSON.stringify(content.beams));
  writeFileSync(join(folder, 'ct_hu.i16.bin'), Int16Array.of(0, 1, 2, 3, 4, 5, 6, -1000));
  writeFileSync(join(folder, 't.ct'), Int32Array.of(5, 1));
  writeFileSync(join(folder, 't.dose'), Int32Array.of(1, 0));
  writeFileSync(join(folder, 't.opt'), Int32Array.of(1));
  return folder;
}

describe('readReference', () => {
  it('reads a folder with only what is needed', () => {
    const read = readReference(toy());
    expect(read.case.grid).toEqual({ size: [2, 2, 2], spacingMm: [3, 3, 3], originMm: [0, 0, 3] });
    expect(read.ctGrid.full.size).toEqual([2, 2, 4]);
    expect([...read.case.hu]).toEqual([0, 1, 2, 3, 4, 5, 6, -1000]);
    expect(read.case.structures[0]).toEqual({
      name: 'Target',
      kind: 'target',
      voxels: Uint32Array.of(1, 5),
    });
    expect(read.structures[0]).toMatchObject({
      doseVoxels: Uint32Array.of(0, 1),
      objectiveVoxels: Uint32Array.of(1),
      objectives: [
        {
          spec: { type: 'squared-deviation', dosePerFractionGy: 2 },
          penalty: 800,
          parametersTotal: [60],
        },
      ],
    });
    expect(read).toMatchObject({ fractions: 30, bixelMm: 8, columns: 3, dijNonzeros: 4 });
    expect(read.beams.map((b) => b.firstColumn)).toEqual([0, 2]);
    expect(read.beams[0].ssdMm).toEqual(Float64Array.of(900, Number.NaN));
    expect(read.beams[1]).toMatchObject({
      gantryDeg: 90,
      raysXMm: Float64Array.of(0),
      raysZMm: Float64Array.of(8),
    });
    expect(read).toMatchObject({
      density: null,
      dij: null,
      doseW1Gy: null,
      bixelSamples: [],
      optimizations: [],
      bestKnown: null,
    });
    expect(read.gradientChecks.map((c) => [...c.weights])).toEqual([
      [1, 1, 1],
      [0.25, 0.5, 0.75],
    ]);
  });

  it.each<[string, (d: Documents) => void, string]>([
    ['a billion voxels', (d) => d.meta.ct.dims_xyz.fill(1000), 'meta.json: ct: 1000 x 1000 x 1000'],
    ['a crop that does not fit', (d) => d.meta.ct.cropOffset_xyz.fill(3), 'ct.cropOffset_xyz'],
    ['a crop that lies elsewhere', (d) => d.meta.ct.origin_mm.fill(1), 'ct.cropOffset_xyz'],
    ['no fractions', (d) => Object.assign(d.meta, { numOfFractions: 0 }), 'numOfFractions'],
    ['text for a number', (d) => Object.assign(d.meta, { bixelWidth_mm: '5' }), 'bixelWidth_mm'],
    ['a path for a name', (d) => Object.assign(d.meta.ct, { file_hu: '../x' }), 'ct.file_hu'],
    ['a missing file', (d) => Object.assign(d.meta.ct, { file_hu: 'x' }), 'x: does not exist'],
    [
      'another count',
      (d) => Object.assign(d.meta.structures[0], { nCt: 3 }),
      '3 numbers of 4 bytes',
    ],
    ['a column out of order', (d) => Object.assign(d.beams.beams[1], { firstColumn: 3 }), '3; 2'],
    [
      'lists of unequal length',
      (d) => Object.assign(d.beams.beams[0], { ssd_mm: [1] }),
      'equal lengths',
    ],
  ])('refuses %s', (_name, edit, problem) => {
    const folder = toy(edit);
    expect(() => readReference(folder)).toThrow(InputError);
    expect(() => readReference(folder)).toThrow(problem);
  });

  it('refuses voxels outside the grid or given twice, and a missing folder', () => {
    const folder = toy();
    writeFileSync(join(folder, 't.ct'), Int32Array.of(8, 1));
    expect(() => readReference(folder)).toThrow('t.ct number 0: index 8; 0 to 7');
    writeFileSync(join(folder, 't.ct'), Int32Array.of(1, 1));
    expect(() => readReference(folder)).toThrow('voxel 1 twice');
    expect(() => readReference(join(folder, 'none'))).toThrow('meta.json: does not exist');
  });
});

it('divides doses by the fractions, but not exponents and volumes', () => {
  const of = (name: string, ...parameters: number[]) =>
    matradObjective(`DoseObjectives.matRad_${name}`, parameters, 25);
  expect(of('SquaredOverdosing', 50)).toEqual({ type: 'squared-overdosing', dosePerFractionGy: 2 });
  expect(of('SquaredUnderdosing', 50)).toEqual({
    type: 'squared-underdosing',
    dosePerFractionGy: 2,
  });
  expect(of('EUD', 25, 6)).toEqual({ type: 'geud', dosePerFractionGy: 1, exponent: 6 });
  expect(of('MeanDose', 25, 2)).toEqual({ type: 'mean', dosePerFractionGy: 1, form: 'quadratic' });
  expect(of('MeanDose', 0, 1)).toEqual({ type: 'mean', dosePerFractionGy: 0, form: 'linear' });
  expect(of('MaxDVH', 50, 30)).toEqual({
    type: 'max-dvh',
    dosePerFractionGy: 2,
    volumePercent: 30,
  });
  expect(of('MinDVH', 50, 95)).toEqual({
    type: 'min-dvh',
    dosePerFractionGy: 2,
    volumePercent: 95,
  });
  expect(of('SomethingElse', 1)).toBeNull();
});

const root = join(process.env.ISOLA_DATA ?? '../shared', 'reference', 'matrad');

describe('reference/matrad/tiny', () => {
  const folder = join(root, 'tiny');
  const missing = !existsSync(folder);

  it.skipIf(missing)('holds what its README and meta.json say (reference/matrad/tiny)', () => {
    const read = readReference(folder);
    expect(read.columns).toBe(177);
    expect(read.beams.map((b) => [b.gantryDeg, b.couchDeg])).toEqual([
      [0, 0],
      [50, 0],
      [255, 30],
    ]);
    expect(sum(read.doseW1Gy ?? [])).toBeCloseTo(3165.37366545, 3);
    expect(read.optimizations.map((o) => [o.variant, o.mode])).toEqual([
      ['default', 'matRadDefault'],
      ['default', 'tight'],
      ['constrained', 'matRadDefault'],
      ['constrained', 'tight'],
    ]);
    expect(sum(read.optimizations[1].weights ?? [])).toBeCloseTo(64.5127912788641, 9);
    expect(read.bestKnown?.objective).toBe(3.4772138975348144);
    expect(read.bestKnown?.weights?.length).toBe(177);
    expect(read.constraints.map((c) => [c.structure, c.maxTotalGy])).toEqual([
      ['Cord', 25],
      ['Lung', 12],
    ]);
    for (const { gradient, gradientNorm } of read.gradientChecks) {
      expect(Math.sqrt(sum((gradient ?? new Float64Array()).map((g) => g * g)))).toBeCloseTo(
        gradientNorm,
        8,
      );
    }
    const depth = read.beams[2].radiologicalDepthMm;
    expect(depth?.length).toBe(voxelCount(read.doseGrid.grid));
    expect(readReferenceMachine(folder).sadMm).toBe(1000);
  });

  it.skipIf(missing)(
    'has a matrix whose columns are the samples and sum to dose_w1 (reference/matrad/tiny)',
    () => {
      const { dij, bixelSamples, doseW1Gy, columns } = readReference(folder);
      if (dij === null || doseW1Gy === null) throw new Error('no matrix');
      expect(dij.columnStarts[columns]).toBe(763006);
      const dose = new Float64Array(doseW1Gy.length);
      for (let k = 0; k < dij.rows.length; k++) dose[dij.rows[k]] += dij.values[k];
      for (let v = 0; v < dose.length; v++)
        expect(Math.abs(dose[v] - doseW1Gy[v])).toBeLessThan(1e-5);
      expect(bixelSamples.length).toBe(9);
      for (const { column, voxels, doseGy } of bixelSamples) {
        const [start, end] = [dij.columnStarts[column], dij.columnStarts[column + 1]];
        expect(voxels).toEqual(dij.rows.slice(start, end));
        expect(doseGy).toEqual(dij.values.slice(start, end));
      }
    },
  );

  it.skipIf(missing)('may lack every optional file (reference/matrad/tiny)', () => {
    const copy = join(mkdtempSync(join(tmpdir(), 'isola-reference-')), 'tiny');
    cpSync(folder, copy, { recursive: true });
    const optional = /^(dij|dose_|grad_|raddepth|w_|best_|bixels|ct_red)/;
    const meta = JSON.parse(readFileSync(join(copy, 'meta.json'), 'utf8'));
    for (const name of Object.keys(meta.structures[0])) expect(name).not.toMatch(optional);
    const files = ['bixels.json', 'dij.val.f32.bin', 'dose_w1.f32.bin', 'ct_red.f32.bin'];
    files.push('w_default_tight.f64.bin', 'best_known_lbfgsb.json', 'raddepth_beam1.f32.bin');
    for (const name of files) rmSync(join(copy, name), { force: true });
    const read = readReference(copy);
    expect([read.dij, read.doseW1Gy, read.density, read.bestKnown]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(read.beams.map((b) => b.radiologicalDepthMm === null)).toEqual([false, true, false]);
    expect(read.optimizations.map((o) => o.weights === null)).toEqual([false, true, false, false]);
  });
});

describe('reference/matrad/cshape', () => {
  const folder = join(root, 'cshape');

  it.skipIf(!existsSync(folder))('holds what its README says (reference/matrad/cshape)', () => {
    const read = readReference(folder);
    expect(read.case.grid.size).toEqual([104, 74, 52]);
    expect(read.doseGrid.grid.size).toEqual([60, 42, 30]);
    expect(read.doseGrid.full.size).toEqual([62, 44, 31]);
    expect([read.columns, read.dijNonzeros, read.beams.length]).toEqual([3059, 48699922, 9]);
    expect(read.dij).toBeNull();
    expect(read.case.structures.map((s) => [s.name, s.kind, s.voxels.length])).toEqual([
      ['Core', 'organ', 1088],
      ['OuterTarget', 'target', 7280],
      ['Body', 'external', 275400],
    ]);
    expect(read.structures.map((s) => s.objectiveVoxels.length)).toEqual([180, 1616, 57784]);
    expect(Math.max(...(read.doseW1Gy ?? []))).toBeCloseTo(6.753495857, 5);
  });
});
