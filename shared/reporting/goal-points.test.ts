import { describe, expect, it } from 'vitest';
import { goalPoints } from './goal-points.js';
import type { ReportGoal } from './report-input.js';
import { syntheticReport } from './synthetic-report.js';

const base = syntheticReport(16);
const report = {
  ...base,
  structures: [
    ...base.structures,
    { name: 'Core 2', kind: 'organ' as const, voxels: Uint32Array.of(1) },
  ],
  metrics: base.metrics.map((each) => ({ ...each, volumeCc: 200 })),
};

function pointOf(text: string, limit: number, unit: string) {
  const goal: ReportGoal = { text, limit, unit, value: 1, met: true };
  const [point] = goalPoints({ ...report, goals: [goal] });
  return point && [point.structure, point.doseGy, point.volumePercent, point.side];
}

describe('goalPoints', () => {
  it('places dose-at-volume goals', () => {
    expect(pointOf('Target D95% >= 50 Gy', 50, 'Gy')).toEqual([0, 50, 95, 'right']);
    expect(pointOf('Core D10% <= 25 Gy', 25, 'Gy')).toEqual([1, 25, 10, 'left']);
    expect(pointOf('Core D2cc < 45 Gy', 45, 'Gy')).toEqual([1, 45, 1, 'left']);
    expect(pointOf('Target D95% >= 95%', 95, '%')).toEqual([0, 47.5, 95, 'right']);
  });

  it('places volume-at-dose goals', () => {
    expect(pointOf('Core V20Gy < 30%', 30, '%')).toEqual([1, 20, 30, 'below']);
    expect(pointOf('Core V20Gy < 50 cc', 50, 'cc')).toEqual([1, 20, 25, 'below']);
    expect(pointOf('Target V95% >= 98%', 98, '%')).toEqual([0, 47.5, 98, 'above']);
  });

  it('takes the longest name that fits', () => {
    expect(pointOf('Core 2 D10% <= 25 Gy', 25, 'Gy')?.[0]).toBe(4);
  });

  it('leaves out goals that are no points, and structures that are not in the report', () => {
    expect(pointOf('Core Dmean < 26 Gy', 26, 'Gy')).toBeUndefined();
    expect(pointOf('Heart D2% < 26 Gy', 26, 'Gy')).toBeUndefined();
  });
});
