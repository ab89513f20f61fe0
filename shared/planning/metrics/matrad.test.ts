/** Metrics, histograms and gamma maps against matRad's, on the same doses. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { conformityIndex, homogeneityIndex } from './conformity.js';
import {
  doseAtVolumePercentGy,
  maxDoseGy,
  meanDoseGy,
  minDoseGy,
  standardDeviationGy,
  volumeAtDosePercent,
} from './dose-metrics.js';
import { cumulativeDvh } from './dvh.js';
import { type GammaCriteria, gammaIndex, gammaPassRatePercent } from './gamma.js';
import { sortedDoses } from './sorted-doses.js';

const data =
  process.env.ISOLA_DATA ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const matrad = join(data, 'reference/matrad');
const missing = !existsSync(matrad);

const bytes = (name: string) => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(matrad, name));
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
};
const json = (name: string) => JSON.parse(readFileSync(join(matrad, name), 'utf8'));
const doseOf = (name: string) => new Float32Array(bytes(name));
const voxelsOf = (name: string) => new Uint32Array(bytes(name));

type Indicators = Readonly<Record<string, number | string | number[]>>;

/** matRad's field names hold the parameter, `_` for the decimal point: D_95, V_1_5Gy, CI_2Gy. */
function measure(key: string, dose: Float32Array | Float64Array, voxels: Uint32Array): number {
  const sorted = sortedDoses(dose, voxels);
  const [, kind, digits] = /^([A-Z]+)_([\d_]+)/.exec(key) ?? [];
  const parameter = Number(digits?.replace('_', '.'));
  switch (kind ?? key) {
    case 'mean':
      return meanDoseGy(sorted);
    case 'std':
      return standardDeviationGy(sorted);
    case 'max':
      return maxDoseGy(sorted);
    case 'min':
      return minDoseGy(sorted);
    case 'D':
      return doseAtVolumePercentGy(sorted, parameter);
    case 'V':
      return volumeAtDosePercent(sorted, parameter) / 100;
    case 'CI':
      return conformityIndex('matRad', dose, voxels, parameter);
    case 'HI':
      return homogeneityIndex('matRad', sorted, parameter);
    default:
      throw new Error(`no metric for ${key}`);
  }
}

function expectIndicators(
  indicators: Indicators,
  dose: Float32Array | Float64Array,
  voxels: Uint32Array,
  tolerance: number,
) {
  let compared = 0;
  for (const [key, expected] of Object.entries(indicators)) {
    if (typeof expected !== 'number') continue; // the name; [] for CI and HI of organs
    const value = measure(key, dose, voxels);
    expect(Math.abs(value - expected), key).toBeLessThanOrEqual(tolerance * Math.abs(expected));
    compared++;
  }
  expect(compared).toBeGreaterThanOrEqual(10);
}

describe.skipIf(missing)('matRad reference/matrad/unit/dvh_qi.json', () => {
  const { dose, qi, dvh } = missing ? { dose: [], qi: {}, dvh: {} } : json('unit/dvh_qi.json');
  const doses = Float64Array.from(dose as number[]);
  const voxels = Uint32Array.from(doses.keys());

  it('equals its quality indicators to 1e-12', () => {
    expectIndicators(qi, doses, voxels, 1e-12);
  });

  it('equals its cumulative histogram to 1e-12', () => {
    const volume = cumulativeDvh(sortedDoses(doses, voxels), dvh.doseGrid);
    expect(volume.length).toBe(dvh.volumePoints.length);
    volume.forEach((percent, i) => {
      expect(percent).toBeCloseTo(dvh.volumePoints[i], 12);
    });
  });
});

describe.skipIf(missing).each(['tiny', 'cshape'])('matRad reference/matrad/%s', (name) => {
  const meta = missing ? { structures: [], optimization: [] } : json(`${name}/meta.json`);
  const structures: { name: string; file_doseGrid: string; file_doseGrid_opt: string }[] =
    meta.structures;

  it('holds optimised plans', () => {
    expect(meta.optimization.length).toBeGreaterThanOrEqual(2);
  });

  for (const run of meta.optimization) {
    const plan = `${run.variant}/${run.mode}`;
    // The doses are stored as float32: 6e-8 of a dose, more of a small difference of doses.
    const tolerance = 1e-5;
    const dose = doseOf(`${name}/${run.file_dose}`);

    it(`equals the quality indicators of ${plan}`, () => {
      for (const [block, file] of [
        ['qi_doseGrid_noOverlap', 'file_doseGrid'],
        ['qi_doseGrid_overlap', 'file_doseGrid_opt'],
      ] as const) {
        for (const indicators of run[block] as Indicators[]) {
          const structure = structures.find((s) => s.name === indicators.name);
          const voxels = voxelsOf(`${name}/${structure?.[file]}`);
          expectIndicators(indicators, dose, voxels, tolerance);
        }
      }
    });

    it(`equals the cumulative histograms of ${plan}`, () => {
      for (const { name: structureName, volume_pct } of run.dvh.curves) {
        const structure = structures.find((s) => s.name === structureName);
        const sorted = sortedDoses(dose, voxelsOf(`${name}/${structure?.file_doseGrid}`));
        const volume = cumulativeDvh(sorted, run.dvh.dose_Gy);
        volume.forEach((percent, i) => {
          expect(percent).toBeCloseTo(volume_pct[i], 10);
        });
      }
    });
  }
});

describe.skipIf(missing)('matRad reference/matrad/unit/gamma.json', () => {
  const reference = missing ? { results: [] } : json('unit/gamma.json');
  const grid = {
    size: reference.dims_xyz,
    spacingMm: reference.spacing_mm,
    originMm: [0, 0, 0] as const,
  };

  interface GammaReference {
    readonly file: string;
    readonly percent: number;
    readonly dta_mm: number;
    readonly n: number;
    readonly mode: 'global' | 'local';
    readonly passRate_pct: number;
  }

  it('holds maps of both normalisations, with and without points between voxels', () => {
    const kinds = new Set((reference.results as GammaReference[]).map((r) => `${r.mode} ${r.n}`));
    expect([...kinds].sort()).toEqual(['global 0', 'global 1', 'local 0', 'local 1']);
  });

  const cases = (reference.results as GammaReference[]).map(
    (r) => [`${r.percent} %/${r.dta_mm} mm ${r.mode}, n = ${r.n}`, r] as const,
  );
  it.each(cases)('equals the map and pass rate of %s', (_, expected) => {
    const first = doseOf(reference.cube1);
    const second = doseOf(reference.cube2);
    const criteria: GammaCriteria = {
      doseDifferencePercent: expected.percent,
      distanceMm: expected.dta_mm,
      normalization: expected.mode,
      refinements: expected.n,
    };
    const gamma = gammaIndex(first, second, grid, criteria);
    const map = new Float32Array(bytes(`unit/${expected.file}`));
    expect(gamma.length).toBe(map.length);
    let compared = 0;
    map.forEach((value, voxel) => {
      if (!Number.isFinite(value)) return;
      expect(Math.abs(gamma[voxel] - value)).toBeLessThan(1e-5 * (1 + value));
      compared++;
    });
    expect(compared).toBeGreaterThan(5000);
    const passRate = gammaPassRatePercent(gamma, first, second, criteria);
    expect(passRate).toBeCloseTo(expected.passRate_pct, 10);
  });
});
