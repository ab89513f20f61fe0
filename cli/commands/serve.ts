import { checkAddress, hostAndPort } from '@isola/cluster/runtime';
import type { ClusterEvent } from '@isola/coordinator/jobs';
import { fileStore } from '@isola/coordinator/store';
import type { Command } from 'commander';
import { startCoordinator } from '../cluster/coordinator-process.js';
import {
  certsOption,
  DEFAULT_ADDRESS,
  httpOption,
  metricsOption,
  NO_HTTP,
  tlsFor,
} from '../cluster/security.js';
import { checkWritable } from '../results/output-folder.js';
import { untilTold } from '../terminal/until-told.js';

interface Options {
  readonly listen: string;
  readonly http: string;
  readonly metrics?: string;
  readonly store: string;
  readonly certs?: string;
}

const DEFAULT_STORE = 'isola-cluster';

/** `isola serve`: a coordinator. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run a coordinator, which keeps jobs and leases their cells to workers')
    .option('--listen <host:port>', 'address of the coordinator; port 0: any', DEFAULT_ADDRESS)
    .addOption(httpOption())
    .addOption(metricsOption())
    .option('--store <folder>', 'where jobs are kept', DEFAULT_STORE)
    .addOption(certsOption())
    .action(serve);
}

async function serve(options: Options): Promise<void> {
  const { listen, store: folder, certs, metrics = null } = options;
  const http = options.http === NO_HTTP ? null : options.http;
  const tls = tlsFor(listen, '--listen', certs, 'coordinator');
  if (http !== null) checkAddress(http, tls, '--http');
  if (metrics !== null) hostAndPort(metrics, '--metrics');
  checkWritable(folder, '--store');
  const store = await fileStore<ClusterEvent>(folder);
  try {
    const { places, close } = await startCoordinator(store, { listen, http, metrics }, tls);
    if (places.http !== null) process.stdout.write(`HTTP at ${places.http}/v1/jobs\n`);
    if (places.metrics !== null) process.stdout.write(`metrics at ${places.metrics}/metrics\n`);
    process.stdout.write(`coordinator listens on ${places.listen}; jobs are in ${folder}\n`);
    await untilTold();
    await close();
  } finally {
    await store.close();
  }
}
