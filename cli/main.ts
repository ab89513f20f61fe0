/** The `isola` command: reads the arguments and hands them to one file of commands/. */
import { Command } from 'commander';
import { addOptimize } from './commands/optimize.js';
import { run } from './terminal/run.js';
import { version } from './version.js';

const program = new Command('isola')
  .description('Radiotherapy plan optimisation. Not for clinical use.')
  .version(version)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });

addOptimize(program);

await run(program, process.argv);
