/** Mutual TLS 1.3: each end shows a certificate of the cluster's authority, the other checks it. */
import { constants, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type PeerCertificate, type SecureVersion } from 'node:tls';
import { type ChannelCredentials, credentials, ServerCredentials } from '@grpc/grpc-js';
import { identityIn, type Role } from './identity.js';
import type { TlsFiles } from './tls-files.js';

/** Who connects and says nothing is let go. */
const HANDSHAKE_TIMEOUT_MS = 5000;

/**
 * Of a server; null: without TLS, for loopback only (`checkAddress`). A client without a
 * certificate of the authority, or with an expired one, gets no connection.
 */
export function serverCredentials(tls: TlsFiles | null): ServerCredentials {
  return tls === null ? ServerCredentials.createInsecure() : new MutualTls(tls);
}

/**
 * Of a client; null: without TLS. The server must be a coordinator, and its certificate must have
 * the name or the address that was called; so no worker can pass for one.
 */
export function clientCredentials(tls: TlsFiles | null): ChannelCredentials {
  if (tls === null) return credentials.createInsecure();
  const context = createSecureContext({ ...tls, minVersion: 'TLSv1.3' });
  return credentials.createFromSecureContext(context, {
    checkServerIdentity: serverCheck('coordinator'),
    // Said here, so that no variable of the environment can say otherwise.
    rejectUnauthorized: true,
  });
}

/** Of any server that only certificates of the authority may connect to. */
export function serverTls(tls: TlsFiles) {
  const minVersion: SecureVersion = 'TLSv1.3';
  return {
    ...{ requestCert: true, rejectUnauthorized: true, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
    ...{ ...tls, minVersion },
    // No tickets: every connection shows its certificate anew, so an expired one gets none.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** `ServerCredentials.createSsl` cannot ask for a version of TLS. */
class MutualTls extends ServerCredentials {
  constructor(tls: TlsFiles) {
    const { requestCert, rejectUnauthorized, handshakeTimeout, ...context } = serverTls(tls);
    super({ requestCert, rejectUnauthorized, handshakeTimeout }, context);
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

/**
 * What is wrong with a server's certificate, after its signature and dates were found right: it
 * must be of that role, and for the name or the address that was called.
 */
export function serverCheck(
  role: Role,
): (host: string, shown: PeerCertificate) => Error | undefined {
  return (host, { raw }) => {
    const certificate = new X509Certificate(raw);
    const name = isIP(host)
      ? certificate.checkIP(host)
      : certificate.checkHost(host, { subject: 'never' });
    if (name === undefined) return untrusted(`is not for ${host}`);
    if (identityIn(certificate.subjectAltName)?.role === role) return undefined;
    return untrusted(`is not of the role ${role}`);
  };
}

/** With the code that Node gives where it checks names itself. */
function untrusted(why: string): Error {
  const error = new Error(`the server's certificate ${why}`);
  return Object.assign(error, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
}
