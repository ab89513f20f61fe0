import { join } from 'node:path';
import { ctNifti, maskNifti } from '@isola/formats/nifti';
import { InputError } from '@isola/optimizers/problem';
import { type Case, phantomByName, phantoms } from '@isola/planning/case';
import { type Command, Option } from 'commander';
import colors from 'picocolors';
import { checkWritable, type Files, writeFiles } from '../results/output-folder.js';
import { jsonOption } from '../terminal/options.js';
import { printJson } from '../terminal/print-json.js';
import { table } from '../terminal/table.js';

interface Options {
  readonly voxel?: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** `isola phantom [NAME]`: lists the phantoms, or writes one as volumes. */
export function addPhantom(program: Command): void {
  program
    .command('phantom')
    .description('list the built-in phantoms, or write one as NIfTI volumes')
    .argument('[name]', 'phantom to write; without it, the phantoms are listed')
    .addOption(
      new Option('--voxel <mm>', 'side of a voxel, 0.5 to 10 mm (default: 2.5)').argParser(voxelMm),
    )
    .option('-o, --out <folder>', 'folder to write (default: isola-out/NAME)')
    .addOption(jsonOption())
    .action(phantom);
}

function voxelMm(text: string): number {
  const mm = text.trim() === '' ? Number.NaN : Number(text);
  if (mm >= 0.5 && mm <= 10) return mm;
  throw new InputError('--voxel', `"${text}" is not allowed; allowed: a number from 0.5 to 10`);
}

function phantom(name: string | undefined, options: Options): void {
  if (name === undefined) list(options);
  else write(name, options);
}

function write(name: string, options: Options): void {
  const { description, build } = phantomByName(name);
  const out = options.out ?? join('isola-out', name);
  checkWritable(out);
  const built = build(options.voxel);
  const content = phantomJson(built, description);
  const { grid, hu, structures } = built;
  const masks: Files = structures.map((structure) => [
    maskFile(structure.name),
    maskNifti(structure.voxels, grid),
  ]);
  writeFiles(out, [
    ['ct.nii.gz', ctNifti(hu, grid)],
    ...masks,
    ['phantom.json', `${JSON.stringify(content, null, 2)}\n`],
  ]);
  if (options.json) printJson({ ...content, out });
  else print(content, out);
}

function print({ description, structures }: ReturnType<typeof phantomJson>, out: string): void {
  const rows = structures.map(({ name, kind, volumeCc, file }) => [
    ...[name, kind, `${volumeCc.toFixed(1)} cc`, file],
  ]);
  process.stdout.write(`${table(rows, ['left', 'left', 'right', 'left'])}\n\n`);
  process.stdout.write(`${description}\nphantom   ${colors.bold(out)}\n`);
}

function list({ voxel, out, json }: Options): void {
  if (voxel !== undefined || out !== undefined) {
    const option = voxel === undefined ? '--out' : '--voxel';
    throw new InputError(option, 'needs the name of a phantom; allowed: isola phantom NAME');
  }
  const known = phantoms.map(({ name, description }) => ({ name, description }));
  const rows = known.map(({ name, description }) => [name, description]);
  if (json) printJson({ phantoms: known });
  else process.stdout.write(`${table(rows, ['left', 'left'])}\n`);
}

function phantomJson({ name, grid, huTable, structures }: Case, description: string) {
  const voxelCc = grid.spacingMm.reduce((volume, mm) => volume * mm, 1) / 1000;
  return {
    format: 'isola-phantom/1',
    name,
    description,
    grid,
    ct: 'ct.nii.gz',
    huTable,
    structures: structures.map(({ name: structure, kind, voxels }) => ({
      ...{ name: structure, kind, voxels: voxels.length },
      ...{ volumeCc: voxels.length * voxelCc, file: maskFile(structure) },
    })),
  };
}

function maskFile(structure: string): string {
  return `mask-${structure}.nii.gz`;
}
