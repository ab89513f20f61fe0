/** Rules about who imports whom: direction of packages and folders, cycles, unreachable files. */
import { posix } from 'node:path';
import { type CodeFile, finding, type Tree } from './tree.js';

/** A package imports only packages of earlier rows; those of one row know nothing of each other. */
const PACKAGES = [
  ['shared/kernels'],
  ['shared/optimizers'],
  ['shared/planning'],
  ['shared/learning'],
  ['shared/formats'],
  ['shared/reporting'],
  ['proto'],
  ['shared/cluster'],
  ['coordinator', 'worker'],
  ['cli'],
  ['simulation'],
  ['faults', 'bench'],
];

/** A folder of planning imports only folders to its left. */
const PLANNING =
  'case machines beams dose objectives metrics delivery problem searches pareto'.split(' ');

/** Beyond the order: who may not see whom, though it stands to the right. */
const APART = [
  ['shared/formats/plan/', 'shared/planning/'],
  ['coordinator/', 'shared/kernels/'],
  ['coordinator/', 'shared/optimizers/'],
  ['coordinator/', 'shared/planning/'],
];

interface Edge {
  readonly from: CodeFile;
  readonly to: string;
  readonly start: number;
}

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly exports?: Record<string, ExportTarget>;
}

type ExportTarget = string | { readonly default: string };

/** Imports of our own files. */
function edges(tree: Tree): Edge[] {
  const packages = manifests(tree);
  return tree.code.flatMap((from) =>
    from.imports.flatMap(({ specifier, start }) => {
      const to = specifier.startsWith('.')
        ? posix.join(posix.dirname(from.path), specifier)
        : exported(packages, specifier);
      const file =
        to && [to, to.replace(/\.js$/, '.ts'), `${to}.ts`].find((p) => tree.texts.has(p));
      return file ? [{ from, to: file, start }] : [];
    }),
  );
}

function manifests({ texts }: Tree): Map<string, Manifest> {
  const paths = [...texts.keys()].filter((path) => path.endsWith('/package.json'));
  return new Map(
    paths.map((path) => [posix.dirname(path), JSON.parse(texts.get(path) ?? '') as Manifest]),
  );
}

/** The source of what a package exports under this name: `@isola/kernels/grid`. */
function exported(packages: Map<string, Manifest>, specifier: string): string | undefined {
  for (const [folder, { name, exports = {} }] of packages) {
    if (name === undefined || (specifier !== name && !specifier.startsWith(`${name}/`))) continue;
    const entry = `.${specifier.slice(name.length)}`;
    const target = exports[entry] ?? exports['./*'];
    return target && sourceOf(folder, target).replace('*', entry.slice(2));
  }
  return undefined;
}

/** Where the source of a built file lies. */
function sourceOf(folder: string, target: ExportTarget): string {
  const built = typeof target === 'string' ? target : target.default;
  return posix.join(folder, built.replace('./dist/', ''));
}

function packageOf(path: string): string | undefined {
  return PACKAGES.flat().find((name) => path.startsWith(`${name}/`));
}

/** Packages import in one direction, through what they export, and keep apart what is apart. */
export function packageDirection(tree: Tree): string[] {
  const rank = (name: string) => PACKAGES.findIndex((row) => row.includes(name));
  return edges(tree).flatMap(({ from, to, start }) => {
    const [here, there] = [packageOf(from.path), packageOf(to)];
    if (here === undefined || there === undefined || here === there) {
      return apart(from, to) ? [finding(from, start, `may not import ${to}`)] : [];
    }
    const relative = from.imports.some((i) => i.start === start && i.specifier.startsWith('.'));
    if (relative) return [finding(from, start, `reaches into ${there}; import its name instead`)];
    const backwards = rank(there) >= rank(here);
    if (!backwards && !apart(from, to)) return [];
    return [finding(from, start, `${here} may not import ${there}`)];
  });
}

function apart(from: CodeFile, to: string): boolean {
  return APART.some(([a, b]) => !from.isTest && from.path.startsWith(a) && to.startsWith(b));
}

/** Every package stands in the order above. */
export function packagesInOrder(tree: Tree): string[] {
  return [...manifests(tree).keys()]
    .filter((folder) => packageOf(`${folder}/`) === undefined)
    .map((folder) => `${folder}/package.json: this package has no place in the import order`);
}

/** The folders of planning import in the order of the data. */
export function planningOrder(tree: Tree): string[] {
  const folderOf = (path: string) => /^shared\/planning\/([^/]+)\//.exec(path)?.[1];
  return edges(tree).flatMap(({ from, to, start }) => {
    const [here, there] = [folderOf(from.path), folderOf(to)];
    if (from.isTest || here === undefined || there === undefined || here === there) return [];
    if (!PLANNING.includes(here))
      return [finding(from, start, `${here}/ has no place in planning`)];
    if (PLANNING.indexOf(there) < PLANNING.indexOf(here)) return [];
    return [finding(from, start, `planning/${here} may not import planning/${there}`)];
  });
}

/** No file imports itself, not even around corners. */
export function cycles(tree: Tree): string[] {
  const next = followers(tree);
  const found: string[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string) => {
    const at = way.indexOf(path);
    if (at >= 0) found.push(`${path}: a cycle: ${[...way.slice(at), path].join(' > ')}`);
    if (at >= 0 || done.has(path)) return;
    way.push(path);
    for (const to of next.get(path) ?? []) visit(to);
    way.pop();
    done.add(path);
  };
  for (const { path } of tree.code) visit(path);
  return found;
}

/** Every TypeScript file is reached from an index, a main, a test, a script or an export. */
export function unreachable(tree: Tree): string[] {
  const exportedFiles = [...manifests(tree)].flatMap(([folder, { exports = {} }]) =>
    Object.values(exports).map((entry) => sourceOf(folder, entry).replace(/\.js$/, '.ts')),
  );
  const entries = tree.code.filter(
    ({ path, isTest }) =>
      isTest ||
      !path.endsWith('.ts') ||
      exportedFiles.includes(path) ||
      /(^|\/)(index|main|[^/]*\.config)\.ts$/.test(path),
  );
  const reached = reachedFrom(
    tree,
    entries.map(({ path }) => path),
  );
  return tree.code
    .filter(({ path }) => !reached.has(path))
    .map(({ path }) => `${path}: nothing imports this file`);
}

/** These files and all that they import, directly or not. */
export function reachedFrom(tree: Tree, paths: readonly string[]): Set<string> {
  const next = followers(tree);
  const reached = new Set(paths);
  for (const path of reached) for (const to of next.get(path) ?? []) reached.add(to);
  return reached;
}

function followers(tree: Tree): Map<string, string[]> {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges(tree)) next.set(from.path, [...(next.get(from.path) ?? []), to]);
  return next;
}

/**
 * What a package imports stands in its own package.json; tests and scripts may use the root's
 * development tools too.
 */
export function declaredImports(tree: Tree): string[] {
  const packages = manifests(tree);
  const root = JSON.parse(tree.texts.get('package.json') ?? '{}') as Manifest;
  return tree.code.flatMap((file) => {
    const folder = packageOf(file.path) ?? '';
    const own = packages.get(folder);
    const tools = { ...own?.devDependencies, ...root.devDependencies };
    const isTool = file.isTest || folder === '' || !file.path.endsWith('.ts');
    const known = { ...own?.dependencies, ...(isTool ? tools : {}) };
    return packagesImported(file)
      .filter(({ name }) => !(name in known))
      .map(({ name, start }) =>
        finding(
          file,
          start,
          name === own?.name
            ? `${name} is this package: import relatively`
            : `${name} is not in ${posix.join(folder, 'package.json')}`,
        ),
      );
  });
}

/** optimizers, planning and, outside backends, kernels stand on nobody else's code. */
export function foreignCode({ code }: Tree): string[] {
  const numeric = /^shared\/(kernels\/(?!backends\/)|optimizers\/|planning\/)/;
  return code
    .filter(({ path, isTest }) => numeric.test(path) && !isTest)
    .flatMap((file) =>
      packagesImported(file)
        .filter(({ name }) => !name.startsWith('@isola/'))
        .map(({ name, start }) => finding(file, start, `${name}: no dependencies here`)),
    );
}

/** The packages, ours and others', that a file imports; not Node's own modules. */
function packagesImported(file: CodeFile): { name: string; start: number }[] {
  return file.imports.flatMap(({ specifier, start }) => {
    const name = /^(@[^/]+\/)?[^./:][^/:]*(?=\/|$)/.exec(specifier)?.[0];
    return name === undefined ? [] : [{ name, start }];
  });
}
