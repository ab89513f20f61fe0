/** What monitoring and tools ask of the process itself. */
import { RpcProblem } from '@isola/cluster/runtime';
import type { CoordinatorMetrics } from '../observation/index.js';
import type { Dispatcher } from '../scheduling/index.js';
import { openApi } from './openapi.js';
import { unready } from './readiness.js';
import { type Answer, JSON_TYPE, type Route } from './route.js';

/** Everybody with a certificate may ask. */
const RPC = '/grpc.health.v1.Health/Check';
const PLAIN = 'text/plain; charset=utf-8';

/** @param others the routes of jobs, which the document describes as well */
export function processRoutes(
  dispatcher: Dispatcher,
  metrics: CoordinatorMetrics,
  others: readonly Route[],
): readonly Route[] {
  const get = (path: string, summary: string, answer: Answer, handle: Route['handle']): Route => ({
    ...{ method: 'GET', path, summary, rpc: RPC, parameters: [], answers: { 200: answer }, handle },
  });
  const plain = (description: string) => ({ description, mediaType: 'text/plain' });
  const ready = get('/readyz', 'Whether to send work here.', plain('It is.'), (_, reply) => {
    const why = unready(dispatcher);
    if (why !== null) throw new RpcProblem('UNAVAILABLE', why);
    return reply.type(PLAIN).send('ok\n');
  });
  const routes = [
    get('/healthz', 'Whether the process answers.', plain('It does.'), (_, reply) =>
      reply.type(PLAIN).send('ok\n'),
    ),
    { ...ready, answers: { ...ready.answers, 503: { description: 'Paused, or not leading.' } } },
    get('/metrics', 'Metrics for Prometheus.', plain('Metrics.'), async (_, reply) => {
      const text = await metrics.text();
      return reply.type(metrics.contentType).send(text);
    }),
    get(
      '/v1/openapi.json',
      'This document.',
      { description: 'OpenAPI 3.1.', mediaType: JSON_TYPE },
      () => document,
    ),
  ];
  const document = openApi([...others, ...routes]);
  return routes;
}
