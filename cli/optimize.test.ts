/** Whole runs of the built command on a small plan: what comes out, always the same. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNifti } from '@isola/formats/nifti';
import { readResult } from '@isola/formats/result';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, emptyFolder, isola } from './built-command.js';

/** A plan of a small phantom; `optimizer` and the grid decide how long it takes. */
function plan(optimizer: string, doseGridMm: number, bixelMm: number): string {
  return `case: phantom:cylinder-wang
machine: generic-6mv
prescription: { structure: PTV, doseGy: 60 }
beams: { gantryDeg: [0, 120, 240], bixelMm: ${bixelMm} }
doseGridMm: ${doseGridMm}
fractions: 30
objectives:
  - { structure: PTV, type: squared-deviation, doseGy: 60, weight: 1000 }
  - { structure: Organ_L, type: squared-overdosing, doseGy: 20, weight: 100 }
goals: [PTV D50% >= 30 Gy, Organ_L Dmean <= 1 Gy]
optimizer: ${optimizer}
`;
}

const folder = emptyFolder();
const file = (name: string) => readFileSync(join(folder, name));
const hashes = new Map<string, string>();
let ended: Ended | undefined;
let json: Record<string, unknown> = {};

beforeAll(async () => {
  writeFileSync(join(folder, 'plan.yaml'), plan('{ maxIterations: 8 }', 8, 10));
  for (const [out, threads] of Object.entries({ one: '1', two: '2', four: '4', again: '4' })) {
    const args = ['optimize', 'plan.yaml', '--json', '--out', out, '--threads', threads];
    ended = await isola(folder, args);
    json = JSON.parse(ended.stdout) as Record<string, unknown>;
    hashes.set(out, String(json.planHash));
  }
});

describe('isola optimize', () => {
  it('gives the same plan for every number of threads, and again', () => {
    expect(hashes.get('one')).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(hashes.values()).size).toBe(1);
    for (const name of ['dose.nii.gz', 'dvh.csv', 'fluence.json']) {
      for (const out of ['two', 'four', 'again']) {
        expect(file(`${out}/${name}`).equals(file(`one/${name}`)), `${out}/${name}`).toBe(true);
      }
    }
  });

  it('prints with --json what is in result.json, and where', () => {
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended?.stdout).toMatch(/^\{.*\}\n$/);
    const { out, ...content } = json;
    expect(out).toBe('again');
    expect(content).toEqual(JSON.parse(file('again/result.json').toString()));
    expect(content).toMatchObject({
      status: 'budget-spent',
      iterations: 8,
      planFile: '../plan.yaml',
    });
    expect(content.objective).toBeGreaterThan(0);
    expect(content.trace).toHaveLength(9);
    expect(content.goals).toMatchObject([
      { goal: 'PTV D50% >= 30 Gy', unit: 'Gy', limit: 30, met: true },
      { goal: 'Organ_L Dmean <= 1 Gy', met: false },
    ]);
  });

  it('exits with 3 for an unmet goal where that is asked for', async () => {
    const args = ['optimize', 'plan.yaml', '--fail-on-goals', '--out', 'goals'];
    const { code, stdout } = await isola(folder, args);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^met {6}PTV D50% >= 30 Gy/);
    expect(stdout).toContain('1 of 2 goals met');
    expect(stdout).toContain(`planHash  ${hashes.get('one')}`);
  });
});

describe('isola report', () => {
  it('makes the same report again, to the byte', async () => {
    const args = ['report', 'one', '--out', 'again.html', '--json'];
    const { code, stdout } = await isola(folder, args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ planHash: hashes.get('one'), out: 'again.html' });
    expect(file('again.html').equals(file('one/report.html'))).toBe(true);
  });

  it('says what is missing where the case is gone', async () => {
    const path = join(folder, 'two/result.json');
    const text = readFileSync(path, 'utf8').replace('phantom:cylinder-wang', 'openkbp:gone/pt_1');
    writeFileSync(path, text);
    const { code, stderr } = await isola(folder, ['report', 'two']);
    expect(stderr).toContain('two/result.json: plan.case: openkbp:gone/pt_1');
    expect(stderr).toContain(`${join(folder, 'gone/pt_1')}: does not exist`);
    expect(stderr).toMatch(/^[^\n]*\n$/);
    expect(code).toBe(2);
  });

  it('refuses files that are not of one result', async () => {
    const path = join(folder, 'four/fluence.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"weights":\[[^,]*/, '"weights":[1234'));
    const { code, stderr } = await isola(folder, ['report', 'four']);
    expect(stderr).toContain('dose.nii.gz and fluence.json are not those of result.json');
    expect(code).toBe(2);
  });
});

describe('isola dose', () => {
  it('gives the dose of a result for its fluence', async () => {
    const args = ['dose', 'plan.yaml', '--fluence', 'one/fluence.json', '--json'];
    const { code, stdout, stderr } = await isola(folder, args);
    expect([code, stderr]).toEqual([0, '']);
    const { planHash, out } = JSON.parse(stdout) as { planHash: string; out: string };
    expect(planHash).toBe(hashes.get('one'));
    expect(file(`${out}/dose.nii.gz`).equals(file('one/dose.nii.gz'))).toBe(true);
    expect(readdirSync(join(folder, out)).sort()).toEqual(['dose.json', 'dose.nii.gz', 'dvh.csv']);
  });

  it('takes weight 1 for all beamlets by default', async () => {
    const args = ['dose', 'plan.yaml', '--out', 'open', '--json'];
    const { stdout } = await isola(folder, args);
    const { metrics, beams } = JSON.parse(stdout) as {
      metrics: { structure: string; meanGy: number }[];
      beams: { complexity: number }[];
    };
    expect(beams.map(({ complexity }) => complexity)).toEqual([1, 1, 1]);
    const { values } = readNifti(join(folder, 'open/dose.nii.gz'));
    const largest = values.reduce((max, gy) => Math.max(max, gy), 0);
    expect(metrics.find(({ structure }) => structure === 'PTV')?.meanGy).toBeGreaterThan(
      0.9 * largest,
    );
  });
});

describe('Ctrl+C', () => {
  /** Interrupts a long run once its progress line shows `phase`. */
  async function interrupt(phase: string, out: string) {
    const text = plan('{ tolerance: 1e-15, maxIterations: 1000000 }', 4, 5);
    writeFileSync(join(folder, 'long.yaml'), text);
    let shown = '';
    let done = false;
    return isola(folder, ['optimize', 'long.yaml', '--out', out, '--json'], {
      onProgress: (piece, child) => {
        shown += piece;
        if (done || !shown.includes(phase)) return;
        done = true;
        child.kill('SIGINT');
      },
    });
  }

  it('while optimising keeps the best plan so far', async () => {
    const { code, stdout } = await interrupt('cost', 'stopped');
    expect(code).toBe(130);
    const { status, trace } = readResult(join(folder, 'stopped/result.json'));
    expect(status).toBe('cancelled');
    expect(Math.min(...trace)).toBe(trace[trace.length - 1]);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'cancelled', out: 'stopped' });
    expect(existsSync(join(folder, 'stopped/report.html'))).toBe(true);
  });

  it('before that ends at once and leaves nothing', async () => {
    const { code, stdout, stderr } = await interrupt('beam data', 'nothing');
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/isola: cancelled\n$/);
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
  });
});
