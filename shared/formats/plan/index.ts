/** Plan: the plan file; its schema, checks with positions, and canonical form. */
export { canonicalJson } from './canonical-json.js';
export { type PlanFile, type PlanPath, readPlan } from './read-plan.js';
export { type ObjectiveEntry, type Plan, planJsonSchema, planSchema } from './schema.js';
export { type CaseSource, caseSource, type MachineSource, machineSource } from './sources.js';
