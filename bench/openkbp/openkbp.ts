/** The OpenKBP plans of examples/: how good and how fast. */
import { writeFileSync } from 'node:fs';
import { threadExecutor } from '@isola/kernels/backends';
import { absent, OPENKBP_PATIENTS, openKbpFolder } from '../inputs/dose-cases.js';
import { docsPage, examplePlan } from '../inputs/places.js';
import type { Bench, Figures } from '../measurement/bench.js';
import { countMet, newlyBroken, tolerances } from './criteria.js';
import { openKbpPage } from './page.js';
import { type PlannedPatient, planPatient } from './plan-patient.js';

export const openKbp: Bench = {
  name: 'openkbp',
  summary: 'four patients beside their reference doses; --write makes docs/openkbp.md of them',
  run: async ({ threads, dataFolder, writesPage }, records) => {
    const planned = new Map<string, PlannedPatient>();
    const executor = threadExecutor(threads);
    try {
      for (const patient of OPENKBP_PATIENTS) {
        const missing = absent(openKbpFolder(dataFolder, patient));
        if (missing !== null) {
          records.leaveOut(patient, `${missing} does not exist`);
          continue;
        }
        await records.add(patient, async () => {
          const plan = await planPatient(examplePlan(`openkbp-${patient}`), executor);
          planned.set(patient, plan);
          return figures(plan, threads);
        });
      }
    } finally {
      await executor.close();
    }
    if (!writesPage) return;
    await records.add('page', () => {
      if (planned.size < OPENKBP_PATIENTS.length) throw new Error('not written: a patient lacks');
      const page = docsPage('openkbp');
      writeFileSync(page, openKbpPage(planned));
      return { written: page };
    });
  },
};

function figures({ ours, reference, clock, ...plan }: PlannedPatient, threads: number): Figures {
  return {
    threads,
    criteria: ours.criteria.length,
    metByReference: countMet(reference),
    metByOurs: countMet(ours),
    newlyBroken:
      newlyBroken(ours, reference)
        .map(({ structure }) => structure)
        .join(' ') || 'none',
    beyondTolerance:
      tolerances(ours, reference)
        .filter(({ isKept }) => !isKept)
        .map(({ name }) => name)
        .join(', ') || 'none',
    modulation: plan.modulation,
    monitorUnits: plan.monitorUnits,
    seconds: clock.totalSeconds(),
  };
}
