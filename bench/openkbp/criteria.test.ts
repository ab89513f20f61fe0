import type { Case, Structure } from '@isola/planning/case';
import { describe, expect, it } from 'vitest';
import { countMet, evaluateDose, newlyBroken, tolerances } from './criteria.js';

const range = (from: number, to: number) =>
  Uint32Array.from({ length: to - from }, (_, i) => from + i);

/** 1000 voxels of 0.02 cc: a target of 101 voxels, a cord of 100, the rest of the body. */
const patient = {
  name: 'ramp',
  grid: { size: [1000, 1, 1], spacingMm: [4, 2.5, 2], originMm: [0, 0, 0] },
  hu: new Int16Array(1000),
  huTable: { name: 'none', hu: [0, 1], density: [1, 1] },
  structures: [
    { name: 'PTV70', kind: 'target', voxels: range(0, 101) },
    { name: 'SpinalCord', kind: 'organ', voxels: range(200, 300) },
    { name: 'LeftParotid', kind: 'organ', voxels: range(300, 400) },
    { name: 'External', kind: 'external', voxels: range(0, 1000) },
  ] satisfies Structure[],
} satisfies Case;

const dose = (of: (voxel: number) => number) =>
  Float32Array.from({ length: 1000 }, (_, v) => of(v));

describe('evaluateDose', () => {
  // The target's doses are 70, 70.25, ... 95; the cord's 0.25, 0.5, ... 25; elsewhere 10 or 20.
  const evaluation = evaluateDose(
    patient,
    dose((v) => {
      if (v < 101) return 70 + v / 4;
      if (v >= 200 && v < 300) return (v - 199) / 4;
      return v % 2 === 0 ? 10 : 20;
    }),
  );

  it('judges the structures that the patient has, and no others', () => {
    expect(evaluation.criteria.map(({ structure, metric }) => `${structure} ${metric}`)).toEqual([
      'PTV70 D99%',
      'SpinalCord D0.1cc',
      'LeftParotid Dmean',
    ]);
    expect(countMet(evaluation)).toBe(3);
  });

  it('takes percentiles between voxels, and 0.1 cc as 5 of 100 voxels', () => {
    const [target, cord, parotid] = evaluation.criteria.map(({ valueGy }) => valueGy);
    expect(target).toBeCloseTo(70.25, 10);
    expect(evaluation.targets).toEqual([{ structure: 'PTV70', d99Gy: target, d1Gy: 94.75 }]);
    // The 95th percentile of 100 doses stands at place 0.95 * 99 = 94.05 from 0.
    expect(cord).toBeCloseTo((1 + 94.05) / 4, 10);
    expect(parotid).toBe(15);
  });

  it('finds the hottest cubic centimetre outside the targets', () => {
    // 1 cc is 50 voxels: 20 of the cord get more than 20 Gy, hundreds elsewhere 20 Gy.
    expect(evaluation.d1ccOutsideTargetsGy).toBe(20);
  });

  it('refuses a dose of another grid', () => {
    expect(() => evaluateDose(patient, new Float32Array(999))).toThrow('999 voxels');
  });
});

describe('a plan beside its reference', () => {
  const flat = (targetGy: number, elsewhereGy: number) =>
    evaluateDose(
      patient,
      dose((v) => (v < 101 ? targetGy : elsewhereGy)),
    );
  const reference = flat(70, 26);

  it.each([
    [70, 26, 3, 0],
    [66.4, 26, 2, 1],
    [66.5, 26.1, 2, 1],
    [66.4, 46, 0, 3],
  ])('%d Gy in the target, %d Gy elsewhere: %d criteria met, %d newly broken', (...numbers) => {
    const [targetGy, elsewhereGy, met, broken] = numbers;
    const ours = flat(targetGy, elsewhereGy);
    expect(countMet(ours)).toBe(met);
    expect(newlyBroken(ours, reference)).toHaveLength(broken);
  });

  it('breaks nothing that the reference breaks too', () => {
    expect(newlyBroken(flat(60, 50), flat(60, 50))).toEqual([]);
  });

  it.each([
    [69.5, 26, []],
    [69.4, 26, ['PTV70 D99%']],
    [71, 27, []],
    [71.1, 27.1, ['PTV70 D1%', 'outside the targets D1cc']],
  ])(
    '%d Gy in the target, %d Gy elsewhere: beyond tolerance %j',
    (targetGy, elsewhereGy, names) => {
      const beyond = tolerances(flat(targetGy, elsewhereGy), reference).filter((t) => !t.isKept);
      expect(beyond.map(({ name }) => name)).toEqual(names);
    },
  );
});
