/** Bad input of every kind: one line that says where and what is allowed, code 2, no trace. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder, isola } from './built-command.js';

const plan = `case: phantom:cylinder-wang
machine: generic-6mv
prescription: { structure: PTV, doseGy: 60 }
beams: { gantryDeg: [0, 120, 240], bixelMm: 10 }
doseGridMm: 10
fractions: 30
objectives:
  - { structure: PTV, type: squared-deviation, doseGy: 60, weight: 1000 }
`;

/** The plan with one of its lines, found by its key, replaced; or with a line more. */
function planWith(line: string): string {
  const found = new RegExp(`^${line.slice(0, line.indexOf(':') + 1)}.*$`, 'm');
  return found.test(plan) ? plan.replace(found, line) : `${plan}${line}\n`;
}

/** A MATLAB 5 element. */
function matElement(type: number, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(8 + Math.ceil(data.length / 8) * 8);
  new DataView(out.buffer).setUint32(0, type, true);
  new DataView(out.buffer).setUint32(4, data.length, true);
  out.set(data, 8);
  return out;
}

function matMatrix(name: string, kind: number, size: number[], ...parts: Uint8Array[]): Uint8Array {
  const bytes = (values: Int32Array | Uint32Array) => new Uint8Array(values.buffer);
  const head = [
    matElement(6, bytes(Uint32Array.of(kind, 0))),
    matElement(5, bytes(Int32Array.from(size))),
    matElement(1, new TextEncoder().encode(name)),
  ];
  return matElement(14, Buffer.concat([...head, ...parts]));
}

function matNumbers(...values: number[]): Uint8Array {
  const data = matElement(9, new Uint8Array(Float64Array.from(values).buffer));
  return matMatrix('', 6, [1, values.length], data);
}

function matStruct(name: string, fields: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const width = 32;
  const names = Buffer.alloc(width * Object.keys(fields).length);
  for (const [k, field] of Object.keys(fields).entries()) names.write(field, width * k);
  const nameWidth = matElement(5, new Uint8Array(Int32Array.of(width).buffer));
  return matMatrix(name, 2, [1, 1], nameWidth, matElement(1, names), ...Object.values(fields));
}

function matFile(...variables: Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file');
  header.set([0, 1, 73, 77], 124);
  return Buffer.concat([header, ...variables]);
}

/** A matRad case whose header promises a thousand million voxels. */
const hugeCase = matFile(
  matStruct('ct', {
    cubeDim: matNumbers(1000, 1000, 1000),
    resolution: matStruct('', { x: matNumbers(3), y: matNumbers(3), z: matNumbers(3) }),
  }),
);

const fluence = {
  format: 'isola-fluence/1',
  monitorUnitsPerWeight: 1,
  beams: [
    {
      ...{ gantryDeg: 10, couchDeg: 0, collimatorDeg: 0, isocenterMm: [0, 0, 0] },
      ...{ beamletMm: 10, xMm: [0], zMm: [0], weights: [1] },
    },
  ],
};

/** Couch 30 with beams from below, which collide. */
const few =
  '{ method: beam-angles, candidatesDeg: [170, 180], couchDeg: [30, 0], clearance: head }';

const files: Readonly<Record<string, string | Uint8Array>> = {
  'plan.yaml': plan,
  'misspelt.yaml': planWith('beams: { gantryDegs: [0], bixelMm: 10 }'),
  'structure.yaml': planWith('prescription: { structure: PTW, doseGy: 60 }'),
  'empty.yaml': planWith("structures: { Empty: { from: 'PTV - Body' } }"),
  'miss.yaml': planWith('beams: { gantryDeg: [0], isocenter: [0, 0, 900], bixelMm: 10 }'),
  'machine.yaml': planWith('machine: generic-18mv'),
  'phantom.yaml': planWith('case: phantom:cylinder'),
  'goal.yaml': planWith("goals: ['PTV D95% >= 50']"),
  'cut.yaml': planWith('case: cut.mat'),
  'huge.yaml': planWith('case: huge.mat'),
  'kbp.yaml': planWith('case: openkbp:pt_1'),
  'search.yaml': `${planWith('beams: { count: 3, bixelMm: 10 }')}search: { method: beam-angles }\n`,
  'few.yaml': `${planWith('beams: { count: 3, bixelMm: 10 }')}search: ${few}\n`,
  'cut.mat': hugeCase.subarray(0, 200),
  'huge.mat': hugeCase,
  'fluence.json': JSON.stringify(fluence),
  'turned.yaml': planWith('beams: { gantryDeg: [0], bixelMm: 10 }'),
  'result/result.json': '{}',
  'pt_1/ct.csv': ',data\n4000,1040\n4001,nan\n',
  'pt_1/voxel_dimensions.csv': '4.0\n4.0\n2.5\n',
  'pt_1/PTV70.csv': ',data\n4000,\n',
};

/** A folder with these files. */
function workFolder(): string {
  const folder = emptyFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Where nobody may write: root may write anywhere but among the processes. */
function lockedFolder(): string {
  if (process.getuid?.() === 0) return '/proc/isola-out';
  const folder = join(emptyFolder(), 'locked');
  mkdirSync(folder, { mode: 0o555 });
  return folder;
}

/** Command line, and what its one line must hold. */
const cases: readonly (readonly [string, ...string[]])[] = [
  ['optimize absent.yaml', 'absent.yaml: does not exist; allowed: a plan file'],
  ['optimize pt_1', 'pt_1: is a folder; a file is needed; allowed: a plan file'],
  ['optimize misspelt.yaml', 'misspelt.yaml:4:10', '"gantryDegs"', 'did you mean "gantryDeg"?'],
  ['optimize structure.yaml', 'structure.yaml:3:28', "'PTW'", "there are 'Body', 'PTV'"],
  ['optimize empty.yaml', 'empty.yaml:9:22 structures.Empty', 'no voxel'],
  ['optimize miss.yaml', 'miss.yaml:4:8 beams[0]', 'misses the target', 'the field reaches 200 mm'],
  ['optimize machine.yaml', 'machine.yaml:2:10 machine', "'generic-18mv'", 'generic-6mv'],
  ['optimize phantom.yaml', 'phantom.yaml:1:7 case', "'cylinder'", 'cylinder-wang'],
  ['optimize goal.yaml', 'goal.yaml:9:9 goals[0]', 'PTV D95% >= 50'],
  ['optimize cut.yaml', 'cut.mat', 'truncated'],
  ['optimize huge.yaml', 'huge.mat', '1000 x 1000 x 1000 = 1000000000 voxels; at most 134217728'],
  ['optimize kbp.yaml', 'ct.csv:3', '"nan"'],
  ['optimize plan.yaml --out plan.yaml', '--out: plan.yaml', 'a file is in the way'],
  ['optimize plan.yaml --out plan.yaml/x', '--out: plan.yaml/x', 'a file is in the way'],
  ['optimize plan.yaml --out LOCKED', '--out: LOCKED', 'allowed: a place that can be written'],
  ['optimize plan.yaml --threads 0', '--threads: "0"', 'a whole number from 1 to 256'],
  ['dose plan.yaml --threads 1.5', '--threads: "1.5"', 'a whole number from 1 to 256'],
  ['optimize plan.yaml --fast', "optimize: unknown option '--fast'", 'isola help optimize'],
  ['optimize', "optimize: missing required argument 'plan'", 'isola help optimize'],
  ['optimise plan.yaml', "command: unknown command 'optimise'", 'Did you mean optimize?'],
  ['report one two', 'report: too many arguments', 'isola help report'],
  ['dose plan.yaml --fluence fluence.json', 'fluence.json: beams', '1 beams; the plan has 3'],
  ['dose turned.yaml --fluence fluence.json', 'fluence.json: beams.0.gantryDeg: is 10', 'gives 0'],
  ['dose search.yaml', 'search.yaml:4:17 beams.count: ', 'allowed: gantryDeg instead of count'],
  ['optimize few.yaml', 'few.yaml:4:17 beams.count: 3 beams, but 2 of 4', 'allowed: at most 2'],
  ['dose plan.yaml --fluence plan.yaml', 'plan.yaml: is not JSON'],
  ['report result', 'result.json: format'],
  ['report absent', 'absent/result.json: does not exist'],
  ['phantom cylinder', "'cylinder'", 'cylinder-wang'],
  ['phantom water-box --voxel 20', '--voxel: "20"', 'from 0.5 to 10'],
  ['phantom --out x', '--out: needs the name of a phantom'],
  ['validate result', 'meta.json: does not exist'],
];

describe('bad input', () => {
  it.concurrent.each(cases)('%s', async (line, ...parts) => {
    const folder = workFolder();
    const before = readdirSync(folder, { recursive: true });
    const locked = lockedFolder();
    const args = line.split(' ').map((word) => word.replace('LOCKED', locked));
    const { code, stdout, stderr } = await isola(folder, [...args, '--json']);
    for (const part of parts) expect(stderr).toContain(part.replace('LOCKED', locked));
    expect(stderr).toMatch(/^isola: [^\n]+\n$/);
    expect([code, stdout]).toEqual([2, '']);
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });
});

describe('a reference case', () => {
  const matrad = join(process.env.ISOLA_DATA ?? '../shared', 'reference/matrad');
  const absent = !existsSync(matrad);

  /** A copy of the tiny case, without its matrix. */
  function tinyCase(): string {
    const folder = emptyFolder();
    const filter = (path: string) => !path.includes('dij.');
    cpSync(join(matrad, 'tiny'), join(folder, 'tiny'), { recursive: true, filter });
    return folder;
  }

  it.skipIf(absent)('needs a machine (reference/matrad/tiny)', async () => {
    const { code, stdout, stderr } = await isola(tinyCase(), ['validate', 'tiny', '--json']);
    expect(stderr).toBe(
      'isola: tiny: there is no machine: neither tiny/basedata nor basedata exists; ' +
        'allowed: one of them, or --machine FILE\n',
    );
    expect([code, stdout]).toEqual([2, '']);
  });

  it.skipIf(absent)('may not have objectives that we lack (reference/matrad/tiny)', async () => {
    const folder = tinyCase();
    const meta = join(folder, 'tiny/meta.json');
    const text = readFileSync(meta, 'utf8').replaceAll('matRad_EUD', 'matRad_Unheard');
    writeFileSync(meta, text, { mode: 0o644 });
    const machine = resolve(matrad, 'basedata/photons_Generic.json');
    const args = ['validate', 'tiny', '--machine', machine];
    const { code, stdout, stderr } = await isola(folder, args);
    expect(stderr).toContain("tiny/meta.json: structure 'Cord': the objective class");
    expect(stderr).toContain("'DoseObjectives.matRad_Unheard' is not known; allowed: ");
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect([code, stdout]).toEqual([2, '']);
  });
});
