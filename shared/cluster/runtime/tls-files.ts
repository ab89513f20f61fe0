import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@isola/optimizers/problem';

/** What a process needs to prove who it is and to check who others are; PEM. */
export interface TlsFiles {
  /** The authority that signed every certificate of the cluster. */
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Where they are. */
export interface TlsPaths {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder; a file is needed',
  EACCES: 'may not be read (permission denied)',
  EPERM: 'may not be read (permission denied)',
};

/** In a folder as `isola certs` makes it: `ca.crt`, `NAME.crt`, `NAME.key`. */
export function tlsPaths(folder: string, name: string): TlsPaths {
  return {
    ca: join(folder, 'ca.crt'),
    cert: join(folder, `${name}.crt`),
    key: join(folder, `${name}.key`),
  };
}

/** @throws InputError that names the file: absent, no certificate, expired, or of another key */
export function readTls(paths: TlsPaths): TlsFiles {
  const files = { ca: read(paths.ca), cert: read(paths.cert), key: read(paths.key) };
  certificateIn(files.ca, paths.ca);
  const certificate = certificateIn(files.cert, paths.cert);
  if (!certificate.checkPrivateKey(privateKeyIn(files.key, paths.key))) {
    throw new InputError(paths.key, `is not the key of ${paths.cert}`);
  }
  return files;
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new InputError(path, REASONS[code] ?? `cannot be read: ${code}`);
  }
}

function certificateIn(pem: Buffer, path: string): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw new InputError(path, 'is no certificate; allowed: PEM');
  }
  if (Date.parse(certificate.validTo) > Date.now()) return certificate;
  throw new InputError(path, `was valid until ${certificate.validTo}`);
}

function privateKeyIn(pem: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new InputError(path, 'is no private key; allowed: PEM without a passphrase');
  }
}
