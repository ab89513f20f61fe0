import { readdirSync } from 'node:fs';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ROLES } from './identity.js';
import { allowed } from './permissions.js';

/** The paths of all calls in all files of the wire contract. */
async function paths(): Promise<string[]> {
  const files = readdirSync(new URL('../../../proto/cluster', import.meta.url));
  const modules = files.map((file) => import(`@isola/proto/${file.replace('.proto', '')}`));
  const exported = (await Promise.all(modules)).flatMap((module) => Object.entries(module));
  return exported
    .filter(([name]) => name.endsWith('Service'))
    .flatMap(([, service]) => Object.values(service as ServiceDefinition).map(({ path }) => path));
}

/** Who may call what, said a second time and the other way round. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  viewer: ['Watch', 'List', 'Pull'],
  planner: ['Submit', 'Watch', 'Cancel', 'List', 'Pull', 'Push'],
  operator: ['Submit', 'Watch', 'Cancel', 'List', 'Pull', 'Push'],
  worker: ['Attach', 'Pull', 'Push'],
  coordinator: [],
  nats: [],
};

const allPaths = await paths();

describe('every call of the wire contract', () => {
  it.each(allPaths)('%s has its callers', (path) => {
    const name = path.slice(path.indexOf('/', 1) + 1);
    for (const role of ROLES) {
      expect(allowed({ tenant: 'a', role }, path)).toBe(ALLOWED[role].includes(name));
    }
    expect(ROLES.some((role) => allowed({ tenant: 'a', role }, path))).toBe(true);
    expect(allowed({ tenant: 'local', role: 'local' }, path)).toBe(true);
  });

  it('is known by its whole path; others are nobody’s', () => {
    for (const path of ['', 'Submit', '/Jobs/Submit', 'constructor', '/isola.cluster.v1.Jobs/Drop'])
      for (const role of [...ROLES, 'local'] as const)
        expect(allowed({ tenant: 'a', role }, path)).toBe(false);
  });
});
