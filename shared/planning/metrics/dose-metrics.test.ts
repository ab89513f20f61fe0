import { describe, expect, it } from 'vitest';
import {
  doseAtVolumeCcGy,
  doseAtVolumePercentGy,
  geudGy,
  maxDoseGy,
  meanDoseGy,
  minDoseGy,
  percentileGy,
  standardDeviationGy,
  volumeAtDoseCc,
  volumeAtDosePercent,
} from './dose-metrics.js';
import { cumulativeDvh, differentialDvh } from './dvh.js';
import { sortedDoses } from './sorted-doses.js';

const doses = Float32Array.of(4, 0, 2.5, 1, 3, 0.5, 2, 1.5, 3.5, 99);
/** 0, 0.5, ..., 4 Gy: all but the last voxel. */
const ramp = sortedDoses(doses, Uint32Array.of(8, 7, 6, 5, 4, 3, 2, 1, 0));
const single = Float64Array.of(2);

describe('dose at volume', () => {
  it('is the maximum at 0 percent, the median at 50, the minimum at 100', () => {
    expect(doseAtVolumePercentGy(ramp, 0)).toBe(4);
    expect(doseAtVolumePercentGy(ramp, 50)).toBe(2);
    expect(doseAtVolumePercentGy(ramp, 100)).toBe(0);
  });

  it('is linear in the percentage for doses in equal steps', () => {
    for (let percent = 0; percent <= 100; percent += 7) {
      expect(doseAtVolumePercentGy(ramp, percent)).toBeCloseTo(4 - 0.04 * percent, 12);
      expect(percentileGy(ramp, percent)).toBeCloseTo(0.04 * percent, 12);
    }
  });

  it('is what the hottest whole voxels get at least, by the rule whole-voxels', () => {
    expect(doseAtVolumePercentGy(ramp, 0, 'whole-voxels')).toBe(4);
    expect(doseAtVolumePercentGy(ramp, 100 / 9, 'whole-voxels')).toBe(4);
    expect(doseAtVolumePercentGy(ramp, 12, 'whole-voxels')).toBe(3.5);
    expect(doseAtVolumePercentGy(ramp, 95, 'whole-voxels')).toBe(0);
    for (const percent of [5, 20, 50, 80, 95]) {
      const least = doseAtVolumePercentGy(ramp, percent, 'whole-voxels');
      expect(volumeAtDosePercent(ramp, least)).toBeGreaterThanOrEqual(percent);
      expect(volumeAtDosePercent(ramp, least + 1e-9)).toBeLessThan(percent);
    }
  });

  it('in cc is a percentile of whole voxels, at least one, by the rule openkbp', () => {
    const percentile = (voxels: number) => percentileGy(ramp, 100 - (100 * voxels) / 9);
    const at = (cc: number) => doseAtVolumeCcGy(ramp, cc, 0.25);
    expect(at(0.01)).toBe(percentile(1));
    expect(at(0.52)).toBe(percentile(2));
    expect(at(0.625)).toBe(percentile(2)); // 2.5 voxels: to even
    expect(at(0.875)).toBe(percentile(4)); // 3.5 voxels: to even
    expect(at(2.25)).toBe(0);
    expect(at(50)).toBe(0);
  });

  it('in cc is the dose of the last of the hottest voxels, by the rule whole-voxels', () => {
    const at = (cc: number) => doseAtVolumeCcGy(ramp, cc, 0.25, 'whole-voxels');
    expect([0.01, 0.25, 0.52, 0.625, 0.875, 2.25, 50].map(at)).toEqual([4, 4, 3.5, 3.5, 2.5, 0, 0]);
  });

  it('is the one dose of a single voxel', () => {
    for (const percent of [0, 3, 100]) expect(doseAtVolumePercentGy(single, percent)).toBe(2);
    expect(doseAtVolumeCcGy(single, 0.1, 0.2)).toBe(2);
  });
});

describe('volume at dose', () => {
  it('counts voxels at or above the dose', () => {
    expect(volumeAtDosePercent(ramp, 0)).toBe(100);
    expect(volumeAtDosePercent(ramp, 2)).toBeCloseTo((5 / 9) * 100, 12);
    expect(volumeAtDosePercent(ramp, 2.0001)).toBeCloseTo((4 / 9) * 100, 12);
    expect(volumeAtDosePercent(ramp, 4.1)).toBe(0);
    expect(volumeAtDoseCc(ramp, 2, 0.2)).toBeCloseTo(1, 12);
  });
});

describe('moments', () => {
  it('are those of an arithmetic sequence', () => {
    expect([minDoseGy(ramp), meanDoseGy(ramp), maxDoseGy(ramp)]).toEqual([0, 2, 4]);
    expect(standardDeviationGy(ramp)).toBeCloseTo(0.5 * Math.sqrt(7.5), 12);
    expect(standardDeviationGy(single)).toBe(0);
  });
});

describe('gEUD', () => {
  it('is the mean for a = 1, between mean and extreme else, and tends to the extreme', () => {
    const warm = ramp.map((dose) => dose + 1);
    expect(geudGy(ramp, 1)).toBeCloseTo(2, 12);
    expect(geudGy(ramp, 2)).toBeCloseTo(Math.sqrt(ramp.reduce((s, d) => s + d * d) / 9), 12);
    expect(geudGy(warm, -1)).toBeCloseTo(9 / warm.reduce((s, d) => s + 1 / d, 0), 12);
    expect(geudGy(warm, 1e5)).toBeCloseTo(5, 3);
    expect(geudGy(warm, -1e5)).toBeCloseTo(1, 3);
  });

  it('is 0 for a cold voxel in a target, and for no dose at all', () => {
    expect(geudGy(ramp, -10)).toBe(0);
    expect(geudGy(Float64Array.of(0, 0), 8)).toBe(0);
  });
});

describe('dose-volume histograms', () => {
  const edges = [0, 0.5, 1.25, 3, 3.5, 5];

  it('fall from 100 percent at the minimum to 0 above the maximum', () => {
    const volume = cumulativeDvh(ramp, [-1, 0, 0.1, 2, 4, 4.1]);
    const expected = [9, 9, 8, 5, 1, 0].map((voxels) => (voxels / 9) * 100);
    volume.forEach((percent, i) => {
      expect(percent).toBeCloseTo(expected[i], 12);
    });
  });

  it('have the drops of the cumulative one as the differential one', () => {
    const cumulative = cumulativeDvh(ramp, edges);
    const differential = differentialDvh(ramp, edges);
    expect(differential.length).toBe(edges.length - 1);
    differential.forEach((percent, i) => {
      expect(percent).toBeCloseTo(cumulative[i] - cumulative[i + 1], 12);
    });
    expect(differential.reduce((a, b) => a + b)).toBeCloseTo(100, 12);
  });
});
