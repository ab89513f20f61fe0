import { get as getPlain } from 'node:http';
import { get as getSecure, type RequestOptions } from 'node:https';
import { serverCheck, type TlsFiles } from '@isola/cluster/runtime';

export interface MonitorAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks the monitor of a NATS server; over https it must be one of the cluster's.
 * @param tls needed for https
 * @throws Error where it does not answer
 */
export function askMonitor(
  url: string,
  tls: TlsFiles | null,
  timeoutMs: number,
): Promise<MonitorAnswer> {
  const options: RequestOptions = {
    ...{ ca: tls?.ca, minVersion: 'TLSv1.3', checkServerIdentity: serverCheck('nats') },
    ...{ signal: AbortSignal.timeout(timeoutMs), agent: false },
  };
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? getSecure : getPlain;
    const request = get(url, options, (response) => {
      response.toArray().then((parts) => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() });
      }, reject);
    });
    request.on('error', reject);
  });
}
