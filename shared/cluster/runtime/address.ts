import { isIPv4 } from 'node:net';
import { InputError } from '@isola/optimizers/problem';
import type { TlsFiles } from './tls-files.js';

/** A name or an IPv4 address, or an IPv6 address in brackets; and a port. */
const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/**
 * The parts of an address; that of IPv6 without its brackets.
 * @param place what the user calls it, such as `--coordinator`
 * @throws InputError where it is no HOST:PORT
 */
export function hostAndPort(address: string, place: string): HostAndPort {
  const [, ipv6, name, port] = ADDRESS.exec(address) ?? [];
  if (port === undefined || Number(port) > 65535) {
    throw new InputError(place, `"${address}" is no address; allowed: HOST:PORT`);
  }
  return { host: ipv6 ?? name, port: Number(port) };
}

/** Whether only processes of this machine reach a host. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || (isIPv4(host) && host.startsWith('127.'));
}

/**
 * Whether to listen at an address, or to call it: without certificates only where nobody but this
 * machine can listen in.
 * @param place what the user calls it, such as `--coordinator`
 * @throws InputError where it is no HOST:PORT, or needs certificates
 */
export function checkAddress(address: string, tls: TlsFiles | null, place: string): void {
  const { host } = hostAndPort(address, place);
  if (tls !== null || isLoopback(host)) return;
  const loopback = '127.0.0.1, [::1] or localhost';
  throw new InputError(place, `"${address}" needs certificates; allowed without: ${loopback}`);
}
