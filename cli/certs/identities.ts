/** Certificates of a cluster on this machine, without files: for tests. */
import type { TlsFiles } from '@isola/cluster/runtime';
import { certify, clusterMembers } from './development-certificates.js';

/** By name, such as `a-planner` or `worker`; good for a day. */
export async function identitiesOf(tenants: readonly string[]): Promise<Map<string, TlsFiles>> {
  const hosts = ['127.0.0.1', 'localhost'];
  const { certified } = await certify(clusterMembers({ tenants, hosts, natsHosts: [] }), 1);
  const ca = Buffer.from(certified[0].certificate);
  return new Map(
    certified.map(({ name, certificate, key }) => {
      return [name, { ca, cert: Buffer.from(certificate), key: Buffer.from(key) }];
    }),
  );
}
