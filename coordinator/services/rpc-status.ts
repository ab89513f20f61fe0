import { status } from '@grpc/grpc-js';
import { Refusal, type RefusalCode } from '../scheduling/index.js';
import { StoreError, type StoreProblem } from '../store/index.js';

/** What a call ends with that is not answered. */
export interface RpcStatus extends Error {
  readonly code: status;
  readonly details: string;
}

const REFUSALS: Readonly<Record<RefusalCode, status>> = {
  'not-found': status.NOT_FOUND,
  'not-allowed': status.PERMISSION_DENIED,
  'key-taken': status.ALREADY_EXISTS,
  'subject-missing': status.FAILED_PRECONDITION,
  'bad-job': status.INVALID_ARGUMENT,
  'too-large': status.RESOURCE_EXHAUSTED,
  incomplete: status.INVALID_ARGUMENT,
  'not-leading': status.UNAVAILABLE,
};

const STORE_PROBLEMS: Readonly<Partial<Record<StoreProblem, status>>> = {
  'blob-lost': status.NOT_FOUND,
  full: status.RESOURCE_EXHAUSTED,
};

/** The one place where errors become statuses. Of a bug nothing is told. */
export function toStatus(error: unknown): RpcStatus {
  if (error instanceof Refusal) return rpcStatus(REFUSALS[error.code], error.message);
  if (error instanceof StoreError) {
    return rpcStatus(STORE_PROBLEMS[error.problem] ?? status.UNAVAILABLE, error.problem);
  }
  return rpcStatus(status.INTERNAL, 'internal error');
}

function rpcStatus(code: status, details: string): RpcStatus {
  return Object.assign(new Error(details), { code, details });
}
