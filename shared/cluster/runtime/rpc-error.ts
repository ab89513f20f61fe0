/** The one way from an error to what a caller is told. Nothing of it belongs into a log. */
import { Metadata, status } from '@grpc/grpc-js';
import { InputError } from '@isola/optimizers/problem';

/** Why we refuse a call. */
export type RpcCode =
  /** The caller's own input; its message is for the caller only. */
  | 'INVALID_ARGUMENT'
  /** Absent, or of another tenant: nobody can tell which. */
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  /** Too much, or too much at a time: then with the time after which to try again. */
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  /** Not now, or not here: another coordinator leads. */
  | 'UNAVAILABLE'
  | 'DATA_LOSS';

/** A refusal that we mean; the message is one line without names of patients or structures. */
export class RpcProblem extends Error {
  override readonly name = 'RpcProblem';
  constructor(
    readonly code: RpcCode,
    message: string,
    /** When it makes sense to try again. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** Where the caller finds `retryAfterMs`. */
export const RETRY_AFTER = 'retry-after-ms';

/** Details travel in a header, whose size is limited. */
const MAX_DETAILS = 1000;

export interface RpcStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** What the caller is told of an error. Whatever is no refusal is a bug: its text stays here. */
export function toStatus(error: unknown): RpcStatus {
  const metadata = new Metadata();
  if (error instanceof InputError) {
    return { code: status.INVALID_ARGUMENT, details: asDetails(error.message), metadata };
  }
  if (!(error instanceof RpcProblem)) {
    return { code: status.INTERNAL, details: 'internal error', metadata };
  }
  const { code, message, retryAfterMs } = error;
  if (retryAfterMs !== undefined) metadata.set(RETRY_AFTER, String(Math.ceil(retryAfterMs)));
  return { code: status[code], details: asDetails(message), metadata };
}

/** Short, and without halves of characters, which no header can carry. */
function asDetails(message: string): string {
  return Buffer.from(message.slice(0, MAX_DETAILS)).toString();
}
