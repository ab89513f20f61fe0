import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { CLUSTER_TENANT, isTenant } from '@isola/cluster/runtime';
import { InputError } from '@isola/optimizers/problem';
import { type Command, Option } from 'commander';
import colors from 'picocolors';
import type { Certified } from '../certs/development-certificates.js';
import { natsConfiguration } from '../certs/nats-configuration.js';
import { checkWritable, writeNewFiles } from '../results/output-folder.js';
import { jsonOption } from '../terminal/options.js';
import { printJson } from '../terminal/print-json.js';
import { table } from '../terminal/table.js';

interface Options {
  readonly out: string;
  readonly tenant?: readonly string[];
  readonly host?: readonly string[];
  readonly nats?: readonly string[];
  readonly days: number;
  readonly json?: boolean;
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const NATS_CONFIGURATION = 'nats.conf';
const MAX_DAYS = 825;
const HOST = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** Keys are for who made them. */
const KEY_MODE = 0o600;
const PUBLIC_MODE = 0o644;

/** `isola certs`: makes an authority and certificates for a cluster, for development. */
export function addCerts(program: Command): void {
  program
    .command('certs')
    .description('make certificates for a cluster, for development')
    .addOption(new Option('-o, --out <folder>', 'folder to write').default('certs'))
    .addOption(
      new Option(
        '--tenant <name>',
        'whose users get some; may be repeated (default: default)',
      ).argParser(withTenant),
    )
    .addOption(
      new Option(
        '--host <name>',
        'name or address of a coordinator; may be repeated (default: this machine)',
      ).argParser(withHost('--host')),
    )
    .addOption(
      new Option(
        '--nats <name>',
        'name or address of a NATS server, one for each (default: this machine)',
      ).argParser(withHost('--nats')),
    )
    .addOption(
      new Option('--days <count>', `days they are valid, 1 to ${MAX_DAYS}`)
        .default(90)
        .argParser(dayCount),
    )
    .addOption(jsonOption())
    .action(certs);
}

function withTenant(text: string, before: readonly string[] = []): string[] {
  if (isTenant(text) && text !== CLUSTER_TENANT) return [...new Set([...before, text])];
  const allowed = `lower-case letters, digits and hyphens, but not ${CLUSTER_TENANT}`;
  throw new InputError('--tenant', `"${text}" is not allowed; allowed: ${allowed}`);
}

function withHost(option: string) {
  return (text: string, before: readonly string[] = []): string[] => {
    if (isIP(text) > 0 || (HOST.test(text) && text.length <= 253)) {
      return [...new Set([...before, text])];
    }
    const allowed = 'a name in lower case, or an address';
    throw new InputError(option, `"${text}" is not allowed; allowed: ${allowed}`);
  };
}

function dayCount(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_DAYS) return count;
  const allowed = `a whole number from 1 to ${MAX_DAYS}`;
  throw new InputError('--days', `"${text}" is not allowed; allowed: ${allowed}`);
}

async function certs(options: Options): Promise<void> {
  const { out, tenant = ['default'], host = LOOPBACK, nats = LOOPBACK, days, json } = options;
  // Loaded here: no other command needs what makes certificates.
  const { certify, clusterMembers } = await import('../certs/development-certificates.js');
  const members = clusterMembers({ tenants: tenant, hosts: host, natsHosts: nats });
  const names = members.flatMap(({ name }) => [`${name}.crt`, `${name}.key`]);
  const there = [...names, NATS_CONFIGURATION]
    .map((name) => join(out, name))
    .find((path) => existsSync(path));
  if (there !== undefined) {
    throw new InputError('--out', `${there} exists and is kept; allowed: another folder`);
  }
  checkWritable(out);
  const { validUntil, certified } = await certify(members, days);
  writeNewFiles(out, [
    ...certified.flatMap(({ name, certificate, key }) => [
      { name: `${name}.crt`, content: certificate, mode: PUBLIC_MODE },
      { name: `${name}.key`, content: key, mode: KEY_MODE },
    ]),
    { name: NATS_CONFIGURATION, content: natsConfiguration(nats), mode: PUBLIC_MODE },
  ]);
  const files = { certificates: certified.map(row), natsConfiguration: NATS_CONFIGURATION };
  if (json) printJson({ out, purpose: 'development', validUntil, ...files });
  else print(certified, out, validUntil);
}

function row({ name, identity, hosts }: Certified) {
  return { certificate: `${name}.crt`, key: `${name}.key`, identity, hosts };
}

function print(certified: readonly Certified[], out: string, validUntil: Date): void {
  const rows = certified
    .map(row)
    .map(({ certificate, key, identity, hosts }) => [
      ...[certificate, key, identity ?? 'the authority', hosts.join(' ')],
    ]);
  const until = validUntil.toISOString().slice(0, 10);
  process.stdout.write(`${table(rows, ['left', 'left', 'left', 'left'])}\n\n`);
  process.stdout.write(`for development, until ${until}: whoever has ca.key can be anybody\n`);
  process.stdout.write(`certificates   ${colors.bold(out)}\n`);
  process.stdout.write(`for nats-server, started there: -c ${NATS_CONFIGURATION} --name NAME\n`);
}
