import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import { identityOf } from './identity.js';
import { allowed } from './permissions.js';
import { type RpcCode, RpcProblem, type RpcStatus, toStatus } from './rpc-error.js';
import type { TlsFiles } from './tls-files.js';

/**
 * The door of a server, for its option `interceptors`: a call that its caller may not make ends
 * here, before a byte of it is read and before its handler begins.
 * @param tls what the server was made with
 * @param onRefused told why
 */
export function guard(
  tls: TlsFiles | null,
  onRefused: (code: RpcCode) => void = () => {},
): ServerInterceptor {
  return (method, call) => {
    const refusal = refusalOf(method.path, call, tls);
    if (refusal === null) return new ServerInterceptingCall(call);
    onRefused(status[refusal.code] as RpcCode);
    return new ServerInterceptingCall(call, { start: () => call.sendStatus(refusal) });
  };
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
