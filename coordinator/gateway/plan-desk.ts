import type { JobSpec } from '../jobs/index.js';
import type { BlobId } from '../store/index.js';

/** A plan on its way to become a job. */
export interface PreparedPlan {
  /** All that the plan is about, as bytes. */
  readonly bundle: Uint8Array;
  /** The job, once the name of these bytes is known. */
  readonly specOf: (subject: BlobId) => JobSpec;
}

/** Knows what a plan is, which a coordinator does not. */
export interface PlanDesk {
  /**
   * Of a plan file's text, YAML or JSON.
   * @throws InputError with the place of what is wrong and what is allowed
   */
  ofText(text: string): Promise<PreparedPlan>;
  /**
   * Of a bundle that was sent before.
   * @throws InputError
   */
  ofBundle(bundle: Uint8Array): PreparedPlan;
}
