/** The engine, made to behave like matRad, against a matRad run. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inlineExecutor, type SparseMatrix } from '@isola/kernels/backends';
import type { Vec3 } from '@isola/kernels/grid';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Beam, beamAxes, sourcePosition } from '../beams/index.js';
import { type Case, matradDefaultHuTable, unionOfStructures } from '../case/index.js';
import type { Machine } from '../machines/index.js';
import { type DoseSpec, doseInfluence, type PreparedDose, prepareDose } from './index.js';
import { matradDepths } from './matrad-depth.js';

const data =
  process.env.ISOLA_DATA ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const matrad = join(data, 'reference/matrad');
const folder = join(matrad, 'tiny');
const missing = !existsSync(folder) || !existsSync(join(matrad, 'basedata'));

const bytes = (path: string) => Uint8Array.from(readFileSync(path)).buffer;
const floats = (name: string) => new Float32Array(bytes(join(folder, name)));
const integers = (name: string) => new Uint32Array(bytes(join(folder, name)));
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

interface GridEntry {
  readonly dims_xyz: Vec3;
  readonly spacing_mm: Vec3;
  readonly origin_mm: Vec3;
  readonly fullDims_xyz: Vec3;
  readonly cropOffset_xyz: Vec3;
}

interface BeamEntry {
  readonly gantry_deg: number;
  readonly couch_deg: number;
  readonly isocenter_mm: Vec3;
  readonly rays_bev_x_mm: number[];
  readonly rays_bev_z_mm: number[];
  readonly centralSSD_mm: number;
}

interface BixelEntry {
  readonly column: number;
  readonly offset: number;
  readonly count: number;
}

const gridOf = (entry: GridEntry) => ({
  size: entry.dims_xyz,
  spacingMm: entry.spacing_mm,
  originMm: entry.origin_mm,
});

function readMachine(): Machine {
  const { kernelPos_mm, ssd_mm, m_per_mm, betas_per_mm, penumbraFWHMatIso_mm } = json(
    '../basedata/photons_Generic.json',
  );
  const all = new Float64Array(bytes(join(matrad, 'basedata/kernels.f64.bin')));
  const radii = kernelPos_mm.length;
  return {
    name: 'photons_Generic',
    sadMm: 1000,
    attenuationPerMm: m_per_mm,
    betasPerMm: betas_per_mm,
    penumbraFwhmMm: penumbraFWHMatIso_mm,
    kernels(ssdMm) {
      const first = 3 * radii * (Math.round(ssdMm) - ssd_mm[0]);
      const table = (k: number) => all.slice(first + k * radii, first + (k + 1) * radii);
      return { stepMm: 0.5, tables: [table(0), table(1), table(2)] };
    },
    reference: { fieldMm: 100, ssdMm: 900, depthMm: 100, gyPerMu: 0.01 },
  };
}

function readSpec(): DoseSpec {
  const { ct, doseGrid, structures } = json('meta.json');
  const { beams, bixelWidth_mm } = json('beams.json');
  const read = (key: 'file_ct' | 'file_doseGrid') =>
    structures.map((entry: Record<string, string>) => ({
      name: entry.name,
      kind: entry.type === 'TARGET' ? 'target' : 'organ',
      voxels: integers(entry[key]).sort(),
    }));
  const patient: Case = {
    name: 'matrad tiny',
    grid: gridOf(ct),
    hu: new Int16Array(bytes(join(folder, ct.file_hu))),
    huTable: matradDefaultHuTable,
    structures: read('file_ct'),
  };
  return {
    patient,
    machine: readMachine(),
    beams: (beams as BeamEntry[]).map(
      (beam): Beam => ({
        gantryDeg: beam.gantry_deg,
        couchDeg: beam.couch_deg,
        collimatorDeg: 0,
        isocenterMm: beam.isocenter_mm,
        beamletMm: bixelWidth_mm,
        xMm: Float64Array.from(beam.rays_bev_x_mm),
        zMm: Float64Array.from(beam.rays_bev_z_mm),
      }),
    ),
    voxels: { grid: gridOf(doseGrid), voxels: unionOfStructures(read('file_doseGrid')) },
    lateralCutoffMm: 50,
    matrad: { uncroppedSize: ct.fullDims_xyz, cropOffset: ct.cropOffset_xyz },
  };
}

const largestOf = (values: Float32Array) => values.reduce((a, b) => Math.max(a, b), 0);

describe.skipIf(missing)('matRad reference/matrad/tiny', () => {
  const executor = inlineExecutor();
  const spec = missing ? (null as unknown as DoseSpec) : readSpec();
  let prepared: PreparedDose;
  let influence: SparseMatrix;
  /** The row of each dose-grid voxel. */
  const rowOf = new Map<number, number>();

  beforeAll(async () => {
    spec.voxels.voxels.forEach((voxel, row) => {
      rowOf.set(voxel, row);
    });
    prepared = await prepareDose(spec, executor);
    influence = await doseInfluence(prepared, executor);
  });

  const doseOf = async (weights: Float64Array) => {
    const dose = new Float32Array(influence.rows);
    await influence.multiply(weights, dose);
    return dose;
  };
  const unit = (column: number) => {
    const weights = new Float64Array(influence.columns);
    weights[column] = 1;
    return doseOf(weights);
  };

  it('has our number of nonzeros and of columns', () => {
    expect([influence.columns, influence.nonzeros]).toEqual([177, 763_006]);
  });

  it('has our distances from source to surface', () => {
    (json('beams.json').beams as BeamEntry[]).forEach(({ centralSSD_mm }, b) => {
      expect(prepared.ssdMm[b]).toBeCloseTo(centralSSD_mm, 9);
    });
  });

  it('has our dose of all weights 1, to a thousandth of its maximum', async () => {
    const dose = await doseOf(new Float64Array(influence.columns).fill(1));
    const reference = floats('dose_w1.f32.bin');
    const limit = 1e-3 * largestOf(reference);
    spec.voxels.voxels.forEach((voxel, row) => {
      expect(dose[row] > 0).toBe(reference[voxel] > 0);
      expect(Math.abs(dose[row] - reference[voxel])).toBeLessThan(limit);
    });
  });

  it('has our doses of single beamlets, to two thousandths of their maxima', async () => {
    const { bixels } = json('bixels.json');
    const voxels = integers('bixels.idx.i32.bin');
    const doses = floats('bixels.val.f32.bin');
    for (const { column, offset, count } of bixels as BixelEntry[]) {
      const dose = await unit(column);
      const reference = doses.subarray(offset, offset + count);
      const limit = 2e-3 * largestOf(reference);
      reference.forEach((gy, k) => {
        const row = rowOf.get(voxels[offset + k]) as number;
        expect(Math.abs(dose[row] - gy)).toBeLessThan(limit);
        dose[row] = 0;
      });
      expect(dose.some((gy) => gy > 0)).toBe(false);
    }
  });

  it('has our whole matrix: entries more than 2e-5 of their maximum apart are rare', async () => {
    const starts = integers('dij.colptr.i32.bin');
    const rows = integers('dij.rowidx.i32.bin');
    const values = floats('dij.val.f32.bin');
    let [apart, worst] = [0, 0];
    for (let column = 0; column < influence.columns; column += 4) {
      const dose = await unit(column);
      const [from, to] = [starts[column], starts[column + 1]];
      const largest = largestOf(values.subarray(from, to));
      for (let k = from; k < to; k++) {
        const error = Math.abs(dose[rowOf.get(rows[k]) as number] - values[k]) / largest;
        worst = Math.max(worst, error);
        if (error > 2e-5) apart++;
      }
    }
    expect(worst).toBeLessThan(6e-3);
    // Where a ray runs in the plane between two voxels, either may be the one that it crosses.
    expect(apart / (values.length / 4)).toBeLessThan(0.02);
  });

  it.each([0, 1, 2])('has our radiological depths of beam %i', (b) => {
    const beam = spec.beams[b];
    const axes = beamAxes(beam);
    const source = sourcePosition(beam.isocenterMm, axes, 1000);
    const { patient, voxels } = spec;
    const depths = new Float32Array(voxels.voxels.length);
    const inside = unionOfStructures(patient.structures);
    const rays = {
      ...{ axes, sadMm: 1000, xMm: beam.xMm, zMm: beam.zMm, inside },
      cutoffMm: 50 + 5 / Math.SQRT2,
      uncroppedSize: patient.grid.size,
      cropOffset: [0, 0, 0] as const,
    };
    const density = floats('ct_red.f32.bin');
    matradDepths(patient.grid, density, source, rays, voxels.grid, voxels.voxels, depths);
    const reference = floats(`raddepth_beam${b}.f32.bin`);
    let apart = 0;
    voxels.voxels.forEach((voxel, row) => {
      expect(Number.isNaN(depths[row])).toBe(Number.isNaN(reference[voxel]));
      const errorMm = Math.abs(depths[row] - reference[voxel]);
      if (errorMm > 1e-3) apart++;
      if (errorMm > 0) expect(errorMm).toBeLessThan(2.3);
    });
    expect(apart / depths.length).toBeLessThan(0.02);
  });
});
