/** Bytes that no client of ours sends, to every call of a coordinator in a process of its own. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { MAX_REQUEST_BYTES } from '@isola/cluster/runtime';
import { blobs, jobs, workers } from '@isola/cluster/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder } from '../built-command.js';
import { type Part, startCoordinator } from '../cluster-processes.js';

const services = [jobs.JobsService, workers.WorkersService, blobs.BlobsService];
const paths = services.flatMap((service) => Object.values(service).map(({ path }) => path));
/** Would be a patient, and must not be repeated to anybody. */
const CANARY = 'DOE^JANE';
const MEBIBYTE = 2 ** 20;
const LIMIT_BYTES = 64 * MEBIBYTE;
const PACKED = { 'grpc-encoding': 'gzip' };
const BOMB = gzipSync(Buffer.alloc(256 * MEBIBYTE));
const { INVALID_ARGUMENT, RESOURCE_EXHAUSTED } = status;

let coordinator: Part;
let session: ClientHttp2Session;

beforeAll(async () => {
  const started = await startCoordinator(emptyFolder());
  coordinator = started;
  session = connect(`http://${started.address}`);
});

afterAll(async () => {
  session.destroy();
  await coordinator.end();
});

interface Sent {
  readonly headers?: OutgoingHttpHeaders;
  /** Says nothing more, but does not end either. */
  readonly isOpen?: boolean;
}

/** The status that comes of bytes after the headers of a call; null where none comes. */
function send(path: string, bytes: Uint8Array, sent: Sent = {}): Promise<number | null> {
  const stream = session.request({
    ...{ ':method': 'POST', ':path': path, te: 'trailers' },
    ...{ 'content-type': 'application/grpc', ...sent.headers },
  });
  let code: number | null = null;
  const see = (headers: OutgoingHttpHeaders) => {
    if (headers['grpc-status'] !== undefined) code = Number(headers['grpc-status']);
    expect(JSON.stringify(headers)).not.toContain(CANARY);
  };
  stream
    .on('response', see)
    .on('trailers', see)
    .on('error', () => {})
    .resume();
  stream.write(bytes);
  if (sent.isOpen !== true) stream.end();
  return new Promise((resolve) => {
    // Who resets calls instead is shown the door after a thousand.
    stream.on('end', () => stream.end()).on('close', () => resolve(code));
  });
}

/** A message as it goes over the wire; it may lie about its length. */
function framed(message: Uint8Array, { isPacked = false, length = message.length } = {}) {
  const head = Buffer.alloc(5);
  head.writeUInt8(isPacked ? 1 : 0, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

/** Bytes of which nobody knows anything, the same in every run. */
function random(seed: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

/** By how much the most memory that the coordinator has had meanwhile exceeds what it had. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  const { pid } = coordinator.child;
  const kib = (name: string) => {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]);
  };
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = kib('VmRSS');
  await work();
  return 1024 * (kib('VmHWM') - before);
}

/** A message whose first field, of that number, is another message. */
function within(field: number, message: Uint8Array): Buffer {
  const { length } = message;
  const varint = Buffer.of((length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14);
  return Buffer.concat([Buffer.of(8 * field + 2), varint, message]);
}

/** As many empty messages in a list as a request can hold. */
const empties = (field: number) =>
  Buffer.alloc(MAX_REQUEST_BYTES - 16, Buffer.of(8 * field + 2, 0));

const refusals = () =>
  coordinator
    .log()
    .split('\n')
    .filter((line) => /call refused/.test(line));

describe.each(paths)('%s', (path) => {
  it('ends with a refusal where a message is none', async () => {
    const codes = new Set<number | null>();
    for (let n = 0; n < 300; n++) {
      const bytes = Buffer.concat([random(`${path} ${n}`, n), Buffer.from(CANARY)]);
      codes.add(await send(path, framed(bytes)));
    }
    // Some are a message with fields that nobody knows.
    const { OK, NOT_FOUND, FAILED_PRECONDITION } = status;
    for (const code of codes) {
      expect([OK, INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION]).toContain(code);
    }
    expect(codes).toContain(INVALID_ARGUMENT);
  });

  it('ends at once where a message says that it is too large', async () => {
    const bytes = framed(Buffer.from(CANARY), { length: 0xffffffff });
    expect(await send(path, bytes, { isOpen: true })).toBe(RESOURCE_EXHAUSTED);
    expect(await send(path, framed(Buffer.alloc(MAX_REQUEST_BYTES + 1)))).toBe(RESOURCE_EXHAUSTED);
  });

  it('ends where a message ends before it should', async () => {
    const { OK, UNIMPLEMENTED } = status;
    const bytes = framed(Buffer.from(CANARY), { length: 1000 });
    expect([OK, INVALID_ARGUMENT, UNIMPLEMENTED, status.INTERNAL]).toContain(
      await send(path, bytes),
    );
  });

  it('ends where a message is packed, and is a bomb or is none', async () => {
    const bomb = framed(BOMB, { isPacked: true });
    expect(await send(path, bomb, { headers: PACKED })).toBe(RESOURCE_EXHAUSTED);
    const garbage = framed(random(path, 1000), { isPacked: true });
    expect(await send(path, garbage, { headers: PACKED })).toBe(INVALID_ARGUMENT);
  });
});

const toAll = (bytes: Uint8Array, headers = {}) =>
  Promise.all(paths.map((path) => send(path, bytes, { headers })));
const [SUBMIT, ATTACH, PUSH] = [
  jobs.JobsService.submit.path,
  workers.WorkersService.attach.path,
  blobs.BlobsService.push.path,
];

describe('a coordinator', () => {
  const attacks: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['sizes that are none', () => toAll(framed(Buffer.of(1), { length: 2 ** 19 }))],
    ['gzip bombs', () => toAll(framed(BOMB, { isPacked: true }), PACKED)],
    ['islands that are nothing', () => send(SUBMIT, framed(within(2, empties(5))))],
    ['cells that are nothing', () => send(ATTACH, framed(within(1, empties(4))))],
    [
      'blobs of a gibibyte that do not come',
      () => {
        const frame = blobs.Frame.encode({ data: Buffer.of(1), totalBytes: 2 ** 30 }).finish();
        return Promise.all(Array.from({ length: 200 }, () => send(PUSH, framed(frame))));
      },
    ],
  ];

  it.skipIf(process.platform !== 'linux').each(attacks)('grows little by %s', async (_, attack) => {
    expect(await growth(attack)).toBeLessThan(LIMIT_BYTES);
  });

  it('still answers', async () => {
    expect(await send(jobs.JobsService.list.path, framed(Buffer.of()))).toBe(status.OK);
  });

  it('says of each refusal its code and nothing else', async () => {
    expect(refusals().length).toBeGreaterThan(paths.length);
    expect(coordinator.log()).not.toContain(CANARY);
    expect(refusals()[0]).toMatch(/"code":"INVALID_ARGUMENT"/);
  });
});
