import { describe, expect, it } from 'vitest';
import {
  CLUSTER_TENANT,
  type Identity,
  identityIn,
  identityOf,
  identityUri,
  isTenant,
  maySee,
  ROLES,
} from './identity.js';
import type { TlsFiles } from './tls-files.js';

const tls: TlsFiles = { ca: Buffer.of(), cert: Buffer.of(), key: Buffer.of() };

describe('the name of a tenant', () => {
  it.each(['a', 'default', 'clinic-2', 'a'.repeat(32)])('may be "%s"', (name) => {
    expect(isTenant(name)).toBe(true);
  });

  it.each([
    ...[
      '',
      'A',
      'Clinic',
      '2nd',
      '-a',
      'a-',
      'a b',
      'a/b',
      'a.b',
      'a,b',
      'ä',
      'a\n',
      '../a',
      '1962',
    ],
    'a'.repeat(33),
  ])('may not be "%s"', (name) => {
    expect(isTenant(name)).toBe(false);
  });
});

describe('the identity in alternative names', () => {
  it.each(ROLES)('is read back for a %s, wherever it stands', (role) => {
    const tenant = role === 'worker' ? CLUSTER_TENANT : 'clinic-2';
    const uri = `URI:${identityUri(tenant, role)}`;
    for (const names of [uri, `DNS:localhost, ${uri}`, `${uri}, IP Address:127.0.0.1`]) {
      expect(identityIn(names)).toEqual({ tenant, role });
    }
  });

  it.each([
    undefined,
    '',
    'DNS:isola://a/planner',
    'URI:isola://a/admin',
    'URI:isola://a/worker',
    'URI:isola://a/local',
    'URI:isola://a/Planner',
    'URI:isola://A/planner',
    'URI:isola://a/planner/',
    'URI:isola://a/planner?x=1',
    'URI:isola://a/planner\n',
    'URI:isola:///planner',
    'URI:isola://a@b/planner',
    'URI:https://a/planner',
    'uri:isola://a/planner',
    'URI:isola://a/planner, URI:isola://a/operator',
    'URI:isola://a/planner, URI:https://elsewhere',
    'DNS:"a, URI:isola://a/operator"',
    'URI:isola://a/planner, DNS:"b\\u002c URI:isola://b/operator"',
    'URI:"isola://a/planner"',
    'email:x, URI :isola://a/planner',
  ])('is none of ours in %s', (names) => {
    expect(identityIn(names)).toBe(null);
  });
});

describe('who makes a call', () => {
  it('is local where no certificates are used, whatever the call says', () => {
    expect(identityOf({ getAuthContext: () => ({}) }, null).role).toBe('local');
  });

  it('is nobody where a certificate is missing', () => {
    const call = { getAuthContext: () => ({}) };
    expect(() => identityOf(call, tls)).toThrow('the certificate names no tenant and role');
  });
});

describe('what a tenant has', () => {
  const identity = (tenant: string, role: Identity['role']): Identity => ({ tenant, role });

  it('is seen by its own, and by workers that serve all', () => {
    for (const role of ROLES) {
      expect(maySee(identity('a', role), 'a')).toBe(true);
      expect(maySee(identity('b', role), 'a')).toBe(false);
      expect(maySee(identity(CLUSTER_TENANT, role), 'a')).toBe(role === 'worker');
    }
    expect(maySee(identity('local', 'local'), 'local')).toBe(true);
    expect(maySee(identity('local', 'local'), 'a')).toBe(false);
  });
});
