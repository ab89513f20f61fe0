import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, startNatsServer } from '@isola/coordinator/nats';
import { isola } from 'isola/built-command';
import { startPart, startWorker } from 'isola/cluster-processes';
import type { Fault } from '../lab/fault.js';
import { labPlan } from '../lab/lab-plan.js';
import { temporaryFolder } from '../lab/temporary.js';
import { endOf, submitPlan } from '../lab/web-jobs.js';

/** In each plan so many structures are called like patients. */
const STRUCTURES = 20;
const FORMS = [
  (n: number) => `CANARY${n}^JANE^^^DR`,
  (n: number) => `Canary${n} Jane`,
  (n: number) => `CANARY-${n}-00815`,
  (n: number) => `canary${n} left of the rectum`,
];

/** Names of patients in plans, names of structures, keys and paths; then all that is written. */
export const canaries: Fault = {
  number: 25,
  summary: 'names of patients in all that comes in',
  trials: 200,
  async run(trials) {
    const names = Array.from({ length: trials }, (_, n) => FORMS[n % FORMS.length](n));
    const folder = temporaryFolder('canaries');
    const server = await startNatsServer({ folder: join(folder, 'nats') });
    const ports = await freePorts(2);
    const [rpc, web] = ports.map((port) => `127.0.0.1:${port}`);
    const log = ['--nats', server.url, '--nats-monitor', server.monitorUrl];
    const serve = ['serve', '--listen', rpc, '--http', web, ...log];
    const coordinator = await startPart(folder, serve, /listens on/);
    const worker = await startWorker(folder, rpc, 'w0', ['--metrics', '127.0.0.1:0']);
    const said: string[] = [];
    for (const { child } of [coordinator, worker]) {
      child.stdout?.on('data', (text: Buffer) => said.push(text.toString()));
      child.stderr?.on('data', (text: Buffer | string) => said.push(text.toString()));
    }
    try {
      const errors: string[] = [];
      let jobs = 0;
      for (let first = 0; first < names.length; first += STRUCTURES) {
        const some = names.slice(first, first + STRUCTURES);
        const job = await endOf(web, await submitPlan(web, planWith(some)));
        errors.push(JSON.stringify(job));
        jobs++;
      }
      for (const name of names) errors.push(...(await strayCalls(web, name)));
      const { stderr } = await isola(folder, ['jobs', '--coordinator', rpc]);
      const pages = ['/metrics', '/readyz', '/v1/jobs', '/v1/openapi.json'];
      const told = await Promise.all(pages.map((path) => textOf(`http://${web}${path}`)));
      const monitor = `${server.monitorUrl}/jsz?accounts=true&streams=true&config=true`;
      const subjects = await subjectsOf(server.monitorUrl);
      const places: Record<string, string> = {
        logs: said.join(''),
        serverLog: readFileSync(join(folder, 'nats', 'nats-server.log'), 'utf8'),
        pages: told.join('\n'),
        monitor: (await textOf(monitor)) + subjects,
        files: readdirSync(folder, { recursive: true, encoding: 'utf8' }).join('\n'),
        errors: errors.join('\n') + stderr,
      };
      const hits = Object.fromEntries(
        Object.entries(places).map(([place, text]) => [place, hitsIn(text)]),
      );
      const all = Object.values(hits).reduce((sum, count) => sum + count, 0);
      const searched = Object.values(places).reduce((sum, text) => sum + text.length, 0);
      const isKept = all === 0;
      return { pass: isKept, isKept, trials, jobs, found: all, hits, searchedCharacters: searched };
    } finally {
      await Promise.all([worker.end(), coordinator.end()]);
      await server.kill();
    }
  },
};

/** A plan with goals and objectives for structures of these names. */
function planWith(names: readonly string[]): string {
  const objectives = names.map(
    (name) => `  - { structure: '${name}', type: squared-overdosing, doseGy: 15, weight: 50 }`,
  );
  return labPlan(1).replace(/^ {2}- \{ structure: Core.*$/m, objectives.join('\n'));
}

/** Answers to calls that name a patient where no name belongs. */
async function strayCalls(web: string, name: string): Promise<string[]> {
  const path = encodeURIComponent(name);
  const yaml = { 'content-type': 'application/yaml', 'idempotency-key': `key-${path}` };
  const wrong = labPlan(1).replace('generic-6mv', `'${name}'`);
  const answers = await Promise.all([
    fetch(`http://${web}/v1/jobs/${path}`),
    fetch(`http://${web}/v1/jobs/${path}/events`),
    fetch(`http://${web}/v1/jobs?cursor=${path}`),
    fetch(`http://${web}/${path}`),
    fetch(`http://${web}/v1/jobs`, { method: 'POST', headers: yaml, body: `${name}: [` }),
    fetch(`http://${web}/v1/jobs`, { method: 'POST', headers: yaml, body: wrong }),
  ]);
  // What is wrong with a plan is told to who has sent it, in the plan's own words.
  return Promise.all(answers.slice(0, 4).map((answer) => answer.text()));
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** What clients listen to, as a server tells. */
function subjectsOf(monitorUrl: string): Promise<string> {
  return textOf(`${monitorUrl}/connz?subs=true`);
}

function hitsIn(text: string): number {
  return text.match(/canary|jane|rectum/gi)?.length ?? 0;
}
