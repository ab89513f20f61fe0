/**
 * A record of the log: one line, `CHECKSUM {"v":1,"seq":N,"prev":"CHECKSUM","event":{...}}`. The
 * checksum is the SHA-256 of the rest of the line, and `prev` that of the record before, so the
 * records form a chain: none can change, vanish from the middle or swap places unnoticed.
 */
import { contentId } from './content-id.js';
import { StoreError } from './store-error.js';

const FORMAT = 1;
/** `prev` of the first record. */
export const NOTHING_BEFORE = '0'.repeat(64);

const NEWLINE = 0x0a;

/** What is read from a log. */
export interface LogContent<E> {
  readonly events: E[];
  /** Checksum of the last record. */
  readonly last: string;
  /** Bytes of whole records. What follows was being written when the process or machine died. */
  readonly length: number;
}

/** The line of the event that comes after `seq - 1` others, and its checksum. */
export function logRecord<E>(event: E, seq: number, prev: string): { line: string; sum: string } {
  const body = JSON.stringify({ v: FORMAT, seq, prev, event });
  const sum = contentId(body);
  return { line: `${sum} ${body}\n`, sum };
}

/**
 * Reads a log. A record is acknowledged after its line was written and synced as a whole, so what
 * follows the last line end, or holds blocks that never reached the disk, was not: it is left out.
 * Any other fault is a change of what was acknowledged.
 * @param file named in errors
 * @throws StoreError 'damaged' with the file, the record, and what to do
 */
export function readLog<E>(bytes: Uint8Array, file: string): LogContent<E> {
  const events: E[] = [];
  let last = NOTHING_BEFORE;
  let length = 0;
  while (length < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, length);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(length, end);
    const isLast = newline < 0 || newline === bytes.length - 1;
    if (isLast && isTorn(line, newline >= 0)) break;
    const event = newline < 0 ? null : readRecord<E>(line, events.length + 1, last);
    if (event === null) throw damaged(file, events.length + 1);
    events.push(event.event);
    last = event.sum;
    length = end + 1;
  }
  return { events, last, length };
}

/** Whether the last line is one whose writing was cut short. */
function isTorn(line: Uint8Array, hasEnd: boolean): boolean {
  for (let i = 1; i < line.length; i++) if (line[i] === 0 && line[i - 1] === 0) return true;
  // A whole record with something else for its line end was once whole.
  return !hasEnd && checkedBody(line.subarray(0, -1)) === null;
}

/** The text after the checksum, if that is right. */
function checkedBody(line: Uint8Array): { body: string; sum: string } | null {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const sum = text.toString('latin1', 0, 64);
  if (contentId(text.subarray(65)) !== sum || text[64] !== 0x20) return null;
  return { body: text.toString('utf8', 65), sum };
}

/**
 * The event of a line without its end, and its checksum.
 * @returns null unless it is record `seq`, whole, and follows the one with checksum `last`
 */
export function readRecord<E>(
  line: Uint8Array,
  seq: number,
  last: string,
): { event: E; sum: string } | null {
  const checked = checkedBody(line);
  if (checked === null) return null;
  const record = JSON.parse(checked.body) as { v: number; seq: number; prev: string; event: E };
  const fits = record.v === FORMAT && record.seq === seq && record.prev === last;
  return fits ? { event: record.event, sum: checked.sum } : null;
}

function damaged(file: string, record: number): StoreError {
  const what = `record ${record} (line ${record}) is damaged`;
  const remedy = `put a copy of the file back, or delete line ${record} and all after it`;
  return new StoreError('damaged', `${file}: ${what}; ${remedy}: what they held is computed again`);
}
