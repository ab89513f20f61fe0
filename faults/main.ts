/** `npm run faults -- NUMBER`: does a fault to real processes, and prints what held. */
import { Command } from 'commander';
import { faults } from './catalogue.js';
import type { Figures } from './lab/fault.js';

interface Options {
  readonly json?: boolean;
  readonly trials?: string;
}

new Command('faults')
  .description('Does faults to clusters of real processes, and says what held.')
  .argument('<number>', `one of ${faults.map(({ number }) => number).join(', ')}`)
  .option('--trials <count>', 'how often; fewer for a short look')
  .option('--json', 'print one JSON object')
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = 1;
    console.error(error);
  });

async function run(number: string, { json, trials }: Options): Promise<void> {
  const fault = faults.find((each) => String(each.number) === number);
  if (fault === undefined) throw new Error(`there is no fault ${number}`);
  const startMs = performance.now();
  const figures = await fault.run(Number(trials ?? fault.trials));
  const seconds = Math.round((performance.now() - startMs) / 1000);
  if (json) console.log(JSON.stringify({ fault: fault.number, ...figures, seconds }));
  else print(fault.title, { ...figures, seconds });
  process.exitCode = figures.pass ? 0 : 1;
}

function print(title: string, figures: Figures): void {
  console.log(`${figures.pass ? 'held' : 'DID NOT HOLD'}: ${title}`);
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(18)} ${value}`);
}
