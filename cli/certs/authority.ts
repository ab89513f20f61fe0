/** A certificate authority in memory: keys on the curve P-256, certificates and keys as PEM. */
import './reflection.js';
import { KeyObject, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its key. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What a certificate says of its holder. */
export interface Holder extends Validity {
  readonly name: string;
  readonly alternativeNames: readonly AlternativeName[];
  /** Whether it may answer calls; it may always make them. */
  readonly isServer: boolean;
}

export interface AlternativeName {
  readonly type: 'url' | 'dns' | 'ip';
  readonly value: string;
}

export interface Authority extends KeyedCertificate {
  issue(holder: Holder): Promise<KeyedCertificate>;
}

const KEYS = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURES = { name: 'ECDSA', hash: 'SHA-256' };

cryptoProvider.set(webcrypto);

/** An authority with a new key; it signs no other authorities. */
export async function newAuthority(name: string, validity: Validity): Promise<Authority> {
  const keys = await newKeys();
  const signing = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;
  const own = await X509CertificateGenerator.createSelfSigned({
    ...{ ...validity, keys, name: distinguished(name), signingAlgorithm: SIGNATURES },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(signing, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    ...{ certificate: pemText(own.toString('pem')), key: keyPem(keys.privateKey) },
    issue: async (holder) => {
      const { publicKey, privateKey } = await newKeys();
      const { notBefore, notAfter } = holder;
      const issued = await X509CertificateGenerator.create({
        ...{ notBefore, notAfter, publicKey, signingAlgorithm: SIGNATURES },
        ...{
          subject: distinguished(holder.name),
          issuer: own.subject,
          signingKey: keys.privateKey,
        },
        extensions: [
          ...extensionsOf(holder),
          await SubjectKeyIdentifierExtension.create(publicKey),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      return { certificate: pemText(issued.toString('pem')), key: keyPem(privateKey) };
    },
  };
}

function extensionsOf({ alternativeNames, isServer }: Holder) {
  const { serverAuth, clientAuth } = ExtendedKeyUsage;
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(isServer ? [serverAuth, clientAuth] : [clientAuth]),
    new SubjectAlternativeNameExtension([...alternativeNames]),
  ];
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
}

function distinguished(name: string) {
  return [{ O: ['Isola, for development'] }, { CN: [name] }];
}

function keyPem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function pemText(pem: string): string {
  return `${pem.trim()}\n`;
}
