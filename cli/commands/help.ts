import { InputError } from '@isola/optimizers/problem';
import type { Command } from 'commander';

/** `isola help [COMMAND]`: explains the program or one of its commands. */
export function addHelp(program: Command): void {
  program
    .helpCommand(false)
    .command('help')
    .description('explain a command and its options')
    .argument('[command]', 'command to explain; without it, the program is')
    .action((name: string | undefined) => {
      const names = program.commands.map((command) => command.name());
      const explained =
        name === undefined ? program : program.commands.find((command) => command.name() === name);
      if (explained !== undefined) explained.outputHelp();
      else throw new InputError('help', `unknown command '${name}'; allowed: ${names.join(', ')}`);
    });
}
