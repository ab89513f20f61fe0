import type { jobs } from '@isola/cluster/wire';
import type { Command } from 'commander';
import { ClusterClient } from '../cluster/cluster-client.js';
import {
  type ClusterOptions,
  certsOption,
  coordinatorOption,
  identityOption,
} from '../cluster/cluster-options.js';
import { clusterPlace } from '../cluster/security.js';
import { jsonOption } from '../terminal/options.js';
import { printJson } from '../terminal/print-json.js';
import { table } from '../terminal/table.js';

interface Options extends ClusterOptions {
  readonly json?: boolean;
}

/** `isola jobs`: the jobs of a cluster. */
export function addJobs(program: Command): void {
  program
    .command('jobs')
    .description('list the jobs of a cluster')
    .addOption(coordinatorOption())
    .addOption(certsOption())
    .addOption(identityOption())
    .addOption(jsonOption())
    .action(list);
}

/** `isola cancel JOB`: ends a job of a cluster. */
export function addCancel(program: Command): void {
  program
    .command('cancel')
    .description('end the search of a job with its best so far')
    .argument('<job>', 'id of the job, as "isola jobs" shows it')
    .option('--now', 'end the job at once, without a result')
    .addOption(coordinatorOption())
    .addOption(certsOption())
    .addOption(identityOption())
    .addOption(jsonOption())
    .action(cancel);
}

async function list({ json, ...place }: Options): Promise<void> {
  const all = await withClient(place, (client) => client.list());
  if (json) printJson({ jobs: all.map(plain) });
  else if (all.length === 0) process.stdout.write('no jobs\n');
  else process.stdout.write(`${table(all.map(row), ['left', 'left', 'right', 'left'])}\n`);
}

async function cancel(
  job: string,
  { json, now = false, ...place }: Options & { readonly now?: boolean },
): Promise<void> {
  const update = await withClient(place, (client) => client.cancel(job, now));
  if (json) printJson(plain(update));
  else process.stdout.write(`job ${job}: ${update.state.toLowerCase()}\n`);
}

async function withClient<T>(
  place: ClusterOptions,
  action: (client: ClusterClient) => Promise<T>,
): Promise<T> {
  const client = new ClusterClient(clusterPlace(place));
  try {
    return await action(client);
  } finally {
    client.close();
  }
}

function row({ jobId, state, cellsAccepted, cellsTotal, ...rest }: jobs.JobUpdate) {
  const { bestValues, cause, audit } = rest;
  const best = bestValues.at(-1);
  const cost = best === undefined ? '' : `best cost ${best.toPrecision(5)}`;
  const isUnconfirmed = audit === 'missing' && state === 'SUCCEEDED';
  const note = cause || [cost, isUnconfirmed ? 'not audited' : ''].filter(Boolean).join(', ');
  return [jobId, state.toLowerCase(), `${cellsAccepted} of ${cellsTotal} cells`, note];
}

function plain({ jobId, state, cellsAccepted, cellsTotal, ...rest }: jobs.JobUpdate) {
  const { bestValues, cause, audit } = rest;
  const best = bestValues.at(-1) ?? null;
  return { job: jobId, state: state.toLowerCase(), cellsAccepted, cellsTotal, best, cause, audit };
}
