/** The `isola` command: reads the arguments and hands them to one file of commands/. */
import { Command } from 'commander';
import { addOptimize } from './commands/optimize.js';
import { addReport } from './commands/report.js';
import { addValidate } from './commands/validate.js';
import { run } from './terminal/run.js';
import { version } from './version.js';

const program = new Command('isola')
  .description('Radiotherapy plan optimisation. Not for clinical use.')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .configureHelp({ showGlobalOptions: true });

for (const add of [addOptimize, addReport, addValidate]) add(program);

await run(program, process.argv);
