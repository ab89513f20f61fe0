/** `npm run bench -- NAME`: measures, and prints tables or JSON lines. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { angles } from './angles/angles.js';
import { classic } from './classic/classic.js';
import { cluster } from './cluster/cluster.js';
import { doseInfluenceBench } from './dose-influence/dose-influence.js';
import { fluence } from './fluence/fluence.js';
import { dataFolder } from './inputs/places.js';
import { kernels } from './kernels/kernels.js';
import type { Bench } from './measurement/bench.js';
import { thisMachine } from './measurement/machine.js';
import { jsonLine, type RecordLine, recorder, tables } from './measurement/output.js';
import { openKbp } from './openkbp/openkbp.js';
import { peers } from './peers/peers.js';
import { shards } from './shards/shards.js';
import { wang } from './wang/wang.js';

const BENCHES: readonly Bench[] = [
  kernels,
  doseInfluenceBench,
  fluence,
  openKbp,
  peers,
  classic,
  wang,
  angles,
  cluster,
  shards,
];

const OPTIONS = {
  full: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
} as const;

const USAGE = `usage: npm run bench -- NAME [--full] [--json] [--write]

${BENCHES.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`).join('\n')}

  --full           the sizes of published figures, on a machine that does nothing else
  --json           one JSON object a line on stdout
  --write          openkbp: writes docs/openkbp.md
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [name, ...more] = positionals;
  if (name === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const bench = BENCHES.find((candidate) => candidate.name === name);
  if (bench === undefined || more.length > 0)
    throw new UsageError(`"${positionals.join(' ')}" is no bench`);
  const machine = thisMachine();
  const lines: RecordLine[] = [];
  const records = recorder(name, machine, (line) => {
    lines.push(line);
    if (values.json) process.stdout.write(`${jsonLine(line)}\n`);
    else process.stderr.write(`${line.case}\n`);
  });
  await bench.run(
    {
      ...{ isFull: values.full, writesPage: values.write, dataFolder },
      threads: availableParallelism(),
    },
    records,
  );
  const { cpu, cores, node } = machine;
  if (!values.json) {
    process.stdout.write(`\n${name}: ${cpu}, ${cores} cores, Node ${node}\n\n${tables(lines)}\n`);
  }
  return lines.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

/** Names what was asked for and is not there. */
class UsageError extends Error {}

try {
  process.exitCode = await main();
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!isUsage) throw error;
  process.stderr.write(`bench: ${message}\n\n${USAGE}`);
  process.exitCode = 2;
}
