/**
 * Dose metrics of the reference doses of the OpenKBP challenge (Babier et al., Med Phys 48:5549,
 * 2021), Gy, to the digit given: D95 and D1 of targets, mean of organs and the dose of the hottest
 * whole voxels that make 0.1 cc.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { doseAtVolumeCcGy, doseAtVolumePercentGy, meanDoseGy } from './dose-metrics.js';
import { sortedDoses } from './sorted-doses.js';

const data =
  process.env.ISOLA_DATA ?? fileURLToPath(new URL('../../../../shared', import.meta.url));

const targets: [string, string, number, number][] = [
  ['pt_187', 'PTV70', 68.6, 74.7],
  ['pt_187', 'PTV63', 61.0, 70.7],
  ['pt_187', 'PTV56', 56.2, 69.9],
  ['pt_242', 'PTV70', 71.1, 72.0],
  ['pt_242', 'PTV56', 57.0, 70.4],
];
const organs: [string, string, number, number][] = [
  ['pt_187', 'Brainstem', 6.8, 39.5],
  ['pt_187', 'SpinalCord', 19.5, 42.6],
  ['pt_187', 'Larynx', 72.3, 74.8],
  ['pt_242', 'Brainstem', 7.5, 30.7],
  ['pt_242', 'SpinalCord', 11.3, 28.7],
  ['pt_242', 'LeftParotid', 14.6, 24.0],
  ['pt_242', 'RightParotid', 45.2, 64.4],
  ['pt_242', 'Larynx', 23.0, 46.6],
  ['pt_242', 'Esophagus', 22.1, 47.5],
];

const lines = (patient: string, name: string) =>
  gunzipSync(readFileSync(join(data, 'data/openkbp', patient, `${name}.csv.gz`)))
    .toString()
    .trim()
    .split('\n');
const rows = (patient: string, name: string) =>
  lines(patient, name)
    .slice(1)
    .map((line) => line.split(','));

const doses = new Map<string, Float64Array>();
function doseOf(patient: string): Float64Array {
  let dose = doses.get(patient);
  if (dose === undefined) {
    dose = new Float64Array(128 ** 3);
    for (const [index, value] of rows(patient, 'dose')) dose[Number(index)] = Number(value);
    doses.set(patient, dose);
  }
  return dose;
}
const sortedIn = (patient: string, structure: string) =>
  sortedDoses(
    doseOf(patient),
    Uint32Array.from(rows(patient, structure), ([index]) => Number(index)),
  );

describe('OpenKBP reference doses', () => {
  const missing = (patient: string) => !existsSync(join(data, 'data/openkbp', patient));

  it.skipIf(missing('pt_187') || missing('pt_242')).each(targets)(
    '%s %s has D95 %d Gy and D1 %d Gy',
    (patient, structure, d95, d1) => {
      const sorted = sortedIn(patient, structure);
      expect(doseAtVolumePercentGy(sorted, 95)).toBeCloseTo(d95, 1);
      expect(doseAtVolumePercentGy(sorted, 1)).toBeCloseTo(d1, 1);
    },
  );

  it.skipIf(missing('pt_187') || missing('pt_242')).each(organs)(
    '%s %s has mean %d Gy and D0.1cc %d Gy; the percentile is at most a voxel less',
    (patient, structure, mean, d01cc) => {
      const sorted = sortedIn(patient, structure);
      const [x, y, z] = lines(patient, 'voxel_dimensions').map(Number);
      const voxelCc = (x * y * z) / 1000;
      expect(meanDoseGy(sorted)).toBeCloseTo(mean, 1);
      const hottest = doseAtVolumeCcGy(sorted, 0.1, voxelCc, 'whole-voxels');
      expect(hottest).toBeCloseTo(d01cc, 1);
      const percentile = doseAtVolumeCcGy(sorted, 0.1, voxelCc, 'openkbp');
      const [next] = sorted.slice(sorted.indexOf(hottest) - 1);
      expect(percentile).toBeLessThanOrEqual(hottest);
      expect(percentile).toBeGreaterThanOrEqual(next);
    },
  );
});
