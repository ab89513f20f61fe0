import { InputError } from '@isola/optimizers/problem';
import { type Command, CommanderError } from 'commander';
import { EXIT } from './exit-code.js';

/** Runs a command: bad input becomes one line and code 2; bugs crash with their stack. */
export async function run(program: Command, argv: readonly string[]): Promise<void> {
  process.stdout.on('error', leaveQuietly);
  if (argv.length <= 2) return program.outputHelp();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    const line = problemOf(error, program, argv[2]);
    if (line === null) return;
    process.stderr.write(`isola: ${line.replace(/\s*\n\s*/g, ' ')}\n`);
    process.exitCode = EXIT.badInput;
  }
}

/** What the user did wrong; null where nothing is wrong, as after help was shown. */
function problemOf(error: unknown, program: Command, command: string): string | null {
  if (error instanceof InputError) return error.message;
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode === 0) return null;
  const isKnown = program.commands.some((known) => known.name() === command);
  const [place, help] = isKnown ? [command, `isola help ${command}`] : ['command', 'isola help'];
  return `${place}: ${error.message.replace(/^error: /, '')}; see "${help}"`;
}

/** Who reads the output may leave early, as `head` does. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
