import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { checkGoals, evaluateGoal, evaluateGoals, type GoalContext } from './goal-evaluation.js';
import { parseGoal } from './goals.js';

const read = (text: string) => parseGoal(text, 'goals[0]');

describe('parseGoal', () => {
  const canonical: [string, string][] = [
    ['Target D95% >= 50 Gy', 'Target D95% >= 50 Gy'],
    ['Core V20Gy < 30%', 'Core V20Gy < 30%'],
    ['Cord D0.1cc <= 45 Gy', 'Cord D0.1cc <= 45 Gy'],
    ['PTV V95% >= 98%', 'PTV V95% >= 98%'],
    ['Parotid_L Dmean < 26Gy', 'Parotid_L Dmean < 26 Gy'],
    ['X Dmax<54Gy', 'X Dmax < 54 Gy'],
    ['X Dmin > 1.50 gy', 'X Dmin > 1.5 Gy'],
    ['X gEUD(a=8) < 40Gy', 'X gEUD(a=8) < 40 Gy'],
    ['X geud( a = -10 ) > 40Gy', 'X gEUD(a=-10) > 40 Gy'],
    ['X CI(Paddick) >= 0.85', 'X CI(Paddick) >= 0.85'],
    ['X ci(rtog) <= 2', 'X CI(RTOG) <= 2'],
    ['X HI(ICRU83) <= .12', 'X HI(ICRU83) <= 0.12'],
    ['Lung V20Gy < 500cc', 'Lung V20Gy < 500 cc'],
    ['Lung V2000cGy < 500 CC', 'Lung V20Gy < 500 cc'],
    ['Cord D2 cc <= 4510 cGy', 'Cord D2cc <= 45.1 Gy'],
    ['PTV D95% >= 95%', 'PTV D95% >= 95%'],
    ['  PTV 70 boost   V107% <= 2 %  ', 'PTV 70 boost V107% <= 2%'],
    ['V20 D5 V20Gy < 30%', 'V20 D5 V20Gy < 30%'],
    ['Lung - PTV < 2 V5Gy < 30%', 'Lung - PTV < 2 V5Gy < 30%'],
  ];
  it.each(canonical)('reads "%s" as "%s"', (text, expected) => {
    const goal = read(text);
    expect(goal.text).toBe(expected);
    expect(goal.warnings).toEqual([]);
  });

  it.each(canonical)('reads its own canonical text of "%s" as the same goal', (text) => {
    const goal = read(text);
    expect(read(goal.text)).toEqual(goal);
  });

  it('gives plain data', () => {
    expect(read('Parotid L V2600cGy <= 30 %')).toEqual({
      structure: 'Parotid L',
      metric: { kind: 'volume-at-dose', dose: { value: 26, unit: 'Gy' } },
      operator: '<=',
      limit: 30,
      unit: '%',
      text: 'Parotid L V26Gy <= 30%',
      place: 'goals[0]',
      warnings: [],
    });
  });

  it('takes bare numbers as percent and says so', () => {
    expect(read('PTV D95 >= 50 Gy').text).toBe('PTV D95% >= 50 Gy');
    expect(read('PTV D95 >= 50 Gy').warnings).toEqual(['D95 is read as D95%']);
    expect(read('PTV V100 >= 95%').text).toBe('PTV V100% >= 95%');
    expect(read('PTV V100 >= 95%').warnings[0]).toContain('percent of the prescription');
  });

  it.each([
    ['D95% >= 50 Gy', 'no structure'],
    ['PTV D95% = 50 Gy', 'no operator'],
    ['PTV D95% 50 Gy', 'no operator'],
    ['PTV D95% >= Gy', 'no value'],
    ['PTV D95% >= 50', 'a dose without unit'],
    ['PTV D95% >= 50 cc', 'a dose in cc'],
    ['PTV D95% >= -50 Gy', 'a negative dose'],
    ['PTV D195% >= 50 Gy', 'more than the volume'],
    ['PTV V20Gy < 30', 'a volume without unit'],
    ['PTV V20Gy < 30 Gy', 'a volume in Gy'],
    ['PTV V20Gy < 130%', 'more than the volume'],
    ['PTV V20Gy < 30% always', 'more after it'],
    ['PTV CI >= 0.8', 'no formula'],
    ['PTV CI(Brainlab) >= 0.8', 'an unknown formula'],
    ['PTV CI(ICRU83) >= 0.8', 'a formula of HI'],
    ['PTV CI(Paddick) >= 80%', 'an index in percent'],
    ['PTV gEUD < 40 Gy', 'no exponent'],
    ['PTV gEUD(a=0.5) < 40 Gy', 'an exponent between 0 and 1'],
    ['PTV Dmedian < 40 Gy', 'an unknown metric'],
    ['', 'nothing'],
  ])('refuses "%s": %s', (text) => {
    expect(() => read(text)).toThrow(InputError);
    expect(() => read(text)).toThrow(/^goals\[0\]: '.*D0\.1cc.*CI\(Paddick\).*HI\(ICRU83\)/);
  });
});

/** 100 voxels of 0.5 cc with 1, 2, ..., 100 Gy; T is the hottest 50 of them, one voxel is One. */
const context: GoalContext = {
  doseGy: Float32Array.from({ length: 100 }, (_, i) => i + 1),
  voxelCc: 0.5,
  structures: new Map([
    ['Body', Uint32Array.from({ length: 100 }, (_, i) => i)],
    ['T 1', Uint32Array.from({ length: 50 }, (_, i) => 50 + i)],
    ['One', Uint32Array.of(39)],
    ['None', new Uint32Array(0)],
  ]),
  prescriptionGy: 80,
};

describe('evaluateGoal', () => {
  const values: [string, number, string, boolean][] = [
    ['Body Dmean < 50 Gy', 50.5, 'Gy', false],
    ['Body Dmean <= 63.2%', 63.125, '%', true],
    ['Body Dmax <= 100 Gy', 100, 'Gy', true],
    ['Body Dmax < 100 Gy', 100, 'Gy', false],
    ['T 1 Dmin >= 51 Gy', 51, 'Gy', true],
    ['T 1 Dmin > 51 Gy', 51, 'Gy', false],
    ['Body D50% >= 50 Gy', 50.5, 'Gy', true],
    ['Body D25cc <= 50 Gy', 50.5, 'Gy', false],
    ['Body D0.1cc <= 100 Gy', 99.01, 'Gy', true],
    ['Body V20Gy < 90%', 81, '%', true],
    ['Body V2000cGy < 40cc', 40.5, 'cc', false],
    ['T 1 V95% >= 50%', 50, '%', true],
    ['T 1 V95% >= 12.6 cc', 12.5, 'cc', false],
    ['One gEUD(a=8) < 41 Gy', 40, 'Gy', true],
    ['T 1 gEUD(a=1) >= 94%', 94.375, '%', true],
    ['T 1 CI(Paddick) >= 0.4', 21 / 50, '', true],
    ['T 1 CI(RTOG) >= 0.5', 21 / 50, '', false],
    ['T 1 CI(matRad) >= 0.5', 25 / 50, '', true],
    ['T 1 HI(RTOG) <= 1.2', 1.25, '', false],
    ['T 1 HI(ICRU83) <= 0.63', (49 * 0.96) / 75.5, '', true],
  ];
  it.each(values)('finds for "%s" the value %d %s', (text, value, unit, met) => {
    const goal = read(text);
    const result = evaluateGoal(goal, context);
    expect(result.value).toBeCloseTo(value, 10);
    expect(result).toEqual({ goal: goal.text, value: result.value, unit, limit: goal.limit, met });
  });

  it('evaluates many as it evaluates each', () => {
    const goals = values.map(([text]) => read(text));
    expect(evaluateGoals(goals, context)).toEqual(goals.map((g) => evaluateGoal(g, context)));
  });

  it('takes a value that differs from its limit by float32 rounding as equal to it', () => {
    const doseGy = Float32Array.of(50 * (1 - 2 ** -23), 50 * (1 + 2 ** -23), 49.99);
    const structures = new Map([0, 1, 2].map((v) => [`V${v}`, Uint32Array.of(v)] as const));
    const met = (text: string) => evaluateGoal(read(text), { ...context, doseGy, structures }).met;
    expect([0, 1, 2].map((v) => met(`V${v} Dmean >= 50 Gy`))).toEqual([true, true, false]);
    expect([0, 1, 2].map((v) => met(`V${v} Dmean <= 50 Gy`))).toEqual([true, true, true]);
    expect([0, 1, 2].map((v) => met(`V${v} Dmean < 50 Gy`))).toEqual([false, false, true]);
    expect([0, 1, 2].map((v) => met(`V${v} Dmean > 50 Gy`))).toEqual([false, false, false]);
  });

  it('refuses structures that are not there or empty, and a prescription that is not there', () => {
    const check = (text: string, prescriptionGy: number | null = 80) =>
      checkGoals([read(text)], { ...context, prescriptionGy });
    expect(() => check('t 1 Dmean < 5 Gy')).toThrow(/^goals\[0\]: .*'t 1'; there are Body, T 1/);
    expect(() => check('None Dmean < 5 Gy')).toThrow(InputError);
    for (const text of [
      'T 1 V95% > 9%',
      'T 1 D95% > 9%',
      'T 1 CI(RTOG) < 2',
      'T 1 HI(matRad) < 2',
    ]) {
      expect(() => check(text)).not.toThrow();
      expect(() => check(text, null)).toThrow(/prescription/);
    }
    for (const text of ['T 1 V9Gy > 9%', 'T 1 D95% > 9 Gy', 'T 1 HI(ICRU83) < 2']) {
      expect(() => check(text, null)).not.toThrow();
    }
  });
});
