/** Rules about the house around the code: manifests, dependencies, decisions, README's tree. */
import type { Tree } from './tree.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

function manifests({ texts }: Tree): [string, Manifest][] {
  return [...texts]
    .filter(([path]) => /(^|\/)package\.json$/.test(path))
    .map(([path, text]) => [path, JSON.parse(text) as Manifest]);
}

function dependencies(manifest: Manifest): [string, string][] {
  return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
}

/** Every version is exact, and all workspaces have the same one. */
export function exactVersions(tree: Tree): string[] {
  const all = manifests(tree);
  const version = all.find(([path]) => path === 'package.json')?.[1].version;
  return all.flatMap(([path, manifest]) => [
    ...(manifest.version === version
      ? []
      : [`${path}: version ${manifest.version}; all: ${version}`]),
    ...dependencies(manifest)
      .filter(([name, wanted]) =>
        isOurs(name) ? wanted !== version : !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(wanted),
      )
      .map(([name, wanted]) => `${path}: ${name} ${wanted}; write an exact version`),
  ]);
}

function isOurs(name: string): boolean {
  return name === 'isola' || name.startsWith('@isola/');
}

/** package-lock.json names no registry: who installs decides which one. */
export function lockNamesNoRegistry({ texts }: Tree): string[] {
  const lines = (texts.get('package-lock.json') ?? '').split('\n');
  return lines.flatMap((line, i) =>
    /"resolved": "https?:/.test(line) ? [`package-lock.json:${i + 1}: names a registry`] : [],
  );
}

interface Lock {
  readonly packages?: Record<string, { readonly optionalDependencies?: Record<string, string> }>;
}

/**
 * package-lock.json has the optional packages of every platform, or `npm ci` refuses it. npm leaves
 * out what the registry at hand does not offer.
 */
export function lockIsComplete({ texts }: Tree): string[] {
  const { packages = {} } = JSON.parse(texts.get('package-lock.json') ?? '{}') as Lock;
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !(`node_modules/${name}` in packages))
      .filter((name) => !(`${path}/node_modules/${name}` in packages))
      .map((name) => `package-lock.json: ${path} may need ${name}, which is not in it`),
  );
}

const DECISIONS = 'docs/decisions.md';

/** Every dependency has a row in the table of docs/decisions.md, and every row a dependency. */
export function dependenciesAreDecided(tree: Tree): string[] {
  const rows = [...(tree.texts.get(DECISIONS) ?? '').matchAll(/^\| `([^`]+)` \|/gm)];
  const decided = new Set(rows.map(([, name]) => name));
  const used = new Map(
    manifests(tree).flatMap(([path, manifest]) =>
      dependencies(manifest).flatMap(([name]) => (isOurs(name) ? [] : [[name, path] as const])),
    ),
  );
  return [
    ...[...used]
      .filter(([name]) => !decided.has(name))
      .map(([name, path]) => `${path}: ${name} has no row in ${DECISIONS}`),
    ...[...decided]
      .filter((name) => !used.has(name))
      .map((name) => `${DECISIONS}: no package.json has ${name}`),
  ];
}

/** Decisions are numbered, newest last, each of at most 15 lines. */
export function decisionsAreShort({ texts }: Tree): string[] {
  const [, ...sections] = (texts.get(DECISIONS) ?? '').split(/^## /m);
  const decisions = sections.filter((section) => /^\d/.test(section));
  return decisions.flatMap((section, i) => {
    const [title] = section.split('\n');
    const lines = section.trimEnd().split('\n').length;
    const number = Number.parseInt(title, 10);
    return [
      ...(lines <= 15 ? [] : [`${DECISIONS}: "${title}" has ${lines} lines; at most 15`]),
      ...(number === i + 1 ? [] : [`${DECISIONS}: "${title}" should have the number ${i + 1}`]),
    ];
  });
}

/** Top-level folders that are no packages. */
const FOLDERS: Record<string, string> = {
  'docs/': 'architecture, decisions, how to release',
  'examples/': 'plan files to start from; each runs in the tests',
  'tidy/': 'the rules of this repository, as a test',
};

/** Every package says what it is for, and every folder in it begins with a sentence. */
export function foldersAreExplained(tree: Tree): string[] {
  return [
    ...manifests(tree)
      .filter(([, { description }]) => description === undefined)
      .map(([path]) => `${path}: no description`),
    ...innerFolders(tree)
      .filter(({ sentence }) => sentence === undefined)
      .map(({ folder }) => `${folder}/index.ts: the first line is no one-line comment`),
  ];
}

/** The tree in README: packages by their description, their folders by their index's first line. */
export function readmeTree(tree: Tree): string {
  const inner = innerFolders(tree);
  const all = new Map(manifests(tree));
  const packages = (all.get('package.json')?.workspaces ?? []).flatMap((folder) => [
    [`${folder}/`, all.get(`${folder}/package.json`)?.description ?? ''],
    ...inner
      .filter((entry) => entry.folder.startsWith(`${folder}/`))
      .map((entry) => [`  ${entry.folder.slice(folder.length + 1)}/`, entry.sentence ?? '']),
  ]);
  const others = Object.entries(FOLDERS).filter(([folder]) =>
    [...tree.texts.keys()].some((path) => path.startsWith(folder)),
  );
  return [...packages, ...others].map(([name, text]) => `${name.padEnd(19)} ${text}`).join('\n');
}

/** Folders of packages that have an index, with its first line as a sentence. */
function innerFolders({ texts }: Tree): { folder: string; sentence: string | undefined }[] {
  return [...texts].flatMap(([path, text]) => {
    const folder = /^((shared\/)?[^/]+\/[^/]+)\/index\.ts$/.exec(path)?.[1];
    if (folder === undefined || !texts.has(`${folder.replace(/\/[^/]+$/, '')}/package.json`))
      return [];
    const [, sentence] = /^\/\*\* (?:\w+: )?(.*?)\.? \*\/\n/.exec(text) ?? [];
    return [{ folder, sentence }];
  });
}

const TREE = /(<!-- tree -->\n```\n)[^`]*(```\n<!-- \/tree -->)/;

/** README.md with a fresh tree in it. */
export function freshReadme(tree: Tree): string {
  return (tree.texts.get('README.md') ?? '').replace(TREE, (_, head: string, tail: string) =>
    [head, readmeTree(tree), '\n', tail].join(''),
  );
}
