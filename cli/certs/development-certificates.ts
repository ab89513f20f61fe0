/** The certificates of a whole cluster for development: who gets one, and what it says. */
import { isIP } from 'node:net';
import { CLUSTER_TENANT, identityUri, type Role } from '@isola/cluster/runtime';
import { type AlternativeName, type KeyedCertificate, newAuthority } from './authority.js';

export interface ClusterNames {
  readonly tenants: readonly string[];
  /** Names and addresses by which coordinators are called. */
  readonly hosts: readonly string[];
  /** Those of NATS servers. */
  readonly natsHosts: readonly string[];
}

/** One who gets a certificate. */
export interface Member {
  /** Of its files, without `.crt` and `.key`. */
  readonly name: string;
  /** Null: the authority, which has none. */
  readonly identity: string | null;
  readonly hosts: readonly string[];
}

export type Certified = Member & KeyedCertificate;

const USERS: readonly Role[] = ['planner', 'viewer', 'operator'];
const DAY_MS = 24 * 3600 * 1000;
/** Clocks of other machines may be behind. */
const LEEWAY_MS = 3600 * 1000;

/** The authority first, then processes of the cluster, then the users of each tenant. */
export function clusterMembers({ tenants, hosts, natsHosts }: ClusterNames): readonly Member[] {
  const users = tenants.flatMap((tenant) =>
    USERS.map((role) => ({
      ...{ name: `${tenant}-${role}`, identity: identityUri(tenant, role), hosts: [] },
    })),
  );
  const coordinator = identityUri(CLUSTER_TENANT, 'coordinator');
  return [
    { name: 'ca', identity: null, hosts: [] },
    { name: 'coordinator', identity: coordinator, hosts },
    { name: 'nats', identity: identityUri(CLUSTER_TENANT, 'nats'), hosts: natsHosts },
    { name: 'worker', identity: identityUri(CLUSTER_TENANT, 'worker'), hosts: [] },
    ...users,
  ];
}

/** Makes an authority and has it sign a certificate for every other member. */
export async function certify(
  [authority, ...members]: readonly Member[],
  days: number,
): Promise<{ readonly validUntil: Date; readonly certified: readonly Certified[] }> {
  const now = Date.now();
  const notAfter = new Date(now + days * DAY_MS);
  const validity = { notBefore: new Date(now - LEEWAY_MS), notAfter };
  const { certificate, key, issue } = await newAuthority('development authority', validity);
  const signed = members.map(async (member) => {
    const alternativeNames = namesOf(member);
    const isServer = member.hosts.length > 0;
    const { name } = member;
    return { ...member, ...(await issue({ ...validity, name, alternativeNames, isServer })) };
  });
  const certified = [{ ...authority, certificate, key }, ...(await Promise.all(signed))];
  return { validUntil: notAfter, certified };
}

function namesOf({ identity, hosts }: Member): AlternativeName[] {
  const uris: AlternativeName[] = identity === null ? [] : [{ type: 'url', value: identity }];
  const named = hosts.map((value): AlternativeName => {
    return { type: isIP(value) ? 'ip' : 'dns', value };
  });
  return [...uris, ...named];
}
