import { isStoreProblem, StoreError } from '@isola/coordinator/store';
import { InputError } from '@isola/optimizers/problem';
import { type Command, CommanderError } from 'commander';
import { ClusterProblem } from '../cluster/cluster-problem.js';
import { EXIT } from './exit-code.js';

/** An ArenaFullError; threads hand over its message, but not its class. */
const NO_ROOM = /^no room for .* shared memory/;

/** Runs a command: bad input becomes one line and code 2; bugs crash with their stack. */
export async function run(program: Command, argv: readonly string[]): Promise<void> {
  process.stdout.on('error', leaveQuietly);
  if (argv.length <= 2) {
    program.outputHelp();
    return;
  }
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    const line = problemOf(error, program, argv[2]);
    if (line === null) return;
    process.stderr.write(`isola: ${line.replace(/\s*\n\s*/g, ' ')}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ClusterProblem) return error.exitCode;
  return isStoreProblem(error, 'away') ? EXIT.unreachable : EXIT.badInput;
}

/** What the user did wrong; null where nothing is wrong, as after help was shown. */
function problemOf(error: unknown, program: Command, command: string): string | null {
  const isTold = [InputError, StoreError, ClusterProblem].some((kind) => error instanceof kind);
  if (isTold) return (error as Error).message;
  if (error instanceof Error && NO_ROOM.test(error.message)) {
    return `memory: ${error.message}; allowed: a larger doseGridMm or bixelMm, or fewer beams`;
  }
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode === 0) return null;
  const problem = error.message.replace(/^error: |\.$/g, '');
  const names = program.commands.map((known) => known.name());
  return names.includes(command)
    ? `${command}: ${problem}; see "isola help ${command}"`
    : `command: ${problem}; allowed: ${names.join(', ')}`;
}

/** Who reads the output may leave early, as `head` does. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
