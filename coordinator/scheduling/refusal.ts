/** Why a coordinator does not do what it is asked for: a closed list. */
export type RefusalCode =
  /** There is none, or it is another tenant's. */
  | 'not-found'
  /** The key stands for another job. */
  | 'key-taken'
  /** Another worker has the name. */
  | 'name-taken'
  /** What the job is about was not sent before. */
  | 'subject-missing'
  | 'bad-job'
  | 'too-large'
  | 'incomplete'
  /** Another coordinator leads. */
  | 'not-leading';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
  }
}
