import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { lead, type Reign } from '@isola/coordinator/scheduling';
import { AddressTaken, rpcServer } from '@isola/coordinator/services';
import { StoreError } from '@isola/coordinator/store';
import { InputError } from '@isola/optimizers/problem';
import type { Command } from 'commander';
import { type OpenStore, openStore, type StoreOptions } from '../cluster/open-store.js';
import { certsOption, DEFAULT_ADDRESS, tlsFor } from '../cluster/security.js';
import { untilTold } from '../terminal/until-told.js';

interface Options extends StoreOptions {
  readonly listen: string;
  readonly certs?: string;
}

const DEFAULT_STORE = 'isola-cluster';
/** Servers of the log that were there may be away for as long as it takes. */
const RETRY_MS = 1_000;

/** `isola serve`: a coordinator. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run a coordinator, which keeps jobs and leases their cells to workers')
    .option('--listen <host:port>', 'address of the coordinator; port 0: any', DEFAULT_ADDRESS)
    .option('--store <folder>', 'where one coordinator keeps its jobs', DEFAULT_STORE)
    .option('--nats <url,...>', 'NATS servers that keep the jobs of several coordinators')
    .option('--nats-monitor <url,...>', 'monitors of these servers')
    .addOption(certsOption())
    .action(serve);
}

async function serve(options: Options): Promise<void> {
  const tls = tlsFor(options.listen, '--listen', options.certs, 'coordinator');
  const opened = await openStore(options);
  const told = new AbortController();
  const end = untilTold().then(() => told.abort());
  try {
    for (let isFirst = true; !told.signal.aborted; isFirst = false) {
      if (opened.presence !== null) process.stdout.write('coordinator stands by\n');
      const reign = await leadAtLast(opened, told.signal, isFirst);
      if (reign === null) break;
      await serveWhile(reign, Promise.race([end, reign.deposed]), options, tls, opened.place);
    }
  } finally {
    await opened.store.close();
  }
}

async function leadAtLast(
  { store, presence }: OpenStore,
  signal: AbortSignal,
  isFirst: boolean,
): Promise<Reign | null> {
  const name = `${hostname()}-${process.pid}`;
  for (;;) {
    try {
      return await lead(store, { name, nowMs: () => performance.now(), presence, signal });
    } catch (error) {
      if (isFirst || !(error instanceof StoreError) || error.problem !== 'unwritable') throw error;
      process.stdout.write('the servers of the log do not answer; trying again\n');
      await pause(RETRY_MS);
      if (signal.aborted) return null;
    }
  }
}

async function serveWhile(
  { dispatcher, end }: Reign,
  over: Promise<unknown>,
  { listen }: Options,
  tls: ReturnType<typeof tlsFor>,
  place: string,
): Promise<void> {
  try {
    const server = await rpcServer(dispatcher, { address: listen, tls }).catch(inOneLine);
    const host = listen.slice(0, listen.lastIndexOf(':'));
    process.stdout.write(`coordinator listens on ${host}:${server.port}; jobs are in ${place}\n`);
    await over;
    await server.close();
  } finally {
    end();
  }
}

function inOneLine(error: unknown): never {
  if (!(error instanceof AddressTaken)) throw error;
  const allowed = 'an address of this machine that is free';
  throw new InputError('--listen', `${error.message} is taken; allowed: ${allowed}`);
}
