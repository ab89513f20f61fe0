/** The other commands of the built program, and the manners that all have in common. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readNifti } from '@isola/formats/nifti';
import { phantomByName, phantoms } from '@isola/planning/case';
import { describe, expect, it } from 'vitest';
import { emptyFolder, isola } from './built-command.js';

const ESCAPE = String.fromCharCode(27);

describe('isola', () => {
  it('without arguments shows its commands', async () => {
    const { code, stdout, stderr } = await isola(emptyFolder(), []);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of 'optimize report dose phantom validate certs doctor'.split(' ')) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
  });

  it('explains a command', async () => {
    const { code, stdout, stderr } = await isola(emptyFolder(), ['help', 'optimize']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: isola optimize [options] <plan>');
    expect(stdout).toContain('--threads <count>');
    const unknown = await isola(emptyFolder(), ['help', 'optimise']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain("help: unknown command 'optimise'; allowed: optimize,");
  });

  it('says its version', async () => {
    const { stdout } = await isola(emptyFolder(), ['--version']);
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(stdout).toBe(`${manifest.version}\n`);
  });
});

describe('isola doctor', () => {
  it('finds what the tests of this repository run on good enough', async () => {
    const { code, stdout } = await isola(emptyFolder(), ['doctor', '--json']);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string }[] };
    expect([code, ok]).toEqual([0, true]);
    expect(checks.map(({ name }) => name)).toContain('threads');
  });

  it('writes one line a check, in colour unless NO_COLOR is set', async () => {
    const coloured = await isola(emptyFolder(), ['doctor'], { env: { FORCE_COLOR: '1' } });
    const plain = await isola(emptyFolder(), ['doctor'], {
      env: { FORCE_COLOR: '1', NO_COLOR: '1' },
    });
    expect(coloured.stdout).toContain(ESCAPE);
    expect(plain.stdout).not.toContain(ESCAPE);
    for (const line of plain.stdout.trimEnd().split('\n')) expect(line).toMatch(/^(not )?ok {2}/);
  });
});

describe('isola phantom', () => {
  it('lists the phantoms', async () => {
    const { code, stdout } = await isola(emptyFolder(), ['phantom', '--json']);
    expect(code).toBe(0);
    const listed = phantoms.map(({ name, description }) => ({ name, description }));
    expect(JSON.parse(stdout)).toEqual({ phantoms: listed });
  });

  it('writes a phantom as volumes that read back the same', async () => {
    const folder = emptyFolder();
    const args = ['phantom', 'lung-slab', '--voxel', '10', '--out', 'lung', '--json'];
    const { code, stdout } = await isola(folder, args);
    expect(code).toBe(0);
    const { grid, hu, structures } = phantomByName('lung-slab').build(10);
    expect(readNifti(join(folder, 'lung/ct.nii.gz'))).toEqual({
      grid,
      values: Float32Array.from(hu),
    });
    const written = JSON.parse(stdout) as { structures: { name: string; file: string }[] };
    expect(written.structures.map(({ name }) => name)).toEqual(structures.map(({ name }) => name));
    written.structures.forEach(({ file }, i) => {
      const { values } = readNifti(join(folder, 'lung', file));
      const inside = [...values.keys()].filter((voxel) => values[voxel] === 1);
      expect(inside).toEqual([...structures[i].voxels]);
      expect(values.reduce((sum, value) => sum + value, 0)).toBe(inside.length);
    });
    expect(readdirSync(join(folder, 'lung'))).toHaveLength(2 + structures.length);
  });
});

describe('isola validate', () => {
  const tiny = join(process.env.ISOLA_DATA ?? '../shared', 'reference/matrad/tiny');

  it.skipIf(!existsSync(tiny))('agrees with matRad (reference/matrad/tiny)', async () => {
    const args = ['validate', resolve(tiny), '--json'];
    const { code, stdout, stderr } = await isola(emptyFolder(), args);
    expect([code, stderr]).toEqual([0, '']);
    const found = JSON.parse(stdout) as {
      nnz: number;
      nnzReference: number;
      withinLimits: boolean;
      optimum: { objective: number; reference: number; secondsToReference: number | null };
    };
    // Numbers of matRad (README.md of the reference).
    expect(found).toMatchObject({ nnz: 763006, nnzReference: 763006, withinLimits: true });
    expect(found.optimum.reference).toBeCloseTo(3.48060512, 8);
    expect(found.optimum.objective).toBeLessThan(3.4772139 * 1.0005);
    expect(found.optimum.secondsToReference).toBeGreaterThan(0);
  });
});
