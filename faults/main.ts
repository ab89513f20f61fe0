/** `npm run faults -- NUMBER`: does a fault to a cluster, and says what came of it. */
import { parseArgs } from 'node:util';
import { faults } from './catalogue.js';
import { Disk } from './lab/disk.js';
import type { Fault, FaultOutcome } from './lab/fault.js';
import { LabCluster } from './lab/lab-cluster.js';
import { MemoryLimit } from './lab/memory-limit.js';

const OPTIONS = {
  json: { type: 'boolean', default: false },
  trials: { type: 'string' },
} as const;

const USAGE = `usage: npm run faults -- NUMBER [--trials N] [--json]

${faults.map(({ number, summary }) => `  ${String(number).padStart(2)}  ${summary}`).join('\n')}

  --trials  how often; default: as often as the fault asks for
  --json    one JSON object on stdout
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const fault = faults.find(({ number }) => String(number) === positionals[0]);
  const trials = Number(values.trials ?? fault?.trials);
  const isAsked = positionals.length === 1 && Number.isSafeInteger(trials) && trials >= 1;
  if (fault === undefined || !isAsked) {
    process.stderr.write(USAGE);
    return 2;
  }
  const lacking = fault.lacking?.() ?? '';
  if (lacking !== '') {
    process.stderr.write(`fault ${fault.number} cannot be done here: ${lacking}\n`);
    return 2;
  }
  const outcome = await outcomeOf(fault, trials, (line) => {
    if (!values.json) process.stderr.write(`${line}\n`);
  });
  const all = { fault: fault.number, ...outcome };
  process.stdout.write(`${JSON.stringify(all, null, values.json ? 0 : 2)}\n`);
  return outcome.pass ? 0 : 1;
}

/** A cluster that stops working has not passed. */
async function outcomeOf(
  fault: Fault,
  trials: number,
  progress: (line: string) => void,
): Promise<FaultOutcome> {
  try {
    return await fault.run(trials, progress);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { pass: false, isKept: false, trials, error: message };
  }
}

/** Servers outlive a process that is told to end: they are groups of their own. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void LabCluster.endAll().then(() => {
      Disk.closeAll();
      MemoryLimit.closeAll();
      process.exit(1);
    });
  });
}

process.exitCode = await main();
