/**
 * `npm start` and `npm test` of a checkout, from nothing but Node and npm: installs what
 * package-lock.json names (only when it is not there yet), builds, then runs the demo or the
 * checks. It runs before anything is installed, so it imports nothing but Node's own modules, and
 * it is written so that a Node which is too old still reads it far enough to say so.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_NEEDED = [20, 19];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEMO = 'optimize examples/tg119-c-shape.yaml --out isola-out/demo';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} file a script for Node, or `npm`
 * @property {string[]} args
 */

/** @type {Step} */
const INSTALL = { name: 'install', file: 'npm', args: ['ci', '--no-audit', '--no-fund'] };

/** @type {Step} */
const BUILD = { name: 'build', file: 'npm', args: ['run', '--silent', 'build'] };

/** @type {Record<string, Step[]>} */
const COMMANDS = {
  start: [BUILD, { name: 'demo', file: 'cli/bin/isola.js', args: DEMO.split(' ') }],
  test: [
    BUILD,
    { name: 'format', file: 'node_modules/@biomejs/biome/bin/biome', args: ['check', '.'] },
    { name: 'lint', file: 'node_modules/oxlint/bin/oxlint', args: ['--type-aware', '.'] },
    {
      name: 'types of tests',
      file: 'node_modules/typescript/bin/tsc',
      args: ['-p', 'tsconfig.tests.json'],
    },
    { name: 'nats-server', file: 'coordinator/bin/nats.js', args: ['--if-possible'] },
    { name: 'tests', file: 'node_modules/vitest/vitest.mjs', args: ['run'] },
  ],
};

/**
 * What is wrong with this version of Node, or nothing.
 * @param {string} version such as `20.19.0`
 */
export function nodeProblem(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1])) return '';
  return `Isola needs Node ${NODE_NEEDED.join('.')} or newer; this is Node ${version}`;
}

/**
 * Whether what is installed below `root` is missing or older than package-lock.json. npm writes
 * node_modules/.package-lock.json as the last act of an installation.
 * @param {string} root
 */
export function needsInstall(root) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return true;
  return statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs;
}

/**
 * The steps of a command in a checkout; `extra` arguments go to the last one.
 * @param {string} command
 * @param {string} root
 * @param {string[]} extra
 * @returns {Step[]}
 */
export function stepsOf(command, root, extra) {
  const steps = COMMANDS[command];
  if (steps === undefined) {
    throw new Error(`"${command}" is not known; allowed: ${Object.keys(COMMANDS).join(', ')}`);
  }
  const last = steps[steps.length - 1];
  const complete = [...steps.slice(0, -1), { ...last, args: [...last.args, ...extra] }];
  return needsInstall(root) ? [INSTALL, ...complete] : complete;
}

/**
 * Runs a step in the checkout with this process's own output; gives its exit code.
 * @param {Step} step
 */
function run(step) {
  process.stderr.write(`> ${step.name}\n`);
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: ROOT, stdio: 'inherit' };
  // npm tells its children where it is; without that, the one on the path is taken.
  const script = step.file === 'npm' ? process.env.npm_execpath : join(ROOT, step.file);
  const result =
    script === undefined
      ? spawnSync('npm', step.args, { ...options, shell: process.platform === 'win32' })
      : spawnSync(process.execPath, [script, ...step.args], options);
  if (result.error !== undefined) process.stderr.write(`${result.error.message}\n`);
  return result.status === null ? 1 : result.status;
}

function main() {
  const problem = nodeProblem(process.versions.node);
  if (problem !== '') {
    process.stderr.write(`${problem}\n`);
    return 1;
  }
  for (const step of stepsOf(process.argv[2], ROOT, process.argv.slice(3))) {
    const code = run(step);
    if (code === 0) continue;
    process.stderr.write(`npm ${process.argv[2]} ended at its step "${step.name}"\n`);
    return code;
  }
  return 0;
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  process.exitCode = main();
}
