import { type RpcCode, RpcProblem, type RpcStatus, toStatus } from '@isola/cluster/runtime';
import { Refusal, type RefusalCode } from '../scheduling/index.js';
import { StoreError, type StoreProblem } from '../store/index.js';

const REFUSALS: Readonly<Record<RefusalCode, RpcCode>> = {
  'not-found': 'NOT_FOUND',
  'key-taken': 'ALREADY_EXISTS',
  'name-taken': 'ALREADY_EXISTS',
  'subject-missing': 'FAILED_PRECONDITION',
  'bad-job': 'INVALID_ARGUMENT',
  'too-large': 'RESOURCE_EXHAUSTED',
  incomplete: 'INVALID_ARGUMENT',
  'not-leading': 'UNAVAILABLE',
};

const STORE_PROBLEMS: Readonly<Partial<Record<StoreProblem, RpcCode>>> = {
  'blob-lost': 'NOT_FOUND',
  full: 'RESOURCE_EXHAUSTED',
};

/** What a caller is told of an error of this coordinator. */
export function statusOf(error: unknown): RpcStatus {
  if (error instanceof Refusal)
    return toStatus(new RpcProblem(REFUSALS[error.code], error.message));
  if (error instanceof StoreError) {
    // Its message names a place of this machine.
    const code = STORE_PROBLEMS[error.problem] ?? 'UNAVAILABLE';
    return toStatus(new RpcProblem(code, `the store of the coordinator: ${error.problem}`));
  }
  return toStatus(error);
}
