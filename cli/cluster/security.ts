/** How a process of a cluster is trusted: by a certificate of a folder that `isola certs` made. */
import {
  CLIENT_OPTIONS,
  checkAddress,
  clientCredentials,
  readTls,
  type TlsFiles,
  tlsPaths,
} from '@isola/cluster/runtime';
import type { ClusterPlace } from './cluster-client.js';
import { type ClusterOptions, DEFAULT_IDENTITY } from './cluster-options.js';

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
