import { hostname } from 'node:os';
import { type ClusterEvent, JobBook } from '@isola/coordinator/jobs';
import { Dispatcher } from '@isola/coordinator/scheduling';
import { AddressTaken, rpcServer } from '@isola/coordinator/services';
import { fileStore } from '@isola/coordinator/store';
import { InputError } from '@isola/optimizers/problem';
import type { Command } from 'commander';
import { certsOption, DEFAULT_ADDRESS, tlsFor } from '../cluster/security.js';
import { checkWritable } from '../results/output-folder.js';
import { untilTold } from '../terminal/until-told.js';

interface Options {
  readonly listen: string;
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
    .option('--store <folder>', 'where jobs are kept', DEFAULT_STORE)
    .addOption(certsOption())
    .action(serve);
}

async function serve({ listen, store: folder, certs }: Options): Promise<void> {
  const tls = tlsFor(listen, '--listen', certs, 'coordinator');
  checkWritable(folder, '--store');
  const store = await fileStore<ClusterEvent>(folder);
  try {
    const name = `${hostname()}-${process.pid}`;
    const dispatcher = await Dispatcher.lead(store, new JobBook(await store.load()), {
      ...{ name, nowMs: () => performance.now() },
    });
    const server = await rpcServer(dispatcher, { address: listen, tls }).catch(inOneLine);
    const host = listen.slice(0, listen.lastIndexOf(':'));
    process.stdout.write(`coordinator listens on ${host}:${server.port}; jobs are in ${folder}\n`);
    await untilTold();
    await server.close();
  } finally {
    await store.close();
  }
}

function inOneLine(error: unknown): never {
  if (!(error instanceof AddressTaken)) throw error;
  const allowed = 'an address of this machine that is free';
  throw new InputError('--listen', `${error.message} is taken; allowed: ${allowed}`);
}
