/** How the processes of a cluster reach its NATS servers: for what, as whom, with what patience. */
import { InputError } from '@isola/optimizers/problem';
import { checkAddress } from './address.js';
import { serverCheck } from './credentials.js';
import type { TlsFiles } from './tls-files.js';

/** Begins the names of streams and subjects of a cluster. */
export const NATS_PREFIX = 'isola';

/** Those who connect. Each hears answers below an inbox of its own, and may see no other's. */
export type NatsRole = 'coordinator' | 'worker';

export function inboxOf(role: NatsRole): string {
  return `_INBOX.${role}`;
}

/** What workers tell each other without a coordinator is below that. */
export function exchangeSubject(prefix: string): string {
  return `${prefix}.exchange`;
}

/**
 * The servers in a list, such as `nats://n1:4222,nats://n2:4222`: without certificates only on
 * this machine.
 * @param place what the user calls the list, such as `--nats`
 * @throws InputError
 */
export function natsServers(list: string, tls: TlsFiles | null, place: string): readonly string[] {
  const servers = list.split(',');
  for (const server of servers) checkAddress(addressIn(server, ['nats'], place), tls, place);
  return servers;
}

/**
 * The HOST:PORT of a URL. One with a user or a password is refused, and not repeated: certificates
 * tell who connects.
 * @throws InputError
 */
export function addressIn(url: string, schemes: readonly string[], place: string): string {
  const allowed = `allowed: ${schemes.map((scheme) => `${scheme}://HOST:PORT`).join(' or ')}`;
  if (url.includes('@')) {
    throw new InputError(place, `a URL has a user or a password; ${allowed}, with --certs`);
  }
  const scheme = schemes.find((each) => url.startsWith(`${each}://`));
  if (scheme === undefined) throw new InputError(place, `"${url}" is no such URL; ${allowed}`);
  return url.slice(`${scheme}://`.length);
}

/**
 * What `connect` of a NATS client needs. With certificates nothing is said before the server has
 * shown that it is one of the cluster's; which user we are, the server reads in ours.
 */
export function natsConnection(
  servers: readonly string[],
  role: NatsRole,
  tls: TlsFiles | null,
): NatsConnectionOptions {
  return {
    servers: [...servers],
    name: `isola ${role}`,
    inboxPrefix: inboxOf(role),
    // For ever: operations have deadlines, and a cluster may be away for a night.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 100,
    // A peer that stopped, or is behind a broken network, is found within 10 s.
    pingInterval: 3000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...(tls !== null && { tls: natsTls(tls) }),
  };
}

/** As the client takes it; what it does not know, it hands on to Node. */
function natsTls({ ca, cert, key }: TlsFiles) {
  return {
    handshakeFirst: true,
    ...{ ca: ca.toString(), cert: cert.toString(), key: key.toString() },
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    checkServerIdentity: serverCheck('nats'),
  };
}

export interface NatsConnectionOptions {
  readonly servers: string[];
  readonly name: string;
  readonly inboxPrefix: string;
  readonly maxReconnectAttempts: number;
  readonly ignoreAuthErrorAbort: boolean;
  readonly reconnectTimeWait: number;
  readonly pingInterval: number;
  readonly maxPingOut: number;
  readonly noAsyncTraces: boolean;
  readonly tls?: ReturnType<typeof natsTls>;
}
