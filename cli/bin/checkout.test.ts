import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needsInstall, nodeProblem, stepsOf } from './checkout.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'isola-checkout-'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
});

afterEach(() => rmSync(root, { recursive: true }));

/** What npm leaves behind when it has installed, `seconds` after package-lock.json was written. */
function install(seconds: number): void {
  mkdirSync(join(root, 'node_modules'));
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{}');
  utimesSync(join(root, 'package-lock.json'), 1000, 1000);
  const at = 1000 + seconds;
  utimesSync(join(root, 'node_modules', '.package-lock.json'), at, at);
}

function names(command: string): string[] {
  return stepsOf(command, root, []).map((step) => step.name);
}

describe('npm start', () => {
  it('installs, builds and runs the demo in a fresh clone', () => {
    expect(needsInstall(root)).toBe(true);
    expect(names('start')).toEqual(['install', 'build', 'demo']);
  });

  it('does not install again the second time', () => {
    install(1);
    expect(names('start')).toEqual(['build', 'demo']);
  });

  it('installs again when package-lock.json is newer than what is installed', () => {
    install(-1);
    expect(names('start')).toEqual(['install', 'build', 'demo']);
  });

  it('installs again when an installation was cut short', () => {
    mkdirSync(join(root, 'node_modules'));
    expect(needsInstall(root)).toBe(true);
  });
});

describe('npm test', () => {
  it('builds and checks all before the tests, and passes arguments on to them', () => {
    install(1);
    const checks = ['format', 'lint', 'types of tests'];
    expect(names('test')).toEqual(['build', ...checks, 'nats-server', 'tests']);
    expect(stepsOf('test', root, ['shared/formats']).at(-1)?.args).toEqual([
      'run',
      'shared/formats',
    ]);
  });
});

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '26.1.0'])('%s is enough', (version) => {
    expect(nodeProblem(version)).toBe('');
  });

  it.each(['12.22.12', '18.20.4', '20.18.3'])('%s is too old', (version) => {
    expect(nodeProblem(version)).toBe(`Isola needs Node 20.19 or newer; this is Node ${version}`);
  });

  it('is the one that package.json asks for', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { engines } = JSON.parse(text) as { engines: { node: string } };
    expect(nodeProblem('0.0.0')).toContain(`Node ${engines.node.replace('>=', '')} or newer`);
  });
});

describe('isola before it is built', () => {
  it('says so in one line and exits with 1', () => {
    const bin = join(root, 'bin');
    mkdirSync(bin);
    const script = readFileSync(fileURLToPath(new URL('./isola.js', import.meta.url)), 'utf8');
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(bin, 'isola.js'), script);
    const result = spawnSync(process.execPath, [join(bin, 'isola.js')], { encoding: 'utf8' });
    expect(result.stderr).toBe('isola is not built yet: run "npm run build"\n');
    expect(result.stdout).toBe('');
    expect(result.status).toBe(1);
  });
});
