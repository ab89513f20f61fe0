/** The part of a NATS server's configuration that says who may connect, and what each may do. */
import {
  CLUSTER_TENANT,
  exchangeSubject,
  identityUri,
  inboxOf,
  NATS_PREFIX,
  type NatsRole,
  type TlsPaths,
} from '@isola/cluster/runtime';

/**
 * Only who has a certificate of the cluster's authority connects, over TLS from the first byte on;
 * the URI in it is the name of a user below. Who is none of these, a planner say, is refused.
 */
export function securedFor(paths: TlsPaths) {
  return { tls: { ...tlsOf(paths), handshake_first: true }, authorization: { users: users() } };
}

/** The same for the way between servers: no other certificate may pass for a server. */
export function securedRoutes(paths: TlsPaths) {
  const user = identityUri(CLUSTER_TENANT, 'nats');
  return { tls: tlsOf(paths), authorization: { user } };
}

function tlsOf({ ca, cert, key }: TlsPaths) {
  const files = { ca_file: ca, cert_file: cert, key_file: key };
  return { ...files, verify_and_map: true, min_version: '1.3' };
}

function users() {
  const prefix = NATS_PREFIX;
  const told = [`${prefix}.appended`, `${prefix}.alive`];
  const exchange = `${exchangeSubject(prefix)}.>`;
  const kept = [`${prefix}.events`, `${prefix}.blobs.*.*`];
  // Made, asked about and read; never changed, purged or removed.
  const streams = [`${prefix}-events`, `${prefix}-blobs`].flatMap((stream) => [
    ...['STREAM.INFO', 'STREAM.CREATE', 'STREAM.MSG.GET'].map((call) => `${call}.${stream}`),
    ...[`DIRECT.GET.${stream}`, `DIRECT.GET.${stream}.>`],
  ]);
  const api = streams.map((call) => `$JS.API.${call}`);
  return [
    user('coordinator', [...kept, ...told, ...api], told),
    // A worker answers another one into its inbox.
    user('worker', [exchange, `${inboxOf('worker')}.>`], [exchange]),
  ];
}

function user(role: NatsRole, publish: readonly string[], subscribe: readonly string[]) {
  const permissions = {
    publish: { allow: publish },
    subscribe: { allow: [...subscribe, `${inboxOf(role)}.>`] },
  };
  return { user: identityUri(CLUSTER_TENANT, role), permissions };
}
