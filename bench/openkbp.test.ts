/**
 * The plans of examples/ for four OpenKBP patients against the reference doses that come with the
 * patients, by the criteria of that data set: whole plans, from the plan file to the final dose.
 */
import { threadExecutor } from '@isola/kernels/backends';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { absent, OPENKBP_PATIENTS, openKbpFolder } from './inputs/dose-cases.js';
import { dataFolder, docsPage, examplePlan } from './inputs/places.js';
import { countMet, newlyBroken, tolerances } from './openkbp/criteria.js';
import { openKbpPage } from './openkbp/page.js';
import { type PlannedPatient, planPatient } from './openkbp/plan-patient.js';

const missing = (patient: string) => absent(openKbpFolder(dataFolder, patient)) !== null;
const someMissing = OPENKBP_PATIENTS.some(missing);
const TIMEOUT_MS = 900_000;

const executor = threadExecutor(2);
afterAll(() => executor.close());
const planned = new Map<string, PlannedPatient>();
const plan = (patient: string) => planned.get(patient) as PlannedPatient;

describe.each(OPENKBP_PATIENTS)('OpenKBP %s', (patient) => {
  beforeAll(async () => {
    if (missing(patient)) return;
    planned.set(patient, await planPatient(examplePlan(`openkbp-${patient}`), executor));
  }, TIMEOUT_MS);

  it.skipIf(missing(patient))('meets every criterion that the reference dose meets', () => {
    const { ours, reference } = plan(patient);
    expect(newlyBroken(ours, reference)).toEqual([]);
    expect(countMet(ours)).toBeGreaterThanOrEqual(countMet(reference));
  });

  it.skipIf(missing(patient))('keeps D99% and D1% of PTVs and D1cc outside near it', () => {
    const { ours, reference } = plan(patient);
    expect(ours.targets.length).toBeGreaterThanOrEqual(2);
    expect(tolerances(ours, reference).filter(({ isKept }) => !isKept)).toEqual([]);
  });
});

describe('OpenKBP, all four patients', () => {
  it.skipIf(someMissing)('meets more criteria than the reference doses', () => {
    const total = (of: (patient: PlannedPatient) => number) =>
      [...planned.values()].reduce((sum, patient) => sum + of(patient), 0);
    expect(total(({ ours }) => countMet(ours))).toBeGreaterThan(
      total(({ reference }) => countMet(reference)),
    );
  });

  it.skipIf(someMissing)(
    'is what docs/openkbp.md says (npm run bench -- openkbp --write)',
    async () => {
      await expect(openKbpPage(planned)).toMatchFileSnapshot(docsPage('openkbp'));
    },
  );
});
