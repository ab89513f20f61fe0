import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { OwnProcess } from '../cluster/own-process.js';
import { certsOption, DEFAULT_ADDRESS, httpOption } from '../cluster/security.js';
import { checkWritable } from '../results/output-folder.js';
import { workersOption } from '../terminal/options.js';
import { untilTold } from '../terminal/until-told.js';

interface Options {
  readonly workers: number;
  readonly listen: string;
  readonly http: string;
  readonly store: string;
  readonly certs?: string;
}

/** `isola up`: a cluster on this machine. */
export function addUp(program: Command): void {
  program
    .command('up')
    .description('run a coordinator and workers on this machine, until Ctrl+C')
    .addOption(workersOption())
    .option('--listen <host:port>', 'address of the coordinator; port 0: any', DEFAULT_ADDRESS)
    .addOption(httpOption())
    .option('--store <folder>', 'where jobs and beams are kept', 'isola-cluster')
    .addOption(certsOption())
    .action(up);
}

async function up({ workers, listen, http, store, certs }: Options): Promise<void> {
  const told = untilTold();
  const trust = certs === undefined ? [] : ['--certs', certs];
  checkWritable(store, '--store');
  const logs = join(store, 'log');
  mkdirSync(logs, { recursive: true });
  const started = (name: string, args: readonly string[], again: boolean) =>
    new OwnProcess([...args, ...trust], { log: join(logs, `${name}.log`), again });
  const places = ['--listen', listen, '--http', http, '--store', store];
  const coordinator = started('coordinator', ['serve', ...places], false);
  const [, address] = (await Promise.race([coordinator.line(/listens on (\S+);/), told])) ?? [];
  // It has ended, and said why; or all is to end already.
  if (address === undefined) return coordinator.end();
  const threads = Math.max(1, Math.floor(availableParallelism() / workers));
  const cache = join(store, 'beams');
  const all = Array.from({ length: workers }, (_, i) => {
    const name = `worker-${i + 1}`;
    const place = ['--coordinator', address, '--cache', cache, '--name', name];
    return started(name, ['worker', ...place, '--threads', `${threads}`], true);
  });
  const attached = Promise.all(all.map((worker) => worker.line(/attached/)));
  if ((await Promise.race([attached, told])) !== undefined) {
    const use = `in another terminal: isola optimize PLAN --coordinator ${address}`;
    process.stdout.write(`${workers} workers; ${use}\nlogs are in ${logs}\n`);
  }
  await told;
  await Promise.all(all.map((worker) => worker.end()));
  await coordinator.end();
}
