/** Rules about what stands inside a file: sizes, banned calls and words, leftovers. */
import { type CodeFile, finding, lineAt, type Node, nameOf, type Tree, walk } from './tree.js';

const LINE_COLUMNS = 100;

/** No line of code is longer than 100 columns. */
export function longLines({ code }: Tree): string[] {
  return code.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => {
      const columns = Array.from(line).length;
      return columns <= LINE_COLUMNS
        ? []
        : [`${path}:${i + 1}: ${columns} columns; at most ${LINE_COLUMNS}`];
    }),
  );
}

/** No file is longer than 400 lines, no test longer than 600. */
export function longFiles({ code }: Tree): string[] {
  return code.flatMap(({ path, text, isTest }) => {
    const lines = text.trimEnd().split('\n').length;
    const most = isTest ? 600 : 400;
    return lines <= most ? [] : [`${path}: ${lines} lines; at most ${most}: split it`];
  });
}

/** No function is longer than 70 lines, in kernels 150; the body of a `describe` is no function. */
export function longFunctions({ code }: Tree): string[] {
  return code.flatMap((file) => {
    const most = file.path.startsWith('shared/kernels/') ? 150 : 70;
    const found: string[] = [];
    walk(file.program, (node, parents) => {
      if (!/Function(Declaration|Expression)$/.test(node.type)) return;
      if (file.isTest && isDescribe(parents.at(-1))) return;
      const lines = lineAt(file.text, node.end) - lineAt(file.text, node.start) + 1;
      if (lines <= most) return;
      found.push(finding(file, node.start, `a function of ${lines} lines; at most ${most}`));
    });
    return found;
  });
}

/** Whether a node is a call such as describe(...), describe.each(...)(...). */
function isDescribe(node: Node | undefined): boolean {
  if (node === undefined) return false;
  if (node.type === 'CallExpression') return isDescribe(node.callee as Node);
  if (node.type === 'MemberExpression') return isDescribe(node.object as Node);
  return nameOf(node) === 'describe';
}

/** What the numeric packages may not touch, and what to use instead. */
const HOST = new Map(
  Object.entries({
    Date: 'time is measured in cli/ and bench/',
    performance: 'time is measured in cli/ and bench/',
    setTimeout: 'let the caller schedule',
    setInterval: 'let the caller schedule',
    setImmediate: 'let the caller schedule',
    process: 'take a parameter',
    console: 'return a value, or call an onProgress parameter',
    fetch: 'take the data as a parameter',
    crypto: 'draw from @isola/kernels/random',
    globalThis: 'take a parameter',
  }),
);

const PORTABLE_MATH = new Set(
  'abs min max floor ceil round sqrt trunc sign fround imul clz32'.split(' ').concat(
    // Constants are exact by the language's definition.
    'PI E LN2 LN10 LOG2E LOG10E SQRT2 SQRT1_2'.split(' '),
  ),
);

const NUMERIC = ['shared/kernels/', 'shared/optimizers/', 'shared/planning/'];

function isNumeric(file: CodeFile): boolean {
  return !file.isTest && NUMERIC.some((folder) => file.path.startsWith(folder));
}

/** kernels (but for backends), optimizers and planning touch no clock, chance, process or log. */
export function hostCalls({ code }: Tree): string[] {
  const bound = code.filter((file) => isNumeric(file) && !isBackend(file));
  return bound.flatMap((file) => [
    ...globalsUsed(file, HOST).map(({ name, start }) =>
      finding(file, start, `${name} is banned here; ${HOST.get(name)}`),
    ),
    ...file.imports
      .filter(({ specifier }) => specifier.startsWith('node:'))
      .map(({ specifier, start }) =>
        finding(file, start, `${specifier} is banned here; take the data as a parameter`),
      ),
  ]);
}

function isBackend(file: CodeFile): boolean {
  return file.path.startsWith('shared/kernels/backends/');
}

/**
 * kernels, optimizers and planning use no Math function whose last bits the engine defines.
 * AssemblyScript brings its own Math, compiled in: it is the same everywhere.
 */
export function engineMath({ code }: Tree): string[] {
  const bound = code.filter((file) => isNumeric(file) && !file.path.includes('/assembly/'));
  return bound.flatMap((file) => {
    const found: string[] = [];
    walk(file.program, (node, parents) => {
      if (node.operator === '**' || node.operator === '**=') {
        found.push(finding(file, node.start, 'x ** y is banned here; pow of kernels/elementary'));
      }
      if (nameOf(node) !== 'Math' || isNameOnly(node, parents.at(-1))) return;
      const banned = mathMembers(parents.at(-1)).find((name) => !PORTABLE_MATH.has(name));
      if (banned === undefined) return;
      const instead = banned === 'random' ? '@isola/kernels/random' : '@isola/kernels/elementary';
      found.push(finding(file, node.start, `Math.${banned} is banned here; use ${instead}`));
    });
    return found;
  });
}

/** What is taken from Math: `Math.a`, `const { a, b } = Math`; of other uses, anything. */
function mathMembers(parent: Node | undefined): string[] {
  const pattern = parent?.id as Node | undefined;
  if (parent?.type === 'MemberExpression') return [nameOf(parent.property) ?? '*'];
  if (pattern?.type !== 'ObjectPattern') return ['*'];
  return (pattern.properties as Node[]).map((property) => nameOf(property.key) ?? '*');
}

function globalsUsed(file: CodeFile, names: ReadonlyMap<string, string>) {
  const found: { name: string; start: number }[] = [];
  walk(file.program, (node, parents) => {
    const name = nameOf(node);
    if (name === undefined || !names.has(name) || isNameOnly(node, parents.at(-1))) return;
    found.push({ name, start: node.start });
  });
  return found;
}

/** Whether an identifier is only the name of a member or key: `x.process`, `{ process: 1 }`. */
function isNameOnly(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined || parent.computed === true) return false;
  return parent.property === node || (parent.key === node && parent.value !== node);
}

const DOMAIN_WORDS = new Set(
  'dose doses beam beams beamlet beamlets plan plans patient patients'.split(' '),
);

/** kernels know no radiotherapy. */
export function domainWords({ code }: Tree): string[] {
  const kernels = code.filter((file) => file.path.startsWith('shared/kernels/'));
  return kernels.flatMap((file) =>
    [...file.text.matchAll(/[A-Z]?[a-z]+|[A-Z]+/g)]
      .filter(([word]) => DOMAIN_WORDS.has(word.toLowerCase()))
      .map(({ 0: word, index }) => finding(file, index, `"${word}" is no word of kernels`)),
  );
}

const BANNED_NAMES = new Set('utils util helpers helper common misc core lib types'.split(' '));

/** No folder and no file has a name that says nothing. */
export function emptyNames({ texts }: Tree): string[] {
  return [...texts.keys()].flatMap((path) =>
    path
      .split('/')
      .filter((name) => BANNED_NAMES.has(name.replace(/\..*$/, '')))
      .map((name) => `${path}: "${name}" says nothing; name it after the one thing inside`),
  );
}

// In two parts each, so that this file is no finding.
const MARKERS = ['TO-DO', 'FIX-ME', 'XX-X'].map((word) => word.replace('-', ''));
const SINGLED = ['on-ly', 'sk-ip', 'to-do'].map((word) => word.replace('-', ''));
const LEFTOVER = new RegExp(`\\b(${MARKERS.join('|')})\\b|\\.(${SINGLED.join('|')})\\(`, 'g');

/** Nothing is left for later; no test is singled out, or skipped without a condition. */
export function leftovers({ code }: Tree): string[] {
  return code.flatMap((file) =>
    [...file.text.matchAll(LEFTOVER)].map(({ 0: text, index }) =>
      finding(file, index, `"${text}" is left over`),
    ),
  );
}
