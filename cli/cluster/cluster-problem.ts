import { type ServiceError, status } from '@grpc/grpc-js';
import { RETRY_AFTER } from '@isola/cluster/runtime';
import { EXIT } from '../terminal/exit-code.js';

/** Why a cluster did not do what it was asked for, in one line. */
export class ClusterProblem extends Error {
  override readonly name = 'ClusterProblem';
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** What else is wrong with a call is not the user's input. */
const EXITS: Readonly<Partial<Record<status, number>>> = {
  [status.NOT_FOUND]: EXIT.notFound,
  [status.INVALID_ARGUMENT]: EXIT.badInput,
  [status.ALREADY_EXISTS]: EXIT.badInput,
  [status.PERMISSION_DENIED]: EXIT.badInput,
  [status.UNAUTHENTICATED]: EXIT.badInput,
};

/** What the user is told where a call has failed; other errors stay as they are. */
export function clusterProblem(address: string, error: unknown): unknown {
  const { code, details } = error as Partial<ServiceError>;
  if (code === undefined || details === undefined) return error;
  if (isUnreachable(error)) {
    const allowed = 'the address of a coordinator that runs ("isola serve", "isola up")';
    return new ClusterProblem(
      `coordinator ${address}: cannot be reached; allowed: ${allowed}`,
      EXIT.unreachable,
    );
  }
  const exit = EXITS[code] ?? EXIT.failed;
  return new ClusterProblem(`coordinator ${address}: ${details}`, exit);
}

/** Whether it may work a little later, or elsewhere. */
export function isUnreachable(error: unknown): boolean {
  const { code } = error as Partial<ServiceError>;
  const passing = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED];
  return code !== undefined && passing.includes(code);
}

/** After what time a call that was refused for its time only may be made again; null: never. */
export function retryMsOf(error: unknown): number | null {
  const { code, metadata } = error as Partial<ServiceError>;
  if (code !== status.RESOURCE_EXHAUSTED) return null;
  const [told] = metadata?.get(RETRY_AFTER) ?? [];
  return told === undefined ? null : Number(told);
}
