/** Errors as RFC 9457 problems; one way from any error to what a caller is told, as in gRPC. */
import { status } from '@grpc/grpc-js';
import { RETRY_AFTER } from '@isola/cluster/runtime';
import type { FastifyError } from 'fastify';
import { statusOf } from '../services/index.js';
import { StoreError } from '../store/index.js';
import type { Schema } from './route.js';

export interface Problem {
  /** Of a closed list; `urn:isola:problem:not-found`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

export const PROBLEM_SCHEMA: Schema = {
  title: 'Problem',
  description: 'What was wrong, as RFC 9457 says it.',
  type: 'object',
  properties: {
    type: { type: 'string', description: 'Of a closed list, urn:isola:problem:NAME.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'Where it is wrong, and what is allowed.' },
  },
  required: ['type', 'title', 'status', 'detail'],
};

const HTTP: Readonly<Partial<Record<status, readonly [number, string]>>> = {
  [status.INVALID_ARGUMENT]: [422, 'The request cannot be done as it is'],
  [status.NOT_FOUND]: [404, 'Not found'],
  [status.ALREADY_EXISTS]: [409, 'It stands for something else already'],
  [status.PERMISSION_DENIED]: [403, 'Not allowed'],
  [status.UNAUTHENTICATED]: [401, 'Who calls is not known'],
  [status.RESOURCE_EXHAUSTED]: [429, 'Too much at a time'],
  [status.FAILED_PRECONDITION]: [409, 'Not in this state'],
  [status.ABORTED]: [409, 'Not in this state'],
  [status.UNAVAILABLE]: [503, 'Not now, or not here'],
};
const BUG = [500, 'Internal error'] as const;
const RETRY_MS = 5_000;

/** What is told, and after how many seconds it makes sense to try again; null: never. */
export function problemOf(error: unknown): { problem: Problem; retryAfter: number | null } {
  if (isOfFastify(error)) {
    const { statusCode = 400, message } = error;
    const type = `urn:isola:problem:${statusCode === 400 ? 'bad-request' : `http-${statusCode}`}`;
    const problem = { type, title: 'Bad request', status: statusCode, detail: message };
    return { problem, retryAfter: null };
  }
  const { code: told, details, metadata } = statusOf(error);
  // That the store is full is not the caller's doing.
  const isStorage = error instanceof StoreError && told === status.RESOURCE_EXHAUSTED;
  const code = isStorage ? status.UNAVAILABLE : told;
  const [http, title] = HTTP[code] ?? BUG;
  const name = status[code].toLowerCase().replaceAll('_', '-');
  const [wanted = RETRY_MS] = metadata.get(RETRY_AFTER).map(Number);
  const retryAfter = http === 429 || http === 503 ? Math.ceil(wanted / 1000) : null;
  const type = `urn:isola:problem:${name}`;
  return { problem: { type, title, status: http, detail: details }, retryAfter };
}

/** What fastify refuses by itself: sizes, media types, parameters. */
function isOfFastify(error: unknown): error is FastifyError {
  if (!(error instanceof Error)) return false;
  const { code, statusCode = 500 } = error as FastifyError;
  return typeof code === 'string' && code.startsWith('FST_') && statusCode < 500;
}
