/** Rules about lists that must be complete, so that what walks a list walks everything. */
import { reachedFrom } from './import-rules.js';
import { type CodeFile, finding, type Node, nameOf, type Tree, walk } from './tree.js';

const OBJECTIVES = 'shared/planning/objectives';

/** Every objective is in the catalogue, which the gradient checks and the plan file walk. */
export function objectivesInCatalogue(tree: Tree): string[] {
  const catalogue = `${OBJECTIVES}/catalogue.ts`;
  const listed = reachedFrom(tree, [catalogue]);
  const found = makers(tree, 'Objective')
    .filter(({ file }) => file.path.startsWith(OBJECTIVES) && !listed.has(file.path))
    .map(({ file, start }) => finding(file, start, `this objective is not in ${catalogue}`));
  const walked = tree.code.some(
    (file) => file.isTest && reachedFrom(tree, [file.path]).has(catalogue),
  );
  return walked || !tree.texts.has(catalogue)
    ? found
    : [...found, `${catalogue}: no test walks it`];
}

/** Every differentiable map has a test of its adjoint: one that reaches it and calls pullback. */
export function mapsAreChecked(tree: Tree): string[] {
  return withoutTest(tree, 'DifferentiableMap', /\bpullback\b/).map(({ file, start }) =>
    finding(file, start, 'no test checks the pullback of this map'),
  );
}

/** Every store and every exchange has a test that reaches it and walks the laws of its kind. */
export function lawsAreWalked(tree: Tree): string[] {
  const kinds = [
    ['Store', 'storeLaws'],
    ['Exchange', 'exchangeLaws'],
  ] as const;
  return kinds.flatMap(([name, laws]) =>
    withoutTest(tree, name, new RegExp(`\\b${laws}\\b`)).map(({ file, start }) =>
      finding(file, start, `no test walks ${laws} with this ${name}`),
    ),
  );
}

/** What makes a `name` in a file that no test with such a text reaches. */
function withoutTest(tree: Tree, name: string, text: RegExp): { file: CodeFile; start: number }[] {
  const checks = tree.code.filter((file) => file.isTest && text.test(file.text));
  const checked = reachedFrom(
    tree,
    checks.map(({ path }) => path),
  );
  return makers(tree, name).filter(({ file }) => !checked.has(file.path));
}

/** Classes that implement an interface or one that extends it, and functions that return it. */
function makers({ code }: Tree, name: string): { file: CodeFile; start: number }[] {
  const names = new Set([name, ...extensions(code, name)]);
  return code
    .filter((file) => !file.isTest)
    .flatMap((file) => {
      const found: { file: CodeFile; start: number }[] = [];
      walk(file.program, (node) => {
        const types = [...((node.implements as Node[] | undefined) ?? []), node.returnType];
        if (types.some((type) => mentions(type as Node | null, names))) {
          found.push({ file, start: node.start });
        }
      });
      return found;
    });
}

/** Names of interfaces that extend `name`. */
function extensions(code: readonly CodeFile[], name: string): string[] {
  const found: string[] = [];
  for (const { program } of code) {
    walk(program, (node) => {
      if (node.type !== 'TSInterfaceDeclaration') return;
      const parents = node.extends as Node[];
      if (parents.some((parent) => nameOf(parent.expression) === name)) {
        found.push(nameOf(node.id) ?? '');
      }
    });
  }
  return found;
}

/** Whether a type is one of `names`, alone or inside another such as Promise<name>. */
function mentions(type: Node | null | undefined, names: ReadonlySet<string>): boolean {
  if (type == null) return false;
  let found = false;
  walk(type, (node) => {
    if (names.has(nameOf(node) ?? '')) found = true;
  });
  return found;
}
