import { hostname } from 'node:os';
import { metricsServer } from '@isola/cluster/metrics';
import { hostAndPort, MAX_WORKER_NAME, natsConnection, natsServers } from '@isola/cluster/runtime';
import { InputError } from '@isola/optimizers/problem';
import { natsLink, peerOf, WorkerExchange } from '@isola/worker/exchange';
import { WorkerLog, WorkerMetrics } from '@isola/worker/observation';
import { type WorkerNote, WorkerSession } from '@isola/worker/session';
import { CellComputer } from '@isola/worker/threads';
import { type Command, Option } from 'commander';
import { checkFree } from '../cluster/check-free.js';
import { certsOption, coordinatorOption, metricsOption } from '../cluster/cluster-options.js';
import { ClusterProblem } from '../cluster/cluster-problem.js';
import { clusterPlace, tlsFor } from '../cluster/security.js';
import { checkWritable } from '../results/output-folder.js';
import { EXIT } from '../terminal/exit-code.js';
import { cacheMemoryOption, MEBIBYTE, slotsOption, threadsOption } from '../terminal/options.js';
import { untilTold } from '../terminal/until-told.js';
import { kernelVersion, version } from '../version.js';

interface Options {
  readonly coordinator: string;
  readonly threads: number;
  readonly slots?: number;
  readonly cache: string;
  readonly cacheMemory: number;
  readonly name: string;
  readonly metrics?: string;
  readonly certs?: string;
}

/** What is in work when a worker is told to end is given so long. */
const DRAIN_MS = 25_000;
const NAME_TAKEN = 'another worker is attached under this name; give each one its own --name';

/** `isola worker`: computes what coordinators lease to it. */
export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('compute cells for a coordinator, until told to end')
    .addOption(coordinatorOption())
    .addOption(certsOption())
    .addOption(threadsOption())
    .addOption(slotsOption())
    .option('--cache <folder>', 'where beams of searches are kept', 'isola-cluster/beams')
    .addOption(cacheMemoryOption())
    .addOption(nameOption())
    .addOption(metricsOption())
    .action(work);
}

function nameOption(): Option {
  return new Option('--name <name>', 'unlike that of any other worker')
    .default(`${hostname()}-${process.pid}`)
    .argParser((text) => {
      if (text.length > 0 && text.length <= MAX_WORKER_NAME) return text;
      const allowed = `1 to ${MAX_WORKER_NAME} characters`;
      throw new InputError('--name', `has ${text.length} characters; allowed: ${allowed}`);
    });
}

async function work(options: Options): Promise<void> {
  const { coordinator, threads, slots = threads, cache, cacheMemory, name } = options;
  const identity = 'worker';
  const { credentials, channelOptions } = clusterPlace({ ...options, identity });
  const tls = tlsFor(coordinator, '--coordinator', options.certs, identity);
  checkWritable(cache, '--cache');
  const setup = { threads, cacheFolder: cache, memoryBytes: MEBIBYTE * cacheMemory, version };
  const log = new WorkerLog(name);
  const metrics = new WorkerMetrics({ version, kernelVersion });
  const server = await scraped(options, metrics);
  const observe = (note: WorkerNote) => {
    log.note(note);
    metrics.note(note);
  };
  const computer = new CellComputer(setup, slots, {
    onThreadEnded: () => observe({ type: 'thread-ended' }),
  });
  const exchange = new WorkerExchange({
    ...{ name, computer },
    async open({ servers, prefix }) {
      const checked = natsServers(servers.join(','), tls, 'exchange of the coordinator');
      const connection = natsConnection(checked, 'worker', tls);
      // Other versions may compute other bits: each keeps to itself.
      return natsLink({ connection, prefix: `${prefix}.${peerOf(kernelVersion)}`, observe });
    },
    fetchSubject: (id) => session.fetch(id),
    hasTime: () => session.cellsInWork < slots,
  });
  let refuse: (why: ClusterProblem) => void = () => {};
  const refused = new Promise<ClusterProblem>((resolve) => {
    refuse = resolve;
  });
  let isTold = false;
  const session = new WorkerSession({
    ...{ name, slots, kernelVersion, coordinators: coordinator.split(',') },
    ...{ credentials, channelOptions },
    computer,
    onNameTaken: () => {
      if (!isTold) process.stdout.write(`worker ${name}: ${NAME_TAKEN}\n`);
      isTold = true;
    },
    onAttached: (address) => {
      isTold = false;
      const text = address === null ? 'coordinator lost, dialling again' : `attached to ${address}`;
      process.stdout.write(`worker ${name}: ${text}\n`);
    },
    onFailedDial: ({ address, why, isFinal }) => {
      const line = `coordinator ${address}: ${why}`;
      if (isFinal) refuse(new ClusterProblem(line, EXIT.badInput));
      else process.stderr.write(`worker ${name}: ${line}; dialling again\n`);
    },
    onExchange: (place) => exchange.follow(place),
    observe,
  });
  metrics.watch(session);
  const problem = await Promise.race([untilTold(), refused]);
  if (problem === undefined) process.stdout.write(`worker ${name}: ending what it has\n`);
  const late = setTimeout(() => void session.close(), DRAIN_MS);
  await exchange.close();
  await session.drain();
  clearTimeout(late);
  await server?.close();
  if (problem !== undefined) throw problem;
}

/** Serves the metrics where that is asked for. A worker is always ready: it asks for its work. */
async function scraped({ name, metrics: address }: Options, metrics: WorkerMetrics) {
  if (address === undefined) return null;
  await checkFree(address, '--metrics');
  const server = await metricsServer(hostAndPort(address, '--metrics'), metrics, () => null);
  process.stdout.write(`worker ${name}: metrics on port ${server.port}\n`);
  return server;
}
