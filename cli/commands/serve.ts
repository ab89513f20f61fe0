import { checkAddress, natsServers } from '@isola/cluster/runtime';
import type { Audit } from '@isola/coordinator/jobs';
import { CALL_LIMITS } from '@isola/coordinator/services';
import type { Command } from 'commander';
import { checkFree } from '../cluster/check-free.js';
import {
  certsOption,
  DEFAULT_ADDRESS,
  httpOption,
  metricsOption,
  NO_HTTP,
} from '../cluster/cluster-options.js';
import { type RunningCoordinator, startCoordinator } from '../cluster/coordinator-process.js';
import { openStore, type StoreOptions } from '../cluster/open-store.js';
import { tlsFor } from '../cluster/security.js';
import { auditOption, cellTimeoutOption, countOption } from '../terminal/options.js';
import { untilTold } from '../terminal/until-told.js';

interface Options extends StoreOptions {
  readonly listen: string;
  readonly http: string;
  readonly metrics?: string;
  readonly certs?: string;
  readonly exchange?: string;
  readonly audit: Audit;
  readonly cellTimeout: number;
  readonly tenantCalls: number;
}

/** What is beyond it waits, and then is refused. */
const CALLS = 'with --certs: calls a second that each tenant may make';
const DEFAULT_STORE = 'isola-cluster';

/** `isola serve`: a coordinator. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run a coordinator, which keeps jobs and leases their cells to workers')
    .option('--listen <host:port>', 'address of the coordinator; port 0: any', DEFAULT_ADDRESS)
    .addOption(httpOption())
    .addOption(metricsOption())
    .option('--store <folder>', 'where one coordinator keeps its jobs', DEFAULT_STORE)
    .option('--nats <url,...>', 'NATS servers that keep the jobs of several coordinators')
    .option('--nats-monitor <url,...>', 'monitors of these servers')
    .option('--exchange <url,...>', 'NATS servers as workers see them (default: those of --nats)')
    .addOption(auditOption())
    .addOption(cellTimeoutOption())
    .addOption(countOption('--tenant-calls', CALLS, CALL_LIMITS.perSecond, 100_000))
    .addOption(certsOption())
    .action(serve);
}

async function serve(options: Options): Promise<void> {
  const { listen, certs, audit, tenantCalls, metrics = null } = options;
  const http = options.http === NO_HTTP ? null : options.http;
  const tls = tlsFor(listen, '--listen', certs, 'coordinator');
  if (http !== null) checkAddress(http, tls, '--http');
  const seen =
    options.exchange === undefined ? null : natsServers(options.exchange, tls, '--exchange');
  await checkFree(listen, '--listen');
  if (http !== null) await checkFree(http, '--http');
  if (metrics !== null) await checkFree(metrics, '--metrics');
  const opened = await openStore(options, tls);
  const told = new AbortController();
  const end = untilTold().then(() => told.abort());
  const settings = {
    ...{ listen, http, metrics, exchange: seen ?? opened.servers, audit, tenantCalls },
    cellTimeoutMs: options.cellTimeout * 60_000,
  };
  try {
    while (!told.signal.aborted) {
      if (opened.presence !== null) process.stdout.write('coordinator stands by\n');
      const running = await startCoordinator(opened, settings, tls, told.signal);
      if (running === null) break;
      print(running, opened.place);
      await Promise.race([end, running.deposed]);
      await running.close();
    }
  } finally {
    await opened.store.close();
  }
}

function print({ places }: RunningCoordinator, place: string): void {
  if (places.http !== null) process.stdout.write(`HTTP at ${places.http}/v1/jobs\n`);
  if (places.metrics !== null) process.stdout.write(`metrics at ${places.metrics}/metrics\n`);
  process.stdout.write(`coordinator listens on ${places.listen}; jobs are in ${place}\n`);
}
