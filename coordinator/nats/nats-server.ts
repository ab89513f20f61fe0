/** A nats-server as a child process, on this machine's own addresses, for one folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TlsPaths } from '@isola/cluster/runtime';
import { StoreError } from '../store/index.js';
import { endWithUs } from './end-with-us.js';
import { freePorts } from './free-ports.js';
import { askMonitor } from './nats-monitor.js';
import { securedFor, securedRoutes } from './secured.js';
import { natsServerPath } from './server-path.js';

export interface NatsServerOptions {
  /** Everything of this server: configuration, log, streams. Made where there is none. */
  readonly folder: string;
  /** Of clients and of the monitor; free ones where none are given. */
  readonly port?: number;
  readonly monitorPort?: number;
  /** How much the streams may take; by default most of what is free at the first start. */
  readonly maxStoreBytes?: number;
  /** More of the server's configuration: users, tls, accounts, cluster. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface NatsServer {
  readonly options: NatsServerOptions;
  /** Such as `nats://127.0.0.1:4222`. */
  readonly url: string;
  /** Such as `http://127.0.0.1:8222`. */
  readonly monitorUrl: string;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends it in order, and where that takes too long without. */
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

const LOCAL = '127.0.0.1';
const STOP_MS = 10_000;
const POLL_MS = 10;
const MONITOR_MS = 5_000;
const MEBIBYTE = 2 ** 20;
const LEAST_MEBIBYTES = 64;

/**
 * Starts a server that syncs what it acknowledges; resolves when it takes connections, which takes
 * it as long as it reads its streams. Started again with the `options` of one that ended, it has
 * the same streams at the same addresses and takes as much, however full the disk is by then.
 * @param signal ends it where it has not started yet
 * @throws StoreError 'unwritable': there is no program for it, or it does not start; 'full'
 */
export async function startNatsServer(
  options: NatsServerOptions,
  signal?: AbortSignal,
): Promise<NatsServer> {
  const program = natsServerPath();
  const ports = portsFolder(options);
  await mkdir(options.folder, { recursive: true });
  if (options.maxStoreBytes === undefined) await checkRoom(options.folder);
  if (toldPorts(options) === null) {
    await rm(ports, { recursive: true, force: true });
    await mkdir(ports);
  }
  const config = await configure(options);
  // A group of its own: Ctrl+C is for whoever started it, and ends it in its turn.
  const child = spawn(program, ['-c', config], { stdio: 'ignore', detached: true });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    await once(child, 'spawn');
    void ended.then(endWithUs(child.pid ?? 0));
    const file = join(ports, `${basename(program)}_${child.pid}.ports`);
    const { port, monitorPort } = await listening(child, file, options, signal);
    const monitorUrl = `http://${LOCAL}:${monitorPort}`;
    const maxStoreBytes = options.maxStoreBytes ?? (await ownLimit(monitorUrl));
    const told = { ...options, port, monitorPort };
    const known = maxStoreBytes === undefined ? told : { ...told, maxStoreBytes };
    // From here on it needs no disk to start again.
    await configure(known);
    return {
      options: known,
      url: `nats://${LOCAL}:${port}`,
      monitorUrl,
      pid: child.pid ?? 0,
      ended,
      stop: () => stopped(child, ended),
      kill: () => signalled(child, ended, 'SIGKILL'),
    };
  } catch (error) {
    child.kill('SIGKILL');
    if (child.pid !== undefined) await ended;
    throw error;
  }
}

/**
 * Starts servers that keep each stream together: `count` on one machine, or none.
 * @param paths of their certificate; null: no TLS
 * @param signal ends them where they have not all started yet
 * @throws StoreError 'unwritable'
 */
export async function startNatsCluster(
  folder: string,
  count: number,
  paths: TlsPaths | null = null,
  signal?: AbortSignal,
): Promise<NatsServer[]> {
  // All at once: a server that chose its own might choose the one that another is to have.
  const free = await freePorts(3 * count);
  const ports = free.slice(0, count);
  const routes = ports.map((port) => `nats://${LOCAL}:${port}`);
  const starting = ports.map((clusterPort, i) => {
    const [port, monitorPort] = [free[count + i], free[2 * count + i]];
    const trust = paths === null ? {} : securedRoutes(paths);
    const cluster = { name: 'isola', listen: `${LOCAL}:${clusterPort}`, routes, ...trust };
    const more = { server_name: `isola-${i + 1}`, cluster, ...(paths && securedFor(paths)) };
    const own = join(folder, String(i + 1));
    return startNatsServer({ folder: own, port, monitorPort, more }, signal);
  });
  const outcomes = await Promise.allSettled(starting);
  const servers = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    await Promise.all(starting);
    await Promise.all(servers.map((server) => isHealthy(server, signal)));
    return servers;
  } catch (error) {
    await Promise.all(servers.map((server) => server.kill()));
    throw error;
  }
}

/** A server that is given no limit takes no more, while it lives, than is free when it starts. */
async function checkRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / MEBIBYTE);
  if (free >= LEAST_MEBIBYTES) return;
  const allowed = `allowed: ${LEAST_MEBIBYTES} MiB or more`;
  throw new StoreError('full', `${folder}: ${free} MiB are free for nats-server; ${allowed}`);
}

/** The limit that a server has made for itself; one that does not tell makes another next time. */
async function ownLimit(monitorUrl: string): Promise<number | undefined> {
  try {
    const { text } = await askMonitor(`${monitorUrl}/varz`, null, MONITOR_MS);
    return JSON.parse(text).jetstream.config.max_storage;
  } catch {
    return undefined;
  }
}

/** Writes the configuration file, unless it says the same already. */
async function configure(options: NatsServerOptions): Promise<string> {
  const file = join(options.folder, 'nats-server.json');
  const text = JSON.stringify(configuration(options), null, 2);
  const written = await readFile(file, 'utf8').catch(() => null);
  if (text !== written) await writeFile(file, text);
  return file;
}

/** As JSON, which the server reads like its own format. */
function configuration(options: NatsServerOptions): object {
  const { folder, port = -1, monitorPort = -1, maxStoreBytes, more } = options;
  return {
    server_name: 'isola',
    listen: `${LOCAL}:${port}`,
    http: `${LOCAL}:${monitorPort}`,
    ...(toldPorts(options) === null ? { ports_file_dir: portsFolder(options) } : {}),
    log_file: join(folder, 'nats-server.log'),
    max_payload: 1 << 20,
    jetstream: {
      store_dir: join(folder, 'store'),
      // The default forgets in a power cut what was acknowledged in the last two minutes.
      sync_interval: 'always',
      ...(maxStoreBytes === undefined ? {} : { max_file_store: maxStoreBytes }),
    },
    ...more,
  };
}

/** Where a server tells the ports that it has chosen. */
function portsFolder({ folder }: NatsServerOptions): string {
  return join(folder, 'ports');
}

function toldPorts({ port, monitorPort }: NatsServerOptions): Ports | null {
  return port === undefined || monitorPort === undefined ? null : { port, monitorPort };
}

interface Ports {
  readonly port: number;
  readonly monitorPort: number;
}

/** Where a server takes connections, once it does. */
async function listening(
  child: ChildProcess,
  file: string,
  options: NatsServerOptions,
  signal?: AbortSignal,
): Promise<Ports> {
  const told = toldPorts(options);
  while (child.exitCode === null && child.signalCode === null && !signal?.aborted) {
    const found = told === null ? await chosen(file) : (await takesConnections(told.port)) && told;
    if (found) return found;
    await pause(POLL_MS);
  }
  throw await startFailure(options.folder, signal);
}

/** What a server writes into a file of its own once it listens; null before. */
async function chosen(file: string): Promise<Ports | null> {
  try {
    const { nats, monitoring } = JSON.parse(await readFile(file, 'utf8'));
    return { port: portOf(nats[0]), monitorPort: portOf(monitoring[0]) };
  } catch {
    return null;
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOCAL, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** What the server has said last, unless it was told to end. */
async function startFailure(folder: string, signal?: AbortSignal): Promise<StoreError> {
  const refusal = (why: string) =>
    new StoreError('unwritable', `${folder}: nats-server does not start: ${why}`);
  if (signal?.aborted) return refusal('it was told to end');
  const log = await readFile(join(folder, 'nats-server.log'), 'utf8').catch(() => '');
  return refusal(log.trim().split('\n').at(-1) ?? '');
}

function portOf(url: string): number {
  return Number(/:(\d+)$/.exec(url)?.[1]);
}

/** Waits until a server has found others, and has of them what it lacks. */
async function isHealthy(server: NatsServer, signal?: AbortSignal): Promise<void> {
  let hasEnded = false;
  void server.ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded && !signal?.aborted) {
    const asked = askMonitor(`${server.monitorUrl}/healthz`, null, MONITOR_MS);
    if ((await asked.catch(() => null))?.status === 200) return;
    await pause(POLL_MS);
  }
  throw await startFailure(server.options.folder, signal);
}

async function stopped(child: ChildProcess, ended: Promise<void>): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await signalled(child, ended, 'SIGTERM');
  clearTimeout(timer);
}

async function signalled(
  child: ChildProcess,
  ended: Promise<void>,
  signal: NodeJS.Signals,
): Promise<void> {
  child.kill(signal);
  await ended;
}
