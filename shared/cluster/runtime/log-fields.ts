/**
 * What a log may say besides its message: fields of a fixed list, each a number, a hash, a code or
 * a name that operators give. All else is dropped: no name, number or date of a patient, which may
 * stand in any text from outside, slips out by mistake.
 */
import { constants } from 'node:os';
import { status } from '@grpc/grpc-js';
import { isTenant, ROLES } from './identity.js';

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);

const like =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);

const oneOf = (values: readonly string[]): Check => {
  const known = new Set<unknown>(values);
  return (value) => known.has(value);
};

const isHash = like(/^[0-9a-f]{64}$/);
const isJob = like(/^[0-9a-f]{32}$/);
const isVersion = like(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/);
/** Of gRPC and of the operating system. */
const isCode = oneOf([...Object.keys(status), ...Object.keys(constants.errno)]);

const CHECKS = {
  job: isJob,
  blob: isHash,
  input: isHash,
  island: isNumber,
  epoch: isNumber,
  token: isNumber,
  /** As pods and hosts are called. */
  worker: like(/^[a-z][a-z0-9.-]{0,62}$/),
  tenant: (value) => typeof value === 'string' && isTenant(value),
  role: oneOf([...ROLES, 'local']),
  code: (value) => isNumber(value) || isCode(value),
  version: (value) => isNumber(value) || isVersion(value),
  count: isNumber,
  bytes: isNumber,
  ms: isNumber,
  port: isNumber,
} as const satisfies Readonly<Record<string, Check>>;

/** Fields to log. Of an error its class and code are kept, never its message. */
export type LogFields = { readonly [K in keyof typeof CHECKS]?: string | number } & {
  readonly error?: unknown;
};

/** Those fields that may be logged. */
export function safeFields(fields: LogFields): Record<string, string | number> {
  const { error, ...others } = fields;
  const kept = Object.entries(CHECKS).flatMap(([key, isSafe]) => {
    const value = others[key as keyof typeof CHECKS];
    return value !== undefined && isSafe(value) ? [[key, value] as const] : [];
  });
  return { ...errorFields(error), ...Object.fromEntries(kept) };
}

/** The class as the code calls it, for `name` is anybody's to set. */
function errorFields(error: unknown): Record<string, string | number> {
  if (!(error instanceof Error)) return {};
  const { name } = (Object.getPrototypeOf(error) as Error).constructor;
  const { code } = error as { readonly code?: string | number };
  return code !== undefined && CHECKS.code(code) ? { error: name, code } : { error: name };
}
