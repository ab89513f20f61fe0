import { isLoopback } from '@isola/cluster/runtime';
import { securedFor, securedRoutes } from '@isola/coordinator/nats';

/** Beside it, where the server is started. */
const PATHS = { ca: 'ca.crt', cert: 'nats.crt', key: 'nats.key' };
const PORTS = { clients: 4222, servers: 6222, monitor: 8222 };

/**
 * The configuration of the NATS servers of a cluster, the same for each, as JSON, which they read
 * like their own format.
 * @param hosts where they are; several that are not this machine keep each stream together
 */
export function natsConfiguration(hosts: readonly string[]): string {
  const isHere = hosts.every((host) => isLoopback(host));
  const [host, monitor] = isHere ? ['127.0.0.1', 'http'] : ['0.0.0.0', 'https'];
  const configuration = {
    listen: `${host}:${PORTS.clients}`,
    // The coordinator asks here whether what is acknowledged is on disk.
    [monitor]: `${host}:${PORTS.monitor}`,
    jetstream: { store_dir: 'nats-data', sync_interval: 'always' },
    ...securedFor(PATHS),
    ...(!isHere && hosts.length > 1 && { cluster: together(hosts) }),
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}

function together(hosts: readonly string[]) {
  const inUrl = (host: string) => (host.includes(':') ? `[${host}]` : host);
  const routes = hosts.map((host) => `nats://${inUrl(host)}:${PORTS.servers}`);
  return { name: 'isola', listen: `0.0.0.0:${PORTS.servers}`, routes, ...securedRoutes(PATHS) };
}
