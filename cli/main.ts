/** The `isola` command: reads the arguments and hands them to one file of commands/. */
import { Command } from 'commander';
import { addHelp } from './commands/help.js';
import { run } from './terminal/run.js';
import { version } from './version.js';

type Add = (program: Command) => void;

/** By name. Only the one that is called is loaded: all together take most of a second. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  optimize: async () => (await import('./commands/optimize.js')).addOptimize,
  report: async () => (await import('./commands/report.js')).addReport,
  dose: async () => (await import('./commands/dose.js')).addDose,
  phantom: async () => (await import('./commands/phantom.js')).addPhantom,
  validate: async () => (await import('./commands/validate.js')).addValidate,
  doctor: async () => (await import('./commands/doctor.js')).addDoctor,
  up: async () => (await import('./commands/up.js')).addUp,
  serve: async () => (await import('./commands/serve.js')).addServe,
  worker: async () => (await import('./commands/worker.js')).addWorker,
  jobs: async () => (await import('./commands/jobs.js')).addJobs,
  cancel: async () => (await import('./commands/jobs.js')).addCancel,
  certs: async () => (await import('./commands/certs.js')).addCerts,
};

const program = new Command('isola')
  .description('Radiotherapy plan optimisation. Not for clinical use.')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: () => {} });

const [, , name = ''] = process.argv;
const names = Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
for (const each of names) (await COMMANDS[each]())(program);
addHelp(program);

await run(program, process.argv);
