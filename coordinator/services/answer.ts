import type { sendUnaryData } from '@grpc/grpc-js';
import { statusOf } from './rpc-status.js';

/** Answers a call with what `work` gives, or with why it gives nothing. */
export function answerWith<T>(answer: sendUnaryData<T>, work: () => T | Promise<T>): void {
  Promise.resolve()
    .then(work)
    .then(
      (reply) => answer(null, reply),
      (error: unknown) => answer(statusOf(error)),
    );
}

/** What a stream of answers is written to. */
interface AnswerStream {
  emit(event: 'error', error: object): boolean;
}

/** Does the work of a call that is answered in a stream; says why where it cannot. */
export function streamWith(call: AnswerStream, work: () => void | Promise<void>): void {
  Promise.resolve()
    .then(work)
    .catch((error: unknown) => call.emit('error', statusOf(error)));
}
