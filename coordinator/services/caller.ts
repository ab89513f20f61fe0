import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';

/** Who calls, as its certificate says; never as its message says. */
export interface Caller {
  readonly tenant: string;
  /** Works for all tenants. */
  readonly isWorker: boolean;
}

/** What a call's certificate is read from. */
export type Call = Pick<ServerInterceptingCallInterface, 'getAuthContext'>;

export type CallerOf = (call: Call) => Caller;
