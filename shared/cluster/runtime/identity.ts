/**
 * Who is at the other end of a call. Its certificate says so in one URI among its alternative
 * names, `isola://TENANT/ROLE`; nothing in a request does.
 */
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { RpcProblem } from './rpc-error.js';
import type { TlsFiles } from './tls-files.js';

/** What a certificate may be for. */
export const ROLES = ['viewer', 'planner', 'operator', 'worker', 'coordinator', 'nats'] as const;
export type Role = (typeof ROLES)[number];

export interface Identity {
  readonly tenant: string;
  /** 'local' has no certificate: a process of this machine, which may do all. */
  readonly role: Role | 'local';
}

/** Workers, coordinators and NATS servers of this tenant serve all; no user belongs to it. */
export const CLUSTER_TENANT = 'cluster';

/** Everybody, where no certificates are used; such a server listens on loopback only. */
const LOCAL: Identity = { tenant: 'local', role: 'local' };

const TENANT = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Lower-case letters, digits and hyphens, 32 at most; the first a letter, the last no hyphen. */
export function isTenant(name: string): boolean {
  return TENANT.test(name);
}

/** How a certificate names an identity. */
export function identityUri(tenant: string, role: Role): string {
  return `isola://${tenant}/${role}`;
}

/**
 * The identity in a certificate's alternative names, as Node writes them: `URI:a, DNS:b`. Null
 * unless exactly one is a URI, and one of ours. Node quotes names that hold a comma, a quotation
 * mark or a control character, so that none can look like two; no certificate of ours has such.
 * Workers are the cluster's, as they compute for all tenants.
 */
export function identityIn(alternativeNames: string | undefined): Identity | null {
  if (alternativeNames === undefined || alternativeNames.includes('"')) return null;
  const uris = alternativeNames.split(', ').filter((name) => name.startsWith('URI:'));
  const [, tenant, found] = /^URI:isola:\/\/([^/]+)\/([a-z]+)$/.exec(uris[0] ?? '') ?? [];
  const role = ROLES.find((known) => known === found);
  if (uris.length !== 1 || role === undefined || !isTenant(tenant)) return null;
  if (role === 'worker' && tenant !== CLUSTER_TENANT) return null;
  return { tenant, role };
}

/**
 * Who makes a call.
 * @param tls what the server was made with; null: no certificates, so everybody is local
 * @throws RpcProblem UNAUTHENTICATED where the certificate names nobody of ours
 */
export function identityOf(
  call: Pick<ServerInterceptingCallInterface, 'getAuthContext'>,
  tls: TlsFiles | null,
): Identity {
  if (tls === null) return LOCAL;
  const identity = identityIn(call.getAuthContext().sslPeerCertificate?.subjectaltname);
  if (identity !== null) return identity;
  throw new RpcProblem('UNAUTHENTICATED', 'the certificate names no tenant and role');
}

/** Whether what a tenant has is there for this identity; to others it must look absent. */
export function maySee(identity: Identity, owner: string): boolean {
  return identity.tenant === owner || isClusterWorker(identity);
}

/** Whether this is a worker for all tenants. */
export function isClusterWorker({ tenant, role }: Identity): boolean {
  return tenant === CLUSTER_TENANT && role === 'worker';
}
