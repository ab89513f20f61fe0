/**
 * Bad input of a user: a bad case, plan or setting. Thrown where input enters; the command line
 * prints it as one line and exits with code 2. Bugs are not InputErrors: they crash.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  /**
   * @param place where the value stands: a file, `file:line:column`, or `beams.gantryDeg[2]`
   * @param problem what is wrong, with the value and what is allowed
   */
  constructor(
    readonly place: string,
    readonly problem: string,
  ) {
    super(`${place}: ${problem}`);
  }
}
