import { status } from '@grpc/grpc-js';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { type Log, type LogFields, logger } from './log.js';
import { RpcProblem } from './rpc-error.js';

const MESSAGES = ['worker attached', 'call failed'] as const;

/** A log, and the lines it has written. */
function heard(): { log: Log<(typeof MESSAGES)[number]>; lines: string[] } {
  const lines: string[] = [];
  return { log: logger('test', MESSAGES, { write: (line) => void lines.push(line) }), lines };
}

const hash = '0123456789abcdef'.repeat(4);

/** What stands in files of patients, in the forms it has there. */
const canaries = Array.from({ length: 40 }, (_, i) => [
  `CANARY${i}^JANE^^^DR`,
  `Canary${i}, Jane`,
  `19${String(10 + i)}0314`,
  `CANARY-${i}-00815`,
  `canary ${i} recurrent left of the rectum`,
]).flat();

/** A canary in every place that a careless line of code may log. */
function carelessFields(canary: string): LogFields[] {
  const error = Object.assign(new Error(canary, { cause: new Error(canary) }), {
    ...{ name: canary, code: canary, path: canary, details: canary, constructor: { name: canary } },
  });
  const nested = { patient: { name: canary, toJSON: () => canary }, list: [canary] };
  const known = ['job', 'blob', 'island', 'epoch', 'worker', 'tenant', 'role', 'code', 'version'];
  const careless = [
    { [canary]: 1 },
    { patient: canary, msg: canary, name: canary, level: canary, err: error },
    { error },
    { error: new InputError(canary, canary) },
    { error: new RpcProblem('NOT_FOUND', canary) },
    { error: canary },
    { error: nested },
    ...known.flatMap((key) => [{ [key]: canary }, { [key]: nested }, { [key]: [canary] }]),
    { count: Object.assign(new Number(1), { toJSON: () => canary }) },
  ];
  return careless as unknown as LogFields[];
}

describe('a log', () => {
  it('writes a JSON line with its message and fields', () => {
    const { log, lines } = heard();
    const fields = {
      job: hash.slice(32),
      blob: hash,
      island: 3,
      worker: 'worker-7d9f.ward',
      tenant: 'a',
      ms: 1.5,
    };
    log.info('worker attached', { ...fields, version: '0.1.0', code: 'ECONNRESET' });
    expect(JSON.parse(lines[0])).toMatchObject({
      ...{ level: 'info', name: 'test', msg: 'worker attached', ...fields },
      ...{ version: '0.1.0', code: 'ECONNRESET' },
    });
    expect(lines[0].endsWith('\n')).toBe(true);
  });

  it('keeps the class and the code of an error', () => {
    const { log, lines } = heard();
    log.error('call failed', { error: new RpcProblem('NOT_FOUND', 'no such job') });
    log.error('call failed', { error: Object.assign(new Error(), { code: status.UNAVAILABLE }) });
    expect(JSON.parse(lines[0])).toMatchObject({ error: 'RpcProblem', code: 'NOT_FOUND' });
    expect(JSON.parse(lines[1])).toMatchObject({ error: 'Error', code: 14 });
  });

  it('lets none of 200 names, numbers and dates of patients out, wherever they stand', () => {
    const { log, lines } = heard();
    expect(new Set(canaries).size).toBe(200);
    for (const canary of canaries) {
      for (const fields of carelessFields(canary)) log.warn('call failed', fields);
      log.info(canary as 'call failed');
      log.info(`call failed ${canary}` as 'call failed');
    }
    const all = lines.join('');
    expect(canaries.filter((canary) => all.includes(canary))).toEqual([]);
    expect(all).not.toMatch(/canary|jane|patient/i);
    expect(lines.length).toBeGreaterThan(200 * 30);
  });

  it('says nothing where a number is none', () => {
    const { log, lines } = heard();
    log.info('call failed', { count: Number.NaN, ms: Number.POSITIVE_INFINITY, epoch: 0 });
    const { count, ms, epoch } = JSON.parse(lines[0]) as Record<string, unknown>;
    expect([count, ms, epoch]).toEqual([undefined, undefined, 0]);
  });
});
