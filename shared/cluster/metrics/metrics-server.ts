import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostAndPort } from '../runtime/index.js';

export interface MetricsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

const TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 64;
const PLAIN = 'text/plain; charset=utf-8';

/**
 * Serves `/metrics`, `/healthz` and `/readyz` and takes nothing in. Without TLS anywhere, as
 * probes need it: what it tells names no job and no patient.
 * @param unready why not to send work here; null where all is well
 * @throws Error where the address is taken
 */
export async function metricsServer(
  { host, port }: HostAndPort,
  metrics: MetricsSource,
  unready: () => string | null,
): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', ({ method, url }, response) => {
    const path = method === 'GET' ? url : undefined;
    const why = path === '/readyz' ? unready() : null;
    if (path === '/metrics') void scrape(metrics, response);
    else if (why !== null) answer(response, 503, PLAIN, `${why}\n`);
    else if (path === '/healthz' || path === '/readyz') answer(response, 200, PLAIN, 'ok\n');
    else answer(response, 404, PLAIN, 'allowed: GET /metrics, /healthz, /readyz\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function scrape(metrics: MetricsSource, response: ServerResponse): Promise<void> {
  const text = await metrics.text().catch(() => null);
  if (text === null) answer(response, 500, PLAIN, 'internal error\n');
  else answer(response, 200, metrics.contentType, text);
}

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}
