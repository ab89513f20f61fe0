/** How plans that come over HTTP become jobs. */
import type { PlanDesk } from '@isola/coordinator/gateway';
import { caseSource, machineSource, type Plan, type PlanFile, readPlan } from '@isola/formats/plan';
import { InputError } from '@isola/optimizers/problem';
import { phantomByName } from '@isola/planning/case';
import { machineByName } from '@isola/planning/machines';
import { parseGoal } from '@isola/planning/metrics';
import { bundlePlan, inPlanFile, planInBundle } from '@isola/worker/plans';
import { planJob } from './plan-job.js';

/** What a plan is called in messages. */
const PLAN = 'plan';
const INSTEAD = 'or a bundle with its files, sent before and named as subject';

export const planDesk: PlanDesk = {
  async ofText(text) {
    const file = readPlan(text, PLAN);
    checkNeedsNoFiles(file);
    await inPlanFile(file, () => checkNames(file.plan));
    const { plan } = file;
    return { bundle: bundlePlan(plan, PLAN), specOf: (subject) => planJob(plan, subject) };
  },
  ofBundle(bundle) {
    const plan = planInBundle(bundle);
    return { bundle, specOf: (subject) => planJob(plan, subject) };
  },
};

/** @throws InputError: what a plan over HTTP names would be read from the coordinator's disk */
function checkNeedsNoFiles({ plan, place }: PlanFile): void {
  if (caseSource(plan.case.source, '.').kind !== 'phantom') {
    const allowed = `allowed over HTTP: phantom:NAME, ${INSTEAD}`;
    throw new InputError(place(['case']), `needs files; ${allowed}`);
  }
  if (machineSource(plan.machine, '.').kind !== 'built-in') {
    const allowed = `allowed over HTTP: the name of a built-in machine, ${INSTEAD}`;
    throw new InputError(place(['machine']), `needs a file; ${allowed}`);
  }
}

/** What can be refused before the case is built, which would keep a coordinator from its work. */
function checkNames({ case: { source }, machine, goals }: Plan): void {
  phantomByName(source.replace(/^phantom:/, ''));
  machineByName(machine);
  goals.forEach((goal, i) => {
    parseGoal(goal, `goals[${i}]`);
  });
}
