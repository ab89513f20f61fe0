/** How a process of a cluster is trusted: by a certificate of a folder that `isola certs` made. */
import {
  CLIENT_OPTIONS,
  checkAddress,
  clientCredentials,
  readTls,
  type TlsFiles,
  tlsPaths,
} from '@isola/cluster/runtime';
import { Option } from 'commander';
import type { ClusterPlace } from './cluster-client.js';

export const DEFAULT_ADDRESS = '127.0.0.1:7071';
const DEFAULT_HTTP = '127.0.0.1:7072';
/** Said instead of an address. */
export const NO_HTTP = 'none';
const DEFAULT_IDENTITY = 'default-planner';

export function coordinatorOption(): Option {
  const text = 'coordinators, tried in turn';
  return new Option('--coordinator <host:port,...>', text).default(DEFAULT_ADDRESS);
}

export function certsOption(): Option {
  return new Option('--certs <folder>', 'certificates, as "isola certs" makes them');
}

export function httpOption(): Option {
  const text = `jobs over HTTP; port 0: any; ${NO_HTTP}: not at all`;
  return new Option('--http <host:port>', text).default(DEFAULT_HTTP);
}

export function metricsOption(): Option {
  const text = 'serve /metrics and /healthz there, without TLS, to anybody; they name no job';
  return new Option('--metrics <host:port>', text);
}

export function identityOption(): Option {
  const text = 'with --certs: whose certificate, such as default-planner';
  return new Option('--identity <name>', text).default(DEFAULT_IDENTITY);
}

/** Options of commands that talk to a cluster. */
export interface ClusterOptions {
  readonly coordinator: string;
  readonly certs?: string;
  readonly identity?: string;
}

/**
 * The certificate NAME of a folder; null without a folder.
 * @throws InputError where a file is missing, or where an address needs certificates
 */
export function tlsFor(
  addresses: string,
  place: string,
  certs: string | undefined,
  name: string,
): TlsFiles | null {
  const tls = certs === undefined ? null : readTls(tlsPaths(certs, name));
  for (const address of addresses.split(',')) checkAddress(address, tls, place);
  return tls;
}

/** What a client needs to reach a cluster. */
export function clusterPlace({
  coordinator,
  certs,
  identity = DEFAULT_IDENTITY,
}: ClusterOptions): ClusterPlace {
  const tls = tlsFor(coordinator, '--coordinator', certs, identity);
  return { coordinator, credentials: clientCredentials(tls), channelOptions: CLIENT_OPTIONS };
}
