import { execFile } from 'node:child_process';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { status } from '@grpc/grpc-js';
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

const WIRE = fileURLToPath(new URL('../dist/wire/index.js', import.meta.url));

/** Pushes a blob of many frames to where nobody is; says how that ended. */
const PUSH = `
  const { blobs, pushBlob } = await import(process.argv[1]);
  const { credentials } = await import('@grpc/grpc-js');
  const client = new blobs.BlobsClient('127.0.0.1:1', credentials.createInsecure());
  await pushBlob(client, new Uint8Array(1 << 23)).catch(({ code }) => console.log(code));
  client.close();
`;

it('a push that has failed keeps no process alive', async () => {
  const args = ['--input-type=module', '-e', PUSH, WIRE];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe(`${status.UNAVAILABLE}\n`);
});
