/**
 * The kinds of field that a plan file is made of. Each is a zod schema whose error is a whole
 * sentence: the value, and what is allowed instead. So the schema is the only place where a field's
 * range stands, for the check, the message and the published JSON Schema alike.
 */
import * as z from 'zod';
import { nearest } from './nearest.js';

/** Bounds of a number; `above` and `below` are open. */
interface Bounds {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly below?: number;
}

/** A finite number within bounds. */
export function number(bounds: Bounds = {}) {
  return bounded(z.number, 'a number', bounds);
}

/** A whole number within bounds. */
export function integer(bounds: Bounds = {}) {
  return bounded(z.int, 'a whole number', bounds);
}

function bounded<T extends z.ZodNumber>(
  make: (options: { error: ErrorHook }) => T,
  kind: string,
  bounds: Bounds,
): T {
  // Nothing is worked out with a number out of bounds.
  const options = { error: refuse(`${kind}${boundsText(bounds)}`), abort: true };
  let schema = make(options);
  if (bounds.min !== undefined) schema = schema.gte(bounds.min, options);
  if (bounds.above !== undefined) schema = schema.gt(bounds.above, options);
  if (bounds.max !== undefined) schema = schema.lte(bounds.max, options);
  if (bounds.below !== undefined) schema = schema.lt(bounds.below, options);
  return schema;
}

/** Text that is not empty and, where `form` is given, matches it; `allowed` says that in words. */
export function text(allowed: string, form?: RegExp) {
  const options = { error: refuse(allowed) };
  const schema = z.string(options).min(1, options);
  return form === undefined ? schema : schema.regex(form, options);
}

/** One word out of `words`. */
export function oneOf<const W extends readonly [string, ...string[]]>(words: W) {
  return z.enum(words, { error: ({ input }) => refusal(input, words.join(', '), words) });
}

/** A list of 1 or more items. */
export function list<T extends z.ZodType>(item: T, allowed: string) {
  const options = { error: refuse(allowed), abort: true };
  return z.array(item, options).min(1, options);
}

/** Three numbers along x, y, z. */
export function vector<T extends z.ZodType>(item: T, allowed: string) {
  return z.tuple([item, item, item], { error: refuse(allowed) });
}

/** Two values. */
export function pair<T extends z.ZodType>(item: T, allowed: string) {
  return z.tuple([item, item], { error: refuse(allowed) });
}

/** A map with these keys and no others. */
export function map<S extends z.ZodRawShape>(shape: S) {
  const keys = Object.keys(shape);
  const allowed = keys.join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? refusal(issue.keys[0], allowed, keys)
        : refusal(issue.input, `a map with the keys ${allowed}`),
  });
}

/** A map from names that the user chooses to entries. */
export function named<T extends z.ZodType>(entry: T, allowed: string) {
  const options = { error: refuse(allowed) };
  return z.record(z.string().min(1, options), entry, options);
}

/** Tells of a problem at a path inside the value; what holds the value is then not checked. */
export type TellProblem = (path: (string | number)[], message: string) => void;

/** How a check of several fields together tells of a problem. */
export function problemIn(context: z.core.$RefinementCtx): TellProblem {
  return (path, message) =>
    context.addIssue({ code: 'custom', path, message, input: undefined, continue: false });
}

/** What an error hook of zod gets to see here. */
type ErrorHook = (issue: { readonly input?: unknown }) => string;

/** An error hook that says what is allowed. */
export function refuse(allowed: string): ErrorHook {
  return ({ input }) => refusal(input, allowed);
}

/** The sentence that refuses `value`; `known` words give a suggestion. */
export function refusal(value: unknown, allowed: string, known: readonly string[] = []): string {
  if (value === undefined) return `is missing; allowed: ${allowed}`;
  if (typeof value !== 'string' || known.length === 0) {
    return `${show(value)} is not allowed; allowed: ${allowed}`;
  }
  const meant = nearest(value, known);
  const suggestion = meant === undefined ? '' : ` did you mean "${meant}"?`;
  return `"${value}" is not known;${suggestion} allowed: ${allowed}`;
}

function show(value: unknown): string {
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function boundsText(bounds: Bounds): string {
  const parts: string[] = [];
  if (bounds.min !== undefined) parts.push(`>= ${bounds.min}`);
  if (bounds.above !== undefined) parts.push(`> ${bounds.above}`);
  if (bounds.max !== undefined) parts.push(`<= ${bounds.max}`);
  if (bounds.below !== undefined) parts.push(`< ${bounds.below}`);
  return parts.length === 0 ? '' : ` ${parts.join(' and ')}`;
}
