/** `isola certs`, and the files it makes as other commands read them. */
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityIn, readTls, tlsPaths } from '@isola/cluster/runtime';
import { natsServerPath, natsServerProblem } from '@isola/coordinator/nats';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { emptyFolder, isola } from '../built-command.js';
import { newAuthority } from './authority.js';

interface Listed {
  readonly out: string;
  readonly purpose: string;
  readonly validUntil: string;
  readonly natsConfiguration: string;
  readonly certificates: readonly {
    readonly certificate: string;
    readonly key: string;
    readonly identity: string | null;
    readonly hosts: readonly string[];
  }[];
}

const certificateIn = (path: string) => new X509Certificate(readFileSync(path));

describe('isola certs', () => {
  it('makes an authority, and a certificate for everybody, signed by it', async () => {
    const folder = emptyFolder();
    const args = ['--tenant', 'a', '--tenant', 'b', '--host', 'ward.example', '--host', '10.0.0.5'];
    const { code, stdout } = await isola(folder, ['certs', ...args, '--days', '3', '--json']);
    expect(code).toBe(0);
    const listed = JSON.parse(stdout) as Listed;
    const { out, purpose, validUntil, certificates, natsConfiguration } = listed;
    expect([out, purpose]).toEqual(['certs', 'development']);
    const files = certificates.flatMap(({ certificate, key }) => [certificate, key]);
    expect(readdirSync(join(folder, out)).sort()).toEqual([...files, natsConfiguration].sort());
    expect(certificates.map(({ certificate }) => certificate)).toEqual([
      ...['ca.crt', 'coordinator.crt', 'nats.crt', 'worker.crt', 'a-planner.crt', 'a-viewer.crt'],
      ...['a-operator.crt', 'b-planner.crt', 'b-viewer.crt', 'b-operator.crt'],
    ]);
    const ca = certificateIn(join(folder, out, 'ca.crt'));
    for (const { certificate, key, identity, hosts } of certificates) {
      const made = certificateIn(join(folder, out, certificate));
      expect(made.verify(ca.publicKey)).toBe(true);
      expect(made.ca).toBe(identity === null);
      expect(new Date(made.validTo).getTime() / 1000).toBe(
        Math.floor(new Date(validUntil).getTime() / 1000),
      );
      const named = identityIn(made.subjectAltName);
      expect(named && `isola://${named.tenant}/${named.role}`).toBe(identity);
      for (const host of ['ward.example', 'localhost'])
        expect(made.checkHost(host) === host).toBe(hosts.includes(host));
      expect(statSync(join(folder, out, key)).mode & 0o777).toBe(0o600);
    }
  });

  it('says what it made and what for', async () => {
    const folder = emptyFolder();
    const { code, stdout, stderr } = await isola(folder, ['certs', '--out', 'x/y']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('coordinator.crt');
    expect(stdout).toContain('isola://default/planner');
    expect(stdout).toContain('localhost 127.0.0.1 ::1');
    expect(stdout).toMatch(/^for development, until \d{4}-\d\d-\d\d: /m);
    readTls(tlsPaths(join(folder, 'x/y'), 'default-viewer'));
  });

  it('overwrites nothing, and then makes nothing', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'certs'));
    writeFileSync(join(folder, 'certs/default-viewer.key'), 'mine');
    const { code, stdout, stderr } = await isola(folder, ['certs']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--out: certs/default-viewer.key exists and is kept');
    expect(readdirSync(join(folder, 'certs'))).toEqual(['default-viewer.key']);
    expect(readFileSync(join(folder, 'certs/default-viewer.key'), 'utf8')).toBe('mine');
  });

  it.each([
    ['--tenant', 'Clinic'],
    ['--tenant', 'cluster'],
    ['--host', 'a,b'],
    ['--host', 'https://ward.example'],
    ['--nats', 'nats://n1'],
    ['--days', '826'],
  ])('refuses %s "%s" in one line', async (option, value) => {
    const folder = emptyFolder();
    const { code, stderr } = await isola(folder, ['certs', option, value]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^isola: ${option}: "${value}" is not allowed; allowed: .*\n$`),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe.skipIf(natsServerProblem() !== '')('its nats.conf', () => {
  it.each([[[]], [['n1.example']], [['n1.example', '10.0.0.2', 'fd00::3']]])(
    'is one that a nats-server takes, of %o',
    async (hosts) => {
      const folder = emptyFolder();
      await isola(folder, ['certs', '--out', '.', ...hosts.flatMap((host) => ['--nats', host])]);
      const args = ['-t', '-c', 'nats.conf', '--name', 'n1'];
      const { status, stderr } = spawnSync(natsServerPath(), args, { cwd: folder });
      expect([status, stderr.toString()]).toEqual([0, expect.stringContaining('is valid')]);
    },
  );
});

describe('the files of a process', () => {
  const problem = (paths: Parameters<typeof readTls>[0]) => {
    try {
      readTls(paths);
    } catch (error) {
      if (error instanceof InputError) return [error.place, error.problem];
      throw error;
    }
    return null;
  };

  it('are refused by the name of the one that is wrong', async () => {
    const folder = emptyFolder();
    await isola(folder, ['certs', '--out', '.']);
    const right = tlsPaths(folder, 'worker');
    const of = (name: string) => join(folder, name);
    expect(problem(right)).toBe(null);
    expect(problem({ ...right, ca: of('absent') })).toEqual([of('absent'), 'does not exist']);
    expect(problem({ ...right, key: folder })).toEqual([folder, 'is a folder; a file is needed']);
    expect(problem({ ...right, cert: right.key })?.[0]).toBe(right.key);
    expect(problem({ ...right, key: right.cert })?.[0]).toBe(right.cert);
    expect(problem({ ...right, key: of('ca.key') })).toEqual([
      of('ca.key'),
      `is not the key of ${right.cert}`,
    ]);
  });

  it('are refused once they have expired', async () => {
    const folder = emptyFolder();
    const ended = { notBefore: new Date(2020, 1), notAfter: new Date(2021, 1) };
    const { certificate, key } = await newAuthority('old', ended);
    for (const name of ['ca.crt', 'old.crt']) writeFileSync(join(folder, name), certificate);
    writeFileSync(join(folder, 'old.key'), key);
    expect(problem(tlsPaths(folder, 'old'))?.[1]).toContain('was valid until');
  });
});
