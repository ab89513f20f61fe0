import { InputError } from '@isola/optimizers/problem';
import { type Command, CommanderError } from 'commander';
import { EXIT } from './exit-code.js';

/** Runs a command: bad input becomes one line and code 2; bugs crash with their stack. */
export async function run(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.badInput;
    } else if (error instanceof InputError) {
      process.stderr.write(`isola: ${error.message.replaceAll('\n', ' ')}\n`);
      process.exitCode = EXIT.badInput;
    } else throw error;
  }
}
