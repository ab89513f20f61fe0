/** Who comes in: by certificate, as in gRPC; without, programs of this machine only. */
import { TLSSocket } from 'node:tls';
import {
  allowed,
  type Identity,
  identityOf,
  isLoopback,
  RpcProblem,
  type TlsFiles,
} from '@isola/cluster/runtime';
import type { FastifyRequest } from 'fastify';

/** @throws RpcProblem where the certificate names nobody of ours */
export function callerOf({ raw: { socket } }: FastifyRequest, tls: TlsFiles | null): Identity {
  const certificate = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
  const context = certificate === undefined ? {} : { sslPeerCertificate: certificate };
  return identityOf({ getAuthContext: () => context }, tls);
}

/**
 * Lets in who may make a call, before its body is read.
 * @throws RpcProblem
 */
export function checkCaller(request: FastifyRequest, rpc: string, tls: TlsFiles | null): void {
  const { host, origin } = request.headers;
  // Any page in a browser of this machine reaches its loopback, by names of its own even.
  if (tls === null && !isLoopback(hostIn(`http://${host}`, 'hostname'))) {
    throw new RpcProblem('PERMISSION_DENIED', 'called by a name that is not of this machine');
  }
  if (origin !== undefined && hostIn(origin, 'host') !== host) {
    throw new RpcProblem('PERMISSION_DENIED', 'pages of other origins may not call');
  }
  if (allowed(callerOf(request, tls), rpc)) return;
  throw new RpcProblem('PERMISSION_DENIED', 'this role may not make this call');
}

function hostIn(url: string, part: 'host' | 'hostname'): string {
  if (!URL.canParse(url)) return '';
  return part === 'host' ? new URL(url).host : new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
}
