import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import { type LogFields, safeFields } from './log-fields.js';

export type { LogFields } from './log-fields.js';

/** A log of one process; `M` are the messages it can write. */
export interface Log<M extends string> {
  info(message: M, fields?: LogFields): void;
  warn(message: M, fields?: LogFields): void;
  error(message: M, fields?: LogFields): void;
}

const STDERR = 2;

/**
 * A log of JSON lines. Messages are written out where the log is made and fields are those of
 * log-fields.ts, so what a log can say is known before there is any patient.
 *
 *     const log = logger('coordinator', ['worker attached', 'worker lost']);
 *     log.info('worker attached', { worker, count: slots });
 */
export function logger<const M extends string>(
  name: string,
  messages: readonly M[],
  to: DestinationStream = destination({ dest: STDERR, sync: true }),
): Log<M> {
  const known = new Set<string>(messages);
  const out = pino(
    {
      base: { name, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    to,
  );
  const write = (level: 'info' | 'warn' | 'error') => (message: M, fields?: LogFields) => {
    const text: string = known.has(message) ? message : 'unlisted message';
    out[level](safeFields(fields ?? {}), text);
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
