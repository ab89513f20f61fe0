import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { identityOf } from './identity.js';
import { allowed } from './permissions.js';
import { type RpcCode, RpcProblem, type RpcStatus, toStatus } from './rpc-error.js';
import type { TlsFiles } from './tls-files.js';

/** How the library says that a message is none: as if that were a fault of the server. */
const UNREADABLE = /^(?:Error deserializing request|Failed to decompress message)/;

/**
 * The door of a server, for its option `interceptors`: a call that its caller may not make ends
 * here, before a byte of it is read and before its handler begins; one with a message that cannot
 * be read, or is too large, ends when that is seen.
 * @param tls what the server was made with
 * @param onRefused told why
 */
export function guard(
  tls: TlsFiles | null,
  onRefused: (code: RpcCode) => void = () => {},
): ServerInterceptor {
  return (method, call) => {
    const refusal = refusalOf(method.path, call, tls);
    if (refusal === null) return watched(call, onRefused);
    onRefused(status[refusal.code] as RpcCode);
    return new ServerInterceptingCall(call, { start: () => call.sendStatus(refusal) });
  };
}

/** A call whose end by the library, past all handlers, is told and said as it is meant. */
function watched(
  call: ServerInterceptingCallInterface,
  onRefused: (code: RpcCode) => void,
): ServerInterceptingCall {
  const end = call.sendStatus.bind(call);
  let isHandled = false;
  call.sendStatus = (ending) => {
    const isUnreadable = UNREADABLE.test(ending.details ?? '');
    const isTooLarge = ending.code === status.RESOURCE_EXHAUSTED;
    if (isHandled || !(isUnreadable || isTooLarge)) return end(ending);
    const problem = isTooLarge
      ? new RpcProblem('RESOURCE_EXHAUSTED', 'a message is too large')
      : new RpcProblem('INVALID_ARGUMENT', 'a message cannot be read');
    onRefused(problem.code);
    end(toStatus(problem));
  };
  return new ServerInterceptingCall(call, {
    sendStatus: (ending, next) => {
      isHandled = true;
      next(ending);
    },
  });
}

function refusalOf(
  rpc: string,
  call: Parameters<typeof identityOf>[0],
  tls: TlsFiles | null,
): RpcStatus | null {
  try {
    if (allowed(identityOf(call, tls), rpc)) return null;
    return toStatus(new RpcProblem('PERMISSION_DENIED', 'this role may not make this call'));
  } catch (error) {
    return toStatus(error);
  }
}
