import { InputError } from '@isola/optimizers/problem';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import type { z } from 'zod';
import { type Plan, planSchema } from './schema.js';

/** A way into a plan, for example `['objectives', 1, 'doseGy']`. */
export type PlanPath = readonly PropertyKey[];

/** A checked plan, and where its parts stand in its file. */
export interface PlanFile {
  readonly plan: Plan;
  /** `plan.yaml:9:11 objectives[1].type`: the place of an InputError about this part. */
  place(path: PlanPath): string;
}

/** Characters; the longest of ours has 2,000. What reads YAML may take their square. */
const MAX_LENGTH = 16_384;
const MAX_LINES = 1_000;
/** What reads YAML has a call for each level, and a plan has five. */
const MAX_DEPTH = 50;

/**
 * Reads a plan file: YAML 1.2, one document. `file` is its name as the user gave it; it appears in
 * messages only. Throws an InputError with the first problem, unknown keys before missing ones.
 */
export function readPlan(text: string, file: string): PlanFile {
  checkSize(text, file);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...{ version: '1.2', schema: 'core', lineCounter: lines },
    // Else every fault gets a picture of its line, and there may be as many as characters.
    prettyErrors: false,
  });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [fault] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (fault !== undefined) {
    throw new InputError(at(fault.pos[0]), yamlProblem(fault.code, fault.message));
  }
  if (document.contents === null) throw new InputError(file, 'the plan file is empty');

  const result = planSchema.safeParse(toData(document, at));
  const placeAt = (path: PlanPath, offset: number) => `${at(offset)} ${pathText(path)}`.trimEnd();
  if (result.success) {
    return { plan: result.data, place: (path) => placeAt(path, offsetsOf(document, path).value) };
  }
  const [first] = result.error.issues
    .map(innermost)
    .map((issue) => ({ ...issue, offset: offsetsOf(document, issue.path)[issue.points] }))
    .sort((a, b) => rank(a) - rank(b) || a.offset - b.offset);
  throw new InputError(placeAt(first.path, first.offset), first.message);
}

/** Refuses what would keep a reader busy for long, before it is read. */
function checkSize(text: string, file: string): void {
  if (text.length > MAX_LENGTH) {
    throw new InputError(file, `has ${text.length} characters; allowed: ${MAX_LENGTH} at most`);
  }
  const all = text.split('\n');
  if (all.length > MAX_LINES) {
    throw new InputError(file, `has ${all.length} lines; allowed: ${MAX_LINES} at most`);
  }
  let brackets = 0;
  for (const [i, line] of all.entries()) {
    const indented = line.search(/[^ ]/);
    const marks = line.match(/(?:^|\s)[-?:](?=\s)/g)?.length ?? 0;
    for (const mark of line) {
      if (mark === '[' || mark === '{') brackets++;
      else if (mark === ']' || mark === '}') brackets--;
      if (brackets + marks + indented / 2 <= MAX_DEPTH) continue;
      const allowed = `allowed: ${MAX_DEPTH} levels at most`;
      throw new InputError(
        `${file}:${i + 1}:1`,
        `lists or maps lie too deep in each other; ${allowed}`,
      );
    }
  }
}

/** YAML's own complaints, in one line. */
function yamlProblem(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document; allowed: one plan a file';
  if (code === 'DUPLICATE_KEY') return 'this key is set twice; allowed: once';
  return `not valid YAML: ${message.split(/ at line |\n/)[0]}`;
}

function toData(document: Document, at: (offset: number) => string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias to nothing, or more aliases than a plan can need.
    throw new InputError(at(0), `not valid YAML: ${(error as Error).message}`);
  }
}

interface Issue {
  readonly path: PlanPath;
  readonly message: string;
  /** What of `path` the message is about. */
  readonly points: 'key' | 'value';
}

/**
 * The issue to tell the user: of a choice between forms, the issue inside the one form that was
 * tried; of an unknown key, the key.
 */
function innermost(issue: z.core.$ZodIssue): Issue {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    return { path: [...path, issue.keys[0]], message, points: 'key' };
  }
  if (issue.code !== 'invalid_union') return { path, message, points: 'value' };
  const tried = issue.errors.filter((form) => !form.some(refusesForm));
  if (tried.length !== 1) return { path, message, points: 'value' };
  const [inner] = tried[0].map(innermost).sort((a, b) => rank(a) - rank(b));
  return { ...inner, path: [...path, ...inner.path] };
}

/** Whether an issue of a form says that the value is not of this form at all. */
function refusesForm(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && issue.code !== 'unrecognized_keys';
}

/** A key that is missing may be there misspelled: what is wrong comes before what is missing. */
function rank(issue: Issue): number {
  return issue.message.startsWith('is missing') ? 1 : 0;
}

/** `beams.gantryDeg[2]` for ['beams', 'gantryDeg', 2]. */
function pathText(path: PlanPath): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/**
 * Where the key and the value at `path` begin; for what does not exist, where the deepest part of
 * the way to it does.
 */
function offsetsOf(document: Document, path: PlanPath): { key: number; value: number } {
  let node: unknown = document.contents;
  let value = startOf(node, 0);
  let key = value;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) break;
      key = startOf(pair.key, value);
      value = startOf(pair.value, key);
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      node = node.items[step];
      value = startOf(node, value);
      key = value;
    } else {
      break;
    }
  }
  return { key, value };
}

/** Where a node of the YAML tree begins in the text. */
function startOf(node: unknown, otherwise: number): number {
  return (node as Node | null)?.range?.[0] ?? otherwise;
}
