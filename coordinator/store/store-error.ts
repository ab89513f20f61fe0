/** What can go wrong with a store; a closed list. */
export type StoreProblem =
  /** Another writer was faster. */
  | 'conflict'
  /** A blob is missing or changed: compute it again. */
  | 'blob-lost'
  /** No space is left. Nothing acknowledged is lost; the same command goes on once there is. */
  | 'full'
  /** The place cannot be written, or not any more, until somebody changes something. */
  | 'unwritable'
  /** Its servers do not answer, or do not agree yet. Nothing acknowledged is lost. */
  | 'away'
  /** Another process works there. */
  | 'in-use'
  /** What was acknowledged has changed on disk. */
  | 'damaged'
  /** Used after `close`. */
  | 'closed';

/** A store that has these takes nothing, and may again; what was acknowledged is there. */
export const PAUSING = ['full', 'away', 'unwritable'] as const satisfies readonly StoreProblem[];

export type PausingProblem = (typeof PAUSING)[number];

/** A store failed; its message is one line that says where, what, and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly problem: StoreProblem,
    message: string,
  ) {
    super(message);
  }
}

/** Whether an error is a store's, with one of these problems. */
export function isStoreProblem<Problem extends StoreProblem>(
  error: unknown,
  ...problems: readonly Problem[]
): error is StoreError & { readonly problem: Problem } {
  return error instanceof StoreError && problems.some((each) => each === error.problem);
}
