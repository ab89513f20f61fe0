/** Options of commands that are of a cluster, or talk to one. */
import { Option } from 'commander';

export const DEFAULT_ADDRESS = '127.0.0.1:7071';
const DEFAULT_HTTP = '127.0.0.1:7072';
/** Said instead of an address. */
export const NO_HTTP = 'none';
export const DEFAULT_IDENTITY = 'default-planner';

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
