import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { framesOf, writeAll } from './blob-transfer.js';

const blob = new Uint8Array(4 << 20);
const LONG_MS = 60_000;

/** A call whose other side does this with a frame. */
const call = (write: (taken: () => void, sink: Writable) => void) =>
  new Writable({
    ...{ objectMode: true, highWaterMark: 1 },
    write(_frame, _encoding, taken) {
      write(taken, this);
    },
  });

describe('frames of a blob', () => {
  it('are all written to who takes them', async () => {
    let count = 0;
    const sink = call((taken) => {
      count++;
      setImmediate(taken);
    });
    expect(await writeAll(sink, framesOf(blob), LONG_MS)).toBe(true);
    expect(count).toBe([...framesOf(blob)].length);
  });

  it('are written no more to who takes none for some time, or is gone', async () => {
    const silent = call(() => {});
    expect(await writeAll(silent, framesOf(blob), 1)).toBe(false);
    const gone = call((_, sink) => void sink.destroy());
    expect(await writeAll(gone, framesOf(blob), LONG_MS)).toBe(false);
  });
});
