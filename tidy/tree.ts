/**
 * The repository as data: texts by path, code parsed. Rules are functions of it, so that each can
 * be shown to fail on a planted tree.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Comment, parseSync } from 'oxc-parser';

/** A node of a syntax tree; what else it holds depends on its type (ESTree). */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface CodeFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly program: Node;
  readonly comments: readonly Comment[];
  /** What the file imports, exports from, or names as `new URL('x', import.meta.url)`. */
  readonly imports: readonly { readonly specifier: string; readonly start: number }[];
  readonly isTest: boolean;
}

export interface Tree {
  /** Every text file by path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly code: readonly CodeFile[];
}

const TEXT = new Set(['.ts', '.js', '.mjs', '.json', '.md', '.yaml', '.cff']);
const CODE = new Set(['.ts', '.js', '.mjs']);
const NOT_OURS = new Set(['node_modules', 'dist', 'generated', 'isola-out', '.nats', '.git']);

/** Reads what is written by hand below `root`. */
export function readTree(root: string): Tree {
  const texts: Record<string, string> = {};
  const read = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !NOT_OURS.has(entry.name)) read(path);
      if (entry.isFile() && TEXT.has(extname(path))) {
        texts[path] = readFileSync(join(root, path), 'utf8');
      }
    }
  };
  read('');
  return plant(texts);
}

/** A tree of these files, in the order of their paths. */
export function plant(texts: Readonly<Record<string, string>>): Tree {
  const sorted = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
  const code = sorted.filter(([path]) => CODE.has(extname(path)) && !path.endsWith('.d.ts'));
  return { texts: new Map(sorted), code: code.map(([path, text]) => parse(path, text)) };
}

function parse(path: string, text: string): CodeFile {
  // AssemblyScript decorates functions (`@inline`), which is no TypeScript: blank such lines.
  const plain = path.includes('/assembly/')
    ? text.replace(/^[ \t]*@\w+(\([^)]*\))?[ \t]*$/gm, (line) => ' '.repeat(line.length))
    : text;
  const { program, comments, errors } = parseSync(path, plain);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const root = program as unknown as Node;
  return { path, text, program: root, comments, imports: imports(root), isTest: isTest(path) };
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

function imports(program: Node): CodeFile['imports'] {
  const found: { specifier: string; start: number }[] = [];
  walk(program, (node) => {
    const url = node.type === 'NewExpression' && nameOf(node.callee) === 'URL';
    const source = url ? (node.arguments as Node[])[0] : node.source;
    const specifier = (source as Node | undefined)?.value;
    const isImport = /^(Import|Export)/.test(node.type) || url;
    if (isImport && typeof specifier === 'string') found.push({ specifier, start: node.start });
  });
  return found;
}

/** Visits `node` and all below it; `parents` leads from the root to the node's parent. */
export function walk(
  node: Node,
  visit: (node: Node, parents: readonly Node[]) => void,
  parents: Node[] = [],
): void {
  visit(node, parents);
  parents.push(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, parents);
    }
  }
  parents.pop();
}

function isNode(value: unknown): value is Node {
  return typeof (value as Node | null)?.type === 'string';
}

/** The name of an identifier. */
export function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Identifier' ? (node.name as string) : undefined;
}

/** Line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** `path:line: problem` */
export function finding(file: CodeFile, offset: number, problem: string): string {
  return `${file.path}:${lineAt(file.text, offset)}: ${problem}`;
}
