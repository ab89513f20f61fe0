/** The rules of this repository, applied to it; and each rule shown to fail on a planted tree. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as code from './tidy/code-rules.js';
import * as house from './tidy/house-rules.js';
import * as imports from './tidy/import-rules.js';
import * as lists from './tidy/list-rules.js';
import { plant, readTree, type Tree } from './tidy/tree.js';

type Rule = (tree: Tree) => string[];
type Files = Readonly<Record<string, string>>;

const repository = readTree(fileURLToPath(new URL('.', import.meta.url)));

const lines = (count: number) => Array.from({ length: count }, (_, i) => `f(${i});`).join('\n');

/** A package.json; `more` are its other keys. */
const manifest = (name: string, more: object = {}) =>
  JSON.stringify({
    name,
    version: '1.0.0',
    description: 'what it is for',
    exports: { './*': { types: './dist/*/index.d.ts', default: './dist/*/index.js' } },
    ...more,
  });

const packages = {
  'package.json': manifest('root', { workspaces: ['shared/kernels', 'shared/planning'] }),
  'shared/kernels/package.json': manifest('@isola/kernels'),
  'shared/planning/package.json': manifest('@isola/planning', {
    dependencies: { '@isola/kernels': '1.0.0' },
  }),
};

const importing = (specifier: string) => `import { a } from '${specifier}';\na();\n`;

/** Each rule, a tree that breaks it, and a tree much like it that does not. */
const rules: readonly (readonly [Rule, bad: Files, good: Files])[] = [
  [code.longLines, { 'a.ts': `// ${'x'.repeat(98)}` }, { 'a.ts': `// ${'x'.repeat(97)}` }],
  [code.longFiles, { 'a.ts': lines(401) }, { 'a.ts': lines(400), 'a.test.ts': lines(600) }],
  [
    code.longFunctions,
    { 'cli/a.ts': `export const a = () => {\n${lines(69)}\n};` },
    {
      'cli/a.ts': `export function a() {\n${lines(68)}\n}`,
      'cli/a.test.ts': `describe.each([1])('a', () => {\n${lines(99)}\n});`,
      'shared/kernels/a/b.ts': `export function a() {\n${lines(148)}\n}`,
    },
  ],
  [
    code.hostCalls,
    { 'shared/planning/case/a.ts': 'export const now = () => Date.now();' },
    {
      'shared/planning/case/a.ts': 'export const now = (clock) => clock.process + clock.Date;',
      'shared/planning/case/a.test.ts': 'console.log(Date.now());',
      'shared/kernels/backends/a.ts': "import { cpus } from 'node:os';\ncpus(process.env);",
    },
  ],
  [
    code.hostCalls,
    { 'shared/optimizers/a/b.ts': "import { readFileSync } from 'node:fs';\nreadFileSync();" },
    { 'shared/formats/a/b.ts': "import { readFileSync } from 'node:fs';\nreadFileSync();" },
  ],
  [
    code.engineMath,
    { 'shared/kernels/grid/a.ts': 'export const a = (x) => Math.hypot(x, 1);' },
    {
      'shared/kernels/grid/a.ts': 'export const a = (x) => Math.sqrt(x * x + 1) + Math.PI;',
      'shared/kernels/grid/a.test.ts': 'f(Math.hypot(1, 2 ** 3));',
    },
  ],
  [
    code.engineMath,
    { 'shared/planning/dose/a.ts': 'export const a = (x) => x ** 2;' },
    { 'shared/reporting/a.ts': 'export const a = (x) => x ** 2;' },
  ],
  [
    code.engineMath,
    { 'shared/planning/dose/a.ts': 'const { abs, random } = Math;\nexport const a = random;' },
    { 'shared/planning/dose/a.ts': 'const { abs, max } = Math;\nexport const a = x.Math;' },
  ],
  [
    code.domainWords,
    { 'shared/kernels/grid/a.ts': 'export const maxDoseGy = 1;' },
    { 'shared/kernels/grid/a.ts': 'export const planeIndex = 1; // explanation' },
  ],
  [code.emptyNames, { 'cli/utils/a.ts': '' }, { 'cli/library/commonality.ts': '' }],
  [code.emptyNames, { 'cli/helpers.test.ts': '' }, { 'cli/prototypes.ts': '' }],
  [code.leftovers, { 'a.ts': `// ${'TO'}${'DO'} later` }, { 'a.ts': '// what to do' }],
  [
    code.leftovers,
    { 'a.test.ts': ['it', "only('x', () => {});"].join('.') },
    { 'a.test.ts': "it.skipIf(absent)('x', () => {});" },
  ],
  [
    imports.packageDirection,
    { ...packages, 'shared/kernels/grid/a.ts': importing('@isola/planning/case'), ...caseIndex() },
    { ...packages, 'shared/planning/dose/a.ts': importing('@isola/kernels/grid'), ...gridIndex() },
  ],
  [
    imports.packageDirection,
    {
      ...packages,
      'shared/planning/dose/a.ts': importing('../../kernels/grid/index.js'),
      ...gridIndex(),
    },
    { ...packages, 'shared/planning/dose/a.ts': importing('../case/index.js'), ...caseIndex() },
  ],
  [
    imports.packageDirection,
    { ...packages, 'shared/formats/plan/a.ts': importing('@isola/planning/case'), ...caseIndex() },
    { ...packages, 'shared/formats/nifti/a.ts': importing('@isola/planning/case'), ...caseIndex() },
  ],
  [
    imports.packageDirection,
    { ...processes(), 'coordinator/jobs/a.ts': importing('@isola/worker/cells') },
    { ...processes(), 'cli/local/a.ts': importing('@isola/worker/cells') },
  ],
  [
    imports.packageDirection,
    { ...processes(), 'worker/cells/a.ts': importing('@isola/coordinator/jobs') },
    { ...processes(), 'cli/local/a.ts': importing('@isola/coordinator/jobs') },
  ],
  [
    imports.packageDirection,
    { ...packages, ...gridIndex(), 'coordinator/jobs/a.ts': importing('@isola/kernels/grid') },
    { ...packages, ...gridIndex(), 'worker/cells/a.ts': importing('@isola/kernels/grid') },
  ],
  [imports.packagesInOrder, { 'shared/new/package.json': manifest('@isola/new') }, packages],
  [
    imports.planningOrder,
    { 'shared/planning/case/a.ts': importing('../dose/b.js'), 'shared/planning/dose/b.ts': '' },
    { 'shared/planning/dose/b.ts': importing('../case/a.js'), 'shared/planning/case/a.ts': '' },
  ],
  [
    imports.cycles,
    { 'a.ts': importing('./b.js'), 'b.ts': importing('./c.js'), 'c.ts': importing('./a.js') },
    { 'a.ts': importing('./b.js'), 'b.ts': importing('./c.js'), 'c.ts': '' },
  ],
  [
    imports.unreachable,
    { 'cli/main.ts': '', 'cli/lost.ts': importing('./main.js') },
    {
      'cli/main.ts': "new Worker(new URL('./thread.js', import.meta.url));",
      'cli/thread.ts': importing('./found.js'),
      'cli/found.ts': '',
      'cli/a.test.ts': '',
    },
  ],
  [
    imports.declaredImports,
    { ...packages, 'shared/kernels/grid/a.ts': importing('zod') },
    { ...packages, 'shared/planning/case/a.ts': importing('@isola/kernels/grid') },
  ],
  [
    imports.foreignCode,
    { 'shared/planning/case/a.ts': importing('zod/v4') },
    {
      'shared/kernels/backends/a.ts': importing('piscina'),
      'shared/planning/case/a.ts': importing('@isola/kernels/grid'),
    },
  ],
  [
    lists.objectivesInCatalogue,
    { ...objectives("import './mean.js';"), 'shared/planning/objectives/new.ts': objective('New') },
    objectives("import './mean.js';"),
  ],
  [
    lists.mapsAreChecked,
    {
      'a.ts': 'export function a(): Promise<DoseMap> { return b(); }',
      'b.ts': 'export interface DoseMap extends DifferentiableMap {}',
    },
    {
      'a.ts': 'export function a(): Promise<DifferentiableMap> { return b(); }',
      'a.test.ts': `${importing('./a.js')}a().pullback();`,
    },
  ],
  [
    lists.lawsAreWalked,
    {
      'a.ts': 'export function a(): Promise<Store<E>> { return b(); }',
      'a.test.ts': `${importing('./a.js')}walk(exchangeLaws);`,
    },
    {
      'a.ts': 'export function a(): Promise<Store<E>> { return b(); }',
      'a.test.ts': `${importing('./a.js')}walk(storeLaws);`,
      'b.ts': 'export class B implements Exchange<E> {}',
      'b.test.ts': `${importing('./b.js')}walk(exchangeLaws);`,
    },
  ],
  [
    house.exactVersions,
    { 'package.json': manifest('root', { dependencies: { zod: '^4.0.0' } }) },
    { 'package.json': manifest('root', { dependencies: { zod: '4.0.0', isola: '1.0.0' } }) },
  ],
  [
    house.exactVersions,
    { ...packages, 'cli/package.json': manifest('isola', { version: '1.0.1' }) },
    { ...packages, 'cli/package.json': manifest('isola') },
  ],
  [
    house.lockNamesNoRegistry,
    { 'package-lock.json': '{ "resolved": "https://registry.example/a.tgz" }' },
    { 'package-lock.json': '{ "resolved": "shared/kernels", "link": true }' },
  ],
  [
    house.lockIsComplete,
    {
      'package-lock.json': lock({ 'node_modules/a': { optionalDependencies: { 'a-win32': '1' } } }),
    },
    {
      'package-lock.json': lock({
        'node_modules/a': { optionalDependencies: { 'a-win32': '1' } },
        'node_modules/a-win32': {},
      }),
    },
  ],
  [
    house.dependenciesAreDecided,
    { 'package.json': manifest('root', { devDependencies: { zod: '4.0.0' } }) },
    {
      'package.json': manifest('root', { devDependencies: { zod: '4.0.0' } }),
      'docs/decisions.md': '| `zod` | checks |\n',
    },
  ],
  [
    house.dependenciesAreDecided,
    { ...packages, 'docs/decisions.md': '| `zod` | checks |\n' },
    { ...packages, 'docs/decisions.md': '' },
  ],
  [
    house.decisionsAreShort,
    { 'docs/decisions.md': `# D\n\n## 1. A\n${'x\n'.repeat(15)}` },
    { 'docs/decisions.md': `# D\n\n## 1. A\n${'x\n'.repeat(14)}\n## 2. B\nx\n` },
  ],
  [
    house.decisionsAreShort,
    { 'docs/decisions.md': '# D\n\n## 2. B\n' },
    { 'docs/decisions.md': '# D\n\n## 1. A\n\n## Dependencies\n' },
  ],
  [
    house.foldersAreExplained,
    { ...packages, 'shared/kernels/grid/index.ts': "export * from './grid.js';\n" },
    { ...packages, 'shared/kernels/grid/index.ts': '/** Grid: regular voxel grids. */\n' },
  ],
  [
    house.foldersAreExplained,
    { ...packages, 'cli/package.json': manifest('isola', { description: undefined }) },
    packages,
  ],
];

function lock(entries: object): string {
  return JSON.stringify({ packages: entries });
}

function caseIndex(): Files {
  return { 'shared/planning/case/index.ts': '/** Case: the patient. */\n' };
}

function gridIndex(): Files {
  return { 'shared/kernels/grid/index.ts': '/** Grid: voxels. */\n' };
}

/** A coordinator and a worker. */
function processes(): Files {
  return {
    'coordinator/package.json': manifest('@isola/coordinator'),
    'worker/package.json': manifest('@isola/worker'),
    'coordinator/jobs/index.ts': '/** Jobs: what is to be done. */\n',
    'worker/cells/index.ts': '/** Cells: what is done. */\n',
  };
}

function objective(name: string): string {
  return `export class ${name} implements Objective {}\n`;
}

function objectives(catalogue: string): Files {
  return {
    'shared/planning/objectives/mean.ts': objective('Mean'),
    'shared/planning/objectives/catalogue.ts': catalogue,
    'shared/planning/objectives/catalogue.test.ts': importing('./catalogue.js'),
  };
}

describe('the repository', () => {
  it.each([...new Set(rules.map(([rule]) => rule))].map((rule) => [rule.name, rule] as const))(
    'keeps the rule %s',
    (_name, rule) => {
      expect(rule(repository)).toEqual([]);
    },
  );

  it('has a fresh tree in README.md (npm run generate writes it)', async () => {
    await expect(house.freshReadme(repository)).toMatchFileSnapshot('./README.md');
  });
});

describe('a rule', () => {
  it.each(rules.map(([rule, bad, good], i) => [i, rule.name, rule, bad, good] as const))(
    '%i (%s) can fail, and does not fail on what is right',
    (_i, _name, rule, bad, good) => {
      expect(rule(plant(bad))).toHaveLength(1);
      expect(rule(plant(good))).toEqual([]);
    },
  );

  it('is planted for every rule there is', () => {
    const all = [code, imports, lists, house].flatMap((module) => Object.values(module));
    const planted = new Set<unknown>(rules.map(([rule]) => rule));
    const noRules: unknown[] = [imports.reachedFrom, house.readmeTree, house.freshReadme];
    expect(all.filter((entry) => !planted.has(entry) && !noRules.includes(entry))).toEqual([]);
  });

  it('writes the tree of README from descriptions and first lines', () => {
    const tree = plant({ ...packages, ...gridIndex(), 'docs/a.md': '' });
    expect(house.readmeTree(tree).split('\n')).toEqual([
      'shared/kernels/     what it is for',
      '  grid/             voxels',
      'shared/planning/    what it is for',
      'docs/               architecture, decisions, how to release',
    ]);
  });
});
