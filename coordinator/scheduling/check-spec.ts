import { Job, type JobSpec } from '../jobs/index.js';
import { Refusal } from './refusal.js';

/** @throws Refusal for what is no job */
export function checkSpec(spec: JobSpec): void {
  try {
    new Job([{ type: 'JobSubmitted', ...spec }]);
  } catch (error) {
    throw new Refusal('bad-job', error instanceof Error ? error.message : String(error));
  }
}
