#!/usr/bin/env node
/**
 * `npm run nats`: brings the nats-server that `isola up` and the tests start into .nats/ of this
 * checkout, unless it is there. It is built from source with Go: what Go downloads is compared with
 * the checksum below before anything of it runs, and the source's own go.sum, which that checksum
 * covers, holds those of all it stands on. With `--if-possible` it is no failure where that cannot
 * be done. It runs before anything is installed, so it imports nothing but Node's own modules.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULE = 'github.com/nats-io/nats-server/v2';
const VERSION = 'v2.15.2';
const SUM = 'h1:yLsgt2kslgymvxvjFq1WGWck5hkat2YYfbXvQ145tzU=';

const FOLDER = fileURLToPath(new URL('../../.nats', import.meta.url));
const SUFFIX = process.platform === 'win32' ? '.exe' : '';

/** Where it is brought to. */
export const NATS_SERVER = join(FOLDER, `nats-server${SUFFIX}`);

/**
 * Brings the server; says what hindered it, or nothing.
 * @returns {string}
 */
export function bringNatsServer() {
  if (versionOf(NATS_SERVER) === VERSION) return '';
  const remedy = `get ${VERSION} from github.com/nats-io/nats-server/releases, put it on the PATH`;
  if (go(['version']).status !== 0) return `nats-server cannot be built without Go; ${remedy}`;
  process.stderr.write(`building nats-server ${VERSION}: a minute or two\n`);
  const download = go(['mod', 'download', '-json', `${MODULE}@${VERSION}`]);
  if (download.status !== 0) return `Go cannot download nats-server: ${why(download)}; ${remedy}`;
  const source = JSON.parse(download.stdout);
  if (source.Sum !== SUM) {
    return `nats-server ${VERSION} is not what it was: its checksum is ${source.Sum}, not ${SUM}`;
  }
  const unfinished = join(FOLDER, `nats-server.${process.pid}${SUFFIX}`);
  const build = go(['build', '-trimpath', '-mod=readonly', '-o', unfinished, '.'], source.Dir);
  if (build.status === 0) renameSync(unfinished, NATS_SERVER);
  rmSync(unfinished, { force: true });
  return build.status === 0 ? '' : `nats-server does not build: ${why(build)}; ${remedy}`;
}

/**
 * What `nats-server -v` of a program says, such as `v2.15.2`; empty where there is none.
 * @param {string} program
 */
function versionOf(program) {
  const { stdout } = spawnSync(program, ['-v'], { encoding: 'utf8' });
  const found = /v\d+\.\d+\.\d+\S*/.exec(stdout || '');
  return found === null ? '' : found[0];
}

/**
 * Runs Go without the settings of its user that would change what is built. The database of
 * checksums is not asked, as SUM stands for it.
 * @param {string[]} args
 * @param {string} [cwd]
 */
function go(args, cwd = FOLDER) {
  mkdirSync(FOLDER, { recursive: true });
  const env = { ...process.env, GOFLAGS: '', GOSUMDB: 'off', GOWORK: 'off', CGO_ENABLED: '0' };
  return spawnSync('go', args, { cwd, env, encoding: 'utf8' });
}

/**
 * The last words of a command, on one line.
 * @param {import('node:child_process').SpawnSyncReturns<string>} result
 */
function why(result) {
  const said = `${result.stdout}\n${result.stderr}`.trim().split('\n');
  return said[said.length - 1];
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  const problem = bringNatsServer();
  if (problem !== '') process.stderr.write(`${problem}\n`);
  process.exitCode = problem === '' || process.argv.includes('--if-possible') ? 0 : 1;
}
