import { join } from 'node:path';
import { renderReport } from '@isola/reporting';
import type { Command } from 'commander';
import colors from 'picocolors';
import { writeFile } from '../results/output-folder.js';
import { readResultFolder } from '../results/read-result-folder.js';
import { reportInput } from '../results/report-input.js';
import { jsonOption } from '../terminal/options.js';
import { printJson } from '../terminal/print-json.js';

interface Options {
  readonly out?: string;
  readonly json?: boolean;
}

/** `isola report DIR`: makes the report of a result folder anew. */
export function addReport(program: Command): void {
  program
    .command('report')
    .description('make the report of a result folder anew, from its files and the case')
    .argument('<folder>', 'folder that optimize has written')
    .option('-o, --out <file>', 'the report (default: report.html in the folder)')
    .addOption(jsonOption())
    .action(report);
}

async function report(folder: string, options: Options): Promise<void> {
  const out = options.out ?? join(folder, 'report.html');
  const { json, spec, isocenterMm, final, summary } = await readResultFolder(folder);
  writeFile(out, renderReport(reportInput(json, spec, isocenterMm, final, summary)));
  if (options.json) printJson({ planHash: json.planHash, out });
  else process.stdout.write(`report    ${colors.bold(out)}\n`);
}
