import { type sendUnaryData, status } from '@grpc/grpc-js';
import type { RpcStatus } from '@isola/cluster/runtime';
import { statusOf } from './rpc-status.js';

/** What a stream of answers is written to. */
interface AnswerStream {
  emit(event: 'error', error: object): boolean;
}

/** How calls are answered; errors of this coordinator's own are told, though not to callers. */
export class Answers {
  constructor(private readonly onFailed: (error: unknown) => void) {}

  /** Answers a call with what `work` gives, or with why it gives nothing. */
  once<T>(answer: sendUnaryData<T>, work: () => T | Promise<T>): void {
    Promise.resolve()
      .then(work)
      .then(
        (reply) => answer(null, reply),
        (error: unknown) => answer(this.refusal(error)),
      );
  }

  /** Does the work of a call that is answered in a stream; says why where it cannot. */
  stream(call: AnswerStream, work: () => void | Promise<void>): void {
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => call.emit('error', this.refusal(error)));
  }

  /** What a caller is told of an error. */
  refusal(error: unknown): RpcStatus {
    const told = statusOf(error);
    if (told.code === status.INTERNAL) this.onFailed(error);
    return told;
  }
}
