/** Plan: the plan file; its schema, checks with positions, and canonical form. */
export { type AngleRange, anglesInRange } from './angle-range.js';
export type { GivenBeams, SearchedBeams } from './beams-schema.js';
export { canonicalJson } from './canonical-json.js';
export { type PlanFile, type PlanPath, readPlan } from './read-plan.js';
export { type ObjectiveEntry, type Plan, planJsonSchema, planSchema } from './schema.js';
export { type AngleSearchEntry, candidateCount } from './search-schema.js';
export { type CaseSource, caseSource, type MachineSource, machineSource } from './sources.js';
