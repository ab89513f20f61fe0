import type { Command } from 'commander';
import colors from 'picocolors';
import { type Check, checks } from '../doctor/checks.js';
import { EXIT } from '../terminal/exit-code.js';
import { jsonOption } from '../terminal/options.js';
import { printJson } from '../terminal/print-json.js';
import { table } from '../terminal/table.js';

/** `isola doctor`: checks whether this computer has what Isola needs. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check whether this computer has what Isola needs')
    .addOption(jsonOption())
    .action(doctor);
}

async function doctor({ json }: { readonly json?: boolean }): Promise<void> {
  const found = await checks();
  const ok = found.every((check) => check.ok || !check.isNeeded);
  if (json) printJson({ ok, checks: found });
  else process.stdout.write(`${table(found.map(line), ['left', 'left', 'left'])}\n`);
  process.exitCode = ok ? EXIT.done : EXIT.failed;
}

function line({ name, ok, found, advice }: Check): string[] {
  return ok
    ? [colors.green('ok'), name, found]
    : [colors.red('not ok'), name, `${found}; ${advice}`];
}
