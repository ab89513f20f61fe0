/** A coordinator's HTTP server: for scripts, notebooks, browsers and monitoring. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { hostAndPort, RpcProblem, serverTls, type TlsFiles } from '@isola/cluster/runtime';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { CoordinatorLog, CoordinatorMetrics } from '../observation/index.js';
import type { Dispatcher } from '../scheduling/index.js';
import { type Admission, CallsLimited } from '../services/index.js';
import { callerOf, checkCaller } from './door.js';
import { EventStreams, type StreamLimits } from './event-streams.js';
import { jobRoutes, PLAN_TYPES } from './job-routes.js';
import type { PlanDesk } from './plan-desk.js';
import { problemOf } from './problem.js';
import { processRoutes } from './process-routes.js';
import { JSON_TYPE, type Parameter, PROBLEM_TYPE, type Route } from './route.js';

export interface GatewayOptions {
  /** `HOST:PORT`; port 0: any that is free. */
  readonly address: string;
  /** Null: no certificates, for loopback addresses. */
  readonly tls: TlsFiles | null;
  readonly dispatcher: Dispatcher;
  readonly plans: PlanDesk;
  readonly metrics: CoordinatorMetrics;
  readonly log: CoordinatorLog;
  readonly streams?: StreamLimits;
  /** What each tenant may call; shared with other doors. */
  readonly admission: Admission;
}

export interface Gateway {
  readonly port: number;
  close(): Promise<void>;
}

/** Of a plan file: what is longer is not read, wherever it comes from. */
const MAX_BODY_BYTES = 2 ** 16;
const MAX_HEADER_BYTES = 16 * 2 ** 10;
const MAX_CONNECTIONS = 1024;
const STREAMS: StreamLimits = { all: 512, ofTenant: 64 };
/** Who sends headers or a body more slowly is let go. */
const TIMES = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 10_000 };
const REFUSED = ['PERMISSION_DENIED', 'UNAUTHENTICATED', 'RESOURCE_EXHAUSTED'];

/** @throws Error where the address is taken */
export async function gateway(options: GatewayOptions): Promise<Gateway> {
  const { address, tls, dispatcher, plans, metrics, streams: limits = STREAMS } = options;
  const streams = new EventStreams(dispatcher, limits);
  const ofJobs = [...jobRoutes(dispatcher, plans), streams.route()];
  const routes = [...ofJobs, ...processRoutes(dispatcher, metrics, ofJobs)];
  const app = server(options);
  for (const route of routes) addRoute(app, route, tls);
  metrics.beforeScrape(() => metrics.set('isola_http_event_streams', {}, streams.count));
  await app.listen(hostAndPort(address, 'address'));
  return {
    port: (app.server.address() as AddressInfo).port,
    async close() {
      streams.endAll();
      await app.close();
    },
  };
}

function server({ tls, log, metrics, admission }: GatewayOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    serverFactory: (handler: RequestListener) => listening(handler, tls),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(PLAN_TYPES, { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  const answer = (reply: FastifyReply, error: unknown) => {
    const { problem, retryAfter } = problemOf(error);
    if (problem.status === 500) log.failed(error);
    const isLimited = error instanceof CallsLimited;
    if (error instanceof RpcProblem && !isLimited && REFUSED.includes(error.code)) {
      log.refused(error.code);
      metrics.refused(error.code);
    }
    if (retryAfter !== null) reply.header('retry-after', retryAfter);
    return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  };
  // Before all else, so that what is no route is no way around.
  app.addHook('onRequest', async (request, reply) => {
    const leave = await admission.enter(callerOf(request, tls));
    if (reply.raw.destroyed) leave();
    else reply.raw.once('close', leave);
  });
  app.setErrorHandler((error, _request, reply) => answer(reply, error));
  app.setNotFoundHandler((_request, reply) =>
    answer(reply, new RpcProblem('NOT_FOUND', 'no such route; see /v1/openapi.json')),
  );
  app.addHook('onResponse', async ({ method, routeOptions: { url: route = 'none' } }, reply) => {
    const { statusCode } = reply;
    // As long as its job takes: no time to compare with others.
    if (route.endsWith('/events') && statusCode === 200) return;
    const labels = { method, route, status: `${statusCode}` };
    metrics.observe('isola_http_request_duration_seconds', labels, reply.elapsedTime / 1000);
  });
  return app;
}

function listening(handler: RequestListener, tls: TlsFiles | null): Server {
  const limits = { ...TIMES, maxHeaderSize: MAX_HEADER_BYTES };
  const server: Server =
    tls === null
      ? createServer(limits, handler)
      : createTlsServer({ ...serverTls(tls), ...limits }, handler);
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function addRoute(app: FastifyInstance, route: Route, tls: TlsFiles | null): void {
  const { method, path, rpc, parameters, answers, handle } = route;
  const parts = { params: 'path', querystring: 'query', headers: 'header' } as const;
  const schemas = Object.entries(parts).flatMap(([key, place]) => {
    const named = parameters.filter((parameter) => parameter.in === place);
    return named.length === 0 ? [] : [[key, objectOf(named)]];
  });
  const json = Object.entries(answers).filter(([, answer]) => answer.mediaType === JSON_TYPE);
  const response = json.flatMap(([code, { schema }]) => (schema ? [[code, schema]] : []));
  app.route({
    ...{ method, url: path.replace(/\{(\w+)\}/g, ':$1') },
    schema: { ...Object.fromEntries(schemas), response: Object.fromEntries(response) },
    onRequest: async (request, reply) => {
      checkCaller(request, rpc, tls);
      reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    },
    handler: (request, reply) => handle(request, reply, callerOf(request, tls)),
  });
}

function objectOf(parameters: readonly Parameter[]): object {
  const properties = parameters.map(({ name, schema }) => [name, schema] as const);
  return { type: 'object', properties: Object.fromEntries(properties) };
}
