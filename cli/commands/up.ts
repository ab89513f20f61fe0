import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { readTls, tlsPaths } from '@isola/cluster/runtime';
import type { Audit } from '@isola/coordinator/jobs';
import {
  freePorts,
  natsServerProblem,
  securedFor,
  startNatsCluster,
  startNatsServer,
} from '@isola/coordinator/nats';
import { lockFolder } from '@isola/coordinator/store';
import { InputError } from '@isola/optimizers/problem';
import type { Command } from 'commander';
import { certsOption, DEFAULT_ADDRESS, httpOption, NO_HTTP } from '../cluster/cluster-options.js';
import { OwnNats, stillStarting } from '../cluster/own-nats.js';
import { OwnProcess } from '../cluster/own-process.js';
import { checkWritable } from '../results/output-folder.js';
import { auditOption, countOption, workersOption } from '../terminal/options.js';
import { untilTold } from '../terminal/until-told.js';

interface Options {
  readonly workers: number;
  readonly coordinators: number;
  readonly nats: number;
  readonly listen: string;
  readonly http: string;
  readonly store: string;
  readonly certs?: string;
  readonly audit: Audit;
}

/** `isola up`: a cluster on this machine. */
export function addUp(program: Command): void {
  program
    .command('up')
    .description('run a whole cluster on this machine, until Ctrl+C')
    .addOption(workersOption())
    .addOption(countOption('--coordinators', 'coordinators, of which one leads', 1, 5))
    .addOption(countOption('--nats', 'NATS servers; 0: jobs are kept in a folder', 1, 3, 0))
    .option('--listen <host:port>', 'address of the first coordinator', DEFAULT_ADDRESS)
    .addOption(httpOption())
    .option('--store <folder>', 'where jobs and beams are kept', 'isola-cluster')
    .addOption(auditOption())
    .addOption(certsOption())
    .action(up);
}

/** Starts a part of the cluster, with its name. */
type Start = (name: string, args: readonly string[]) => OwnProcess;

async function up(options: Options): Promise<void> {
  let refuse: () => void = () => {};
  const refused = new Promise<void>((resolve) => {
    refuse = resolve;
  });
  const ending = new AbortController();
  const told = Promise.race([untilTold(), refused]).then(() => ending.abort());
  const { store, certs } = options;
  checkWritable(store, '--store');
  const logs = join(store, 'log');
  mkdirSync(logs, { recursive: true });
  const trust = certs === undefined ? [] : ['--certs', certs];
  const start: Start = (name, args) =>
    new OwnProcess([...args, ...trust], { log: join(logs, `${name}.log`), onRefused: refuse });
  const servers: OwnNats[] = [];
  const unlock = options.nats === 0 ? () => {} : lockFolder(natsFolder(store));
  try {
    servers.push(...(await natsServers(options, ending.signal)));
    const addresses = await addressesOf(options);
    const coordinators = startCoordinators(options, addresses, servers, start);
    const led = Promise.any(coordinators.map((coordinator) => coordinator.line(/listens on/)));
    await Promise.race([led, told]);
    const workers = startWorkers(options, addresses, start);
    const attached = Promise.all(workers.map((worker) => worker.line(/attached/)));
    if ((await Promise.race([attached, told])) !== undefined) {
      const use = `isola optimize PLAN --coordinator ${addresses.join(',')}`;
      process.stdout.write(`ready; in another terminal: ${use}\nlogs are in ${logs}\n`);
    }
    await told;
    for (const group of [workers, coordinators]) await Promise.all(group.map((own) => own.end()));
  } catch (error) {
    // What it was told to end before it was there is no failure.
    if (!ending.signal.aborted) throw error;
  } finally {
    await Promise.all(servers.map((server) => server.end()));
    unlock();
  }
}

/** Where the NATS servers keep all that they have; made where it is not there. */
function natsFolder(store: string): string {
  const folder = join(store, 'nats');
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function natsServers(options: Options, signal: AbortSignal): Promise<OwnNats[]> {
  const { nats, store, coordinators, certs } = options;
  if (nats === 0 && coordinators > 1) {
    throw new InputError('--coordinators', 'several need --nats 1 or 3');
  }
  if (nats === 2) throw new InputError('--nats', '2 are no safer than 1; allowed: 0, 1 or 3');
  if (nats === 0) return [];
  const problem = natsServerProblem();
  if (problem !== '') {
    const without = 'or --nats 0, which keeps jobs in a folder for one coordinator';
    throw new InputError('--nats', `${problem}; allowed: ${without}`);
  }
  const folder = natsFolder(store);
  const paths = certs === undefined ? null : tlsPaths(resolve(certs), 'nats');
  if (paths !== null) readTls(paths);
  const more = paths === null ? {} : securedFor(paths);
  const starting =
    nats === 1
      ? startNatsServer({ folder, more }, signal).then((server) => [server])
      : startNatsCluster(folder, nats, paths, signal);
  return (await stillStarting(starting)).map((server) => new OwnNats(server));
}

function natsArgs(servers: readonly OwnNats[]): string[] {
  const urls = servers.map(({ url }) => url).join(',');
  const monitors = servers.map(({ monitorUrl }) => monitorUrl).join(',');
  return ['--nats', urls, '--nats-monitor', monitors];
}

/** The first as asked for, the others on ports that are free. */
async function addressesOf({ listen, coordinators }: Options): Promise<string[]> {
  const host = listen.slice(0, listen.lastIndexOf(':'));
  const [any, ...others] = await freePorts(coordinators);
  const first = listen.endsWith(':0') ? `${host}:${any}` : listen;
  return [first, ...others.map((port) => `${host}:${port}`)];
}

/** Of several, the first speaks HTTP where it was asked for; others at any port. */
function startCoordinators(
  { store, http, audit }: Options,
  addresses: readonly string[],
  servers: readonly OwnNats[],
  start: Start,
): OwnProcess[] {
  const log = servers.length === 0 ? ['--store', join(store, 'jobs')] : natsArgs(servers);
  const others = http === NO_HTTP ? http : '127.0.0.1:0';
  return addresses.map((listen, i) => {
    const places = ['--listen', listen, '--http', i === 0 ? http : others];
    return start(`coordinator-${i + 1}`, ['serve', ...places, ...log, '--audit', audit]);
  });
}

function startWorkers(
  { workers, store }: Options,
  addresses: readonly string[],
  start: Start,
): OwnProcess[] {
  const threads = Math.max(1, Math.floor(availableParallelism() / workers));
  const shared = ['--coordinator', addresses.join(','), '--cache', join(store, 'beams')];
  return Array.from({ length: workers }, (_, i) => {
    const name = `worker-${i + 1}`;
    return start(name, ['worker', ...shared, '--name', name, '--threads', `${threads}`]);
  });
}
