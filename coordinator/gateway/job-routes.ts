/** What users do with jobs over HTTP; the same calls as in gRPC, for the same callers. */
import { type Identity, RpcProblem } from '@isola/cluster/runtime';
import { blobs, jobs } from '@isola/cluster/wire';
import { planJsonSchema } from '@isola/formats/plan';
import type { FastifyReply } from 'fastify';
import type { BookedJob } from '../jobs/index.js';
import type { Dispatcher } from '../scheduling/index.js';
import { JOB_PAGE_SCHEMA, JOB_SCHEMA, jobJson, jobPath } from './job-json.js';
import { ownJob } from './own-job.js';
import type { PlanDesk } from './plan-desk.js';
import { type Answer, JSON_TYPE, type Parameter, type Route } from './route.js';

const PAGE = 50;
const MOST_ON_A_PAGE = 500;
const POLL_SECONDS = 1;

/** YAML 1.2 holds JSON, so one reader reads both. */
export const PLAN_TYPES = [JSON_TYPE, 'application/yaml', 'application/x-yaml', 'text/yaml'];
export const PLAN_SCHEMA = planJsonSchema() as Record<string, unknown>;
const BINARY = 'application/octet-stream';

const ID: Parameter = {
  ...{ name: 'id', in: 'path', description: 'Id of the job.' },
  schema: { type: 'string', maxLength: 64 },
};
const KEY: Parameter = {
  ...{ name: 'idempotency-key', in: 'header' },
  description: 'A name of your choice: the same key never makes two jobs.',
  schema: { type: 'string', pattern: '^[!-~]{1,128}$' },
};
const SUBJECT: Parameter = {
  ...{ name: 'subject', in: 'query' },
  description: 'Instead of a body: name of a plan bundle that was sent before, with its files.',
  schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
};
const LIMIT: Parameter = {
  ...{ name: 'limit', in: 'query', description: 'Jobs on a page.' },
  schema: { type: 'integer', minimum: 1, maximum: MOST_ON_A_PAGE, default: PAGE },
};
const NOW: Parameter = {
  ...{ name: 'now', in: 'query', description: 'At once, without a result.' },
  schema: { type: 'boolean', default: false },
};
const CURSOR: Parameter = {
  ...{ name: 'cursor', in: 'query', description: '`next` of the page before.' },
  schema: { type: 'string', maxLength: 64 },
};

const job = (description: string, ...headers: string[]): Answer => {
  return { description, mediaType: JSON_TYPE, schema: JOB_SCHEMA, headers };
};
const without = (description: string): Answer => ({ description });
const NOT_FOUND = without('There is no such job, or it is of another tenant.');

/** All but that of its events. */
export function jobRoutes(dispatcher: Dispatcher, plans: PlanDesk): readonly Route[] {
  return [submitRoute(dispatcher, plans), listRoute(dispatcher), ...routesOfOne(dispatcher)];
}

function submitRoute(dispatcher: Dispatcher, plans: PlanDesk): Route {
  return {
    ...{ method: 'POST', path: '/v1/jobs', rpc: jobs.JobsService.submit.path },
    summary: 'Have a plan made. The same plan again is the same job.',
    parameters: [KEY, SUBJECT],
    body: {
      description: 'A plan file whose case and machine need no files.',
      ...{ mediaTypes: PLAN_TYPES, schema: PLAN_SCHEMA },
    },
    answers: {
      202: job('The job, which is kept from now on.', 'Location', 'Retry-After'),
      409: without('The key stands for another job, or there is no such bundle.'),
      413: without('The plan is too large.'),
      415: without('The body is neither JSON nor YAML.'),
      422: without('The plan is refused: where, and what is allowed.'),
    },
    handle: async ({ body, headers, query }, reply, { tenant }) => {
      const text = typeof body === 'string' ? body : '';
      const { subject } = query as { readonly subject?: string };
      const key = (headers['idempotency-key'] as string | undefined) ?? '';
      const sent = await sentPlan(dispatcher, plans, text, tenant, subject);
      const { job: id } = await dispatcher.submit({ tenant, key, ...sent });
      reply.code(202).header('location', jobPath(id)).header('retry-after', POLL_SECONDS);
      return jobJson(dispatcher.book.find(id) as BookedJob, dispatcher);
    },
  };
}

/** What a job is about, kept; and the job. */
async function sentPlan(
  dispatcher: Dispatcher,
  plans: PlanDesk,
  text: string,
  tenant: string,
  subject: string | undefined,
) {
  if (subject === undefined) {
    const { bundle, specOf } = await plans.ofText(text);
    const id = await dispatcher.keep(bundle);
    return { subject: id, spec: specOf(id) };
  }
  if (text !== '') throw new RpcProblem('INVALID_ARGUMENT', 'allowed: a plan or `subject`');
  const isOwn = dispatcher.isOwn(tenant, subject);
  const bundle = isOwn ? await dispatcher.store.getBlob(subject).catch(() => null) : null;
  if (bundle === null) throw new RpcProblem('FAILED_PRECONDITION', `there is no blob ${subject}`);
  return { subject, spec: plans.ofBundle(bundle).specOf(subject) };
}

function listRoute(dispatcher: Dispatcher): Route {
  const { book } = dispatcher;
  return {
    ...{ method: 'GET', path: '/v1/jobs', rpc: jobs.JobsService.list.path },
    summary: 'Your jobs, the newest first.',
    parameters: [LIMIT, CURSOR],
    answers: {
      200: { description: 'A page of jobs.', mediaType: JSON_TYPE, schema: JOB_PAGE_SCHEMA },
      404: without('The cursor is of no job.'),
    },
    handle: ({ query }, _reply, caller) => {
      const { limit, cursor } = query as { readonly limit: number; readonly cursor?: string };
      const own = book.all().filter(({ tenant }) => tenant === caller.tenant);
      const newest = own.reverse();
      const last = cursor === undefined ? null : ownJob(book, cursor, caller);
      const from = last === null ? 0 : newest.indexOf(last) + 1;
      const page = newest.slice(from, from + limit);
      const next = from + limit < newest.length ? (page.at(-1)?.id ?? null) : null;
      return { jobs: page.map((booked) => jobJson(booked, dispatcher)), next };
    },
  };
}

function routesOfOne(dispatcher: Dispatcher): Route[] {
  const { cancel, list } = jobs.JobsService;
  const named = (params: unknown, caller: Identity) =>
    ownJob(dispatcher.book, (params as { readonly id: string }).id, caller);
  return [
    {
      ...{ method: 'GET', path: '/v1/jobs/{id}', rpc: list.path, parameters: [ID] },
      summary: 'A job as it stands.',
      answers: { 200: job('The job.'), 404: NOT_FOUND },
      handle: ({ params }, _reply, caller) => jobJson(named(params, caller), dispatcher),
    },
    {
      ...{ method: 'POST', path: '/v1/jobs/{id}/cancel', rpc: cancel.path },
      parameters: [ID, NOW],
      summary: 'End the search with the best so far, which is still made into a plan.',
      answers: { 202: job('The job, which ends soon.'), 404: NOT_FOUND },
      handle: async ({ params, query }, reply, caller) => {
        const booked = named(params, caller);
        await dispatcher.cancel(booked.id, (query as { readonly now: boolean }).now);
        reply.code(202);
        return jobJson(booked, dispatcher);
      },
    },
    {
      ...{ method: 'GET', path: '/v1/jobs/{id}/result', parameters: [ID] },
      rpc: blobs.BlobsService.pull.path,
      summary: 'What a job has made: the weights of the beamlets, as bytes.',
      answers: {
        200: { description: 'The result.', mediaType: BINARY, headers: ['ETag'] },
        404: without('There is no such job, or it ended without a result.'),
        409: without('There is none yet.'),
      },
      handle: ({ params }, reply, caller) => result(named(params, caller), dispatcher, reply),
    },
  ];
}

async function result({ job }: BookedJob, { store }: Dispatcher, reply: FastifyReply) {
  if (job.result === null) {
    if (job.done === null) throw new RpcProblem('FAILED_PRECONDITION', 'there is no result yet');
    throw new RpcProblem('NOT_FOUND', 'the job ended without a result');
  }
  const { state: blob } = job.result;
  reply.header('etag', `"${blob}"`).type(BINARY);
  return Buffer.from(await store.getBlob(blob));
}
