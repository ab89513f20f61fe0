import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type ServerListener,
  status,
} from '@grpc/grpc-js';
import { type Identity, identityOf } from './identity.js';
import { allowed } from './permissions.js';
import { type RpcCode, RpcProblem, type RpcStatus, toStatus } from './rpc-error.js';
import type { TlsFiles } from './tls-files.js';

/** How the library says that a message is none: as if that were a fault of the server. */
const UNREADABLE = /^(?:Error deserializing request|Failed to decompress message)/;

/** Resolves when a call may begin, with what is told once it has ended; rejects where not. */
export type Enter = (identity: Identity) => Promise<() => void>;

const letIn: Enter = () => Promise.resolve(() => {});

/**
 * The door of a server, for its option `interceptors`: a call that its caller may not make ends
 * here, before a byte of it is read and before its handler begins; one with a message that cannot
 * be read, or is too large, ends when that is seen.
 * @param tls what the server was made with
 * @param onRefused told why
 * @param enter whom every call of a known caller waits for, also one that is refused then
 */
export function guard(
  tls: TlsFiles | null,
  onRefused: (code: RpcCode) => void = () => {},
  enter: Enter = letIn,
): ServerInterceptor {
  return (method, call) => {
    const { identity, refusal } = seenBy(method.path, call, tls);
    if (refusal !== null) onRefused(status[refusal.code] as RpcCode);
    if (identity === null) {
      return new ServerInterceptingCall(call, { start: () => call.sendStatus(refusal) });
    }
    return watched(call, onRefused, (end) => entrance(end, () => enter(identity), refusal));
  };
}

/** How a call begins: when it is let in, and then with its refusal where it has one. */
function entrance(
  end: (ending: RpcStatus) => void,
  enter: () => Promise<() => void>,
  refusal: RpcStatus | null,
): ServerListener {
  let leave = () => {};
  let isOver = false;
  const entered = async () => {
    leave = await enter();
    if (isOver) leave();
  };
  return {
    onReceiveMetadata: (metadata, begin) => {
      entered().then(
        () => (refusal === null ? begin(metadata) : end(refusal)),
        (error: unknown) => end(toStatus(error)),
      );
    },
    // Comes at the end of every call, however it ends.
    onCancel: () => {
      isOver = true;
      leave();
    },
  };
}

/** A call whose end by the library, past all handlers, is told and said as it is meant. */
function watched(
  call: ServerInterceptingCallInterface,
  onRefused: (code: RpcCode) => void,
  listener: (end: (ending: RpcStatus) => void) => ServerListener,
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
  const refuse = (ending: RpcStatus) => {
    isHandled = true;
    end(ending);
  };
  return new ServerInterceptingCall(call, {
    start: (next) => next(listener(refuse)),
    sendStatus: (ending, next) => {
      isHandled = true;
      next(ending);
    },
  });
}

/** Who makes a call, and why it may not be made; no identity where that is not known. */
function seenBy(
  rpc: string,
  call: Parameters<typeof identityOf>[0],
  tls: TlsFiles | null,
):
  | { readonly identity: Identity; readonly refusal: RpcStatus | null }
  | { readonly identity: null; readonly refusal: RpcStatus } {
  let identity: Identity;
  try {
    identity = identityOf(call, tls);
  } catch (error) {
    return { identity: null, refusal: toStatus(error) };
  }
  if (allowed(identity, rpc)) return { identity, refusal: null };
  const problem = new RpcProblem('PERMISSION_DENIED', 'this role may not make this call');
  return { identity, refusal: toStatus(problem) };
}
