import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { Identity } from '@isola/cluster/runtime';

/** What a caller's certificate is read from. */
export type Call = Pick<ServerInterceptingCallInterface, 'getAuthContext'>;

/** Who calls, as the certificate says; never as a message says. */
export type WhoCalls = (call: Call) => Identity;
