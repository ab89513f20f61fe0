import { expect, it } from 'vitest';
import { isWithinLimits, LIMITS, type Validation, validationTable } from './verdict.js';

const validation: Validation = {
  ...{ case: 'matrad toy', threads: 2, nnz: 10, nnzReference: 11, doseInfluenceSeconds: 1.5 },
  ...{ uniformDoseMaxRelError: 1e-3, bixelMaxRelError: null, objectiveRelError: 2e-5 },
  optimum: {
    ...{ reference: 2, bestKnown: null, status: 'converged', objective: 1.9, iterations: 4 },
    ...{ seconds: 3, secondsToReference: null },
  },
  limits: LIMITS,
  withinLimits: true,
};

it('allows errors up to the limits, and parts that the reference lacks', () => {
  expect(isWithinLimits(LIMITS)).toBe(true);
  expect(isWithinLimits({ ...LIMITS, bixelMaxRelError: null })).toBe(true);
  expect(isWithinLimits({ ...LIMITS, objectiveRelError: 1.01e-4 })).toBe(false);
  expect(isWithinLimits({ ...LIMITS, uniformDoseMaxRelError: Number.NaN })).toBe(false);
});

it('shows errors with their limits, and the verdict', () => {
  const text = validationTable(validation);
  expect(text).toMatch(/^dose of equal weights +1\.0e-3 +2e-3/m);
  expect(text).toMatch(/^single beamlets +6e-3 +not in the reference$/m);
  expect(text).toMatch(/^to the reference +not reached/m);
  expect(text).toContain('agrees with the reference');
  const broken = { ...validation, objectiveRelError: 1, withinLimits: false };
  expect(validationTable(broken)).toContain('does not agree with the reference');
});
