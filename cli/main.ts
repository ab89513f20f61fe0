/** The `isola` command: reads the arguments and hands them to one file of commands/. */
import { Command } from 'commander';
import { addCerts } from './commands/certs.js';
import { addDoctor } from './commands/doctor.js';
import { addDose } from './commands/dose.js';
import { addHelp } from './commands/help.js';
import { addCancel, addJobs } from './commands/jobs.js';
import { addOptimize } from './commands/optimize.js';
import { addPhantom } from './commands/phantom.js';
import { addReport } from './commands/report.js';
import { addServe } from './commands/serve.js';
import { addUp } from './commands/up.js';
import { addValidate } from './commands/validate.js';
import { addWorker } from './commands/worker.js';
import { run } from './terminal/run.js';
import { version } from './version.js';

const program = new Command('isola')
  .description('Radiotherapy plan optimisation. Not for clinical use.')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: () => {} });

const onThisMachine = [addOptimize, addReport, addDose, addPhantom, addValidate, addDoctor];
const ofClusters = [addUp, addServe, addWorker, addJobs, addCancel, addCerts];
const commands = [...onThisMachine, ...ofClusters, addHelp];
for (const add of commands) add(program);

await run(program, process.argv);
