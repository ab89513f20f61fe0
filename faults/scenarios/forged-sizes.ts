import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { blobs, jobs } from '@isola/cluster/wire';
import { freePorts } from '@isola/coordinator/nats';
import { startPart } from 'isola/cluster-processes';
import { type Fault, longest } from '../lab/fault.js';
import { type Answer, type RawRpc, rawHttp, rawRpc } from '../lab/raw-calls.js';
import { temporaryFolder } from '../lab/temporary.js';

const MOST_MS = 100;
const MOST_MEBIBYTES = 64;
const MEBIBYTE = 2 ** 20;
/** As long as a plan may be. */
const PLAN_BYTES = 16_000;
const SUBMIT = jobs.JobsService.submit.path;
const PUSH = blobs.BlobsService.push.path;

const bomb = gzipSync(Buffer.alloc(256 * MEBIBYTE));
const frame = (totalBytes: number, bytes: number) =>
  blobs.Frame.encode({ totalBytes, data: Buffer.alloc(bytes) }).finish();

const RPCS: Readonly<Record<string, RawRpc>> = {
  'a message over the limit': { path: SUBMIT, body: Buffer.alloc(5 * MEBIBYTE) },
  'a length of 4 GiB': { path: SUBMIT, length: 2 ** 32 - 1, body: Buffer.alloc(100) },
  'a gzip bomb': {
    ...{ path: SUBMIT, flag: 1, body: bomb, headers: { 'grpc-encoding': 'gzip' } },
  },
  'an unknown compression': {
    ...{ path: SUBMIT, flag: 1, body: Buffer.alloc(100), headers: { 'grpc-encoding': 'none' } },
  },
  'a field that is longer than its message': {
    ...{ path: SUBMIT, body: Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3]) },
  },
  'a blob that says it is a petabyte': { path: PUSH, body: frame(2 ** 50, 10) },
  'a blob that is longer than it says': { path: PUSH, body: frame(10, MEBIBYTE) },
};

const post = (...headers: readonly string[]) =>
  [
    ...['POST /v1/jobs HTTP/1.1', 'host: 127.0.0.1', 'content-type: application/yaml'],
    ...[...headers, '', ''],
  ].join('\r\n');
const sized = (body: Uint8Array, ...headers: readonly string[]) => [
  post(`content-length: ${body.length}`, ...headers),
  body,
];
const aliases = Array.from({ length: 30 }, (_, i) => {
  return `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}*a${i}]`;
});

const HTTPS: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
  'a length of 10 GB': [post('content-length: 10000000000'), 'case: '],
  'a body over the limit': sized(Buffer.alloc(2 * MEBIBYTE, 0x20)),
  'a body in pieces without end': [
    post('transfer-encoding: chunked'),
    ...Array.from({ length: 40 }, () => `10000\r\n${' '.repeat(0x10000)}\r\n`),
  ],
  'a packed body': sized(bomb.subarray(0, MEBIBYTE / 2), 'content-encoding: gzip'),
  'aliases of aliases': sized(Buffer.from(['a0: &a0 [x]', ...aliases].join('\n'))),
  'lists in lists': sized(Buffer.from('['.repeat(PLAN_BYTES))),
  'lists in lists, without brackets': sized(Buffer.from('- '.repeat(PLAN_BYTES / 2))),
  'the same key again and again': sized(Buffer.from('a: |\n'.repeat(PLAN_BYTES / 5))),
  'headers over the limit': [post(`x: ${'x'.repeat(64 * 1024)}`)],
};

/** Messages that are too large, grow when unpacked, or lie about their size, at both doors. */
export const forgedSizes: Fault = {
  number: 21,
  summary: 'oversize messages, gzip bombs, forged sizes',
  trials: 100,
  lacking: () => (process.platform === 'linux' ? '' : 'memory is read from /proc'),
  async run(trials, progress) {
    const [rpc, web] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`);
    const args = ['serve', '--store', 'store', '--listen', rpc, '--http', web];
    const part = await startPart(temporaryFolder('serve'), args, /listens on/);
    const attacks: [string, () => Promise<Answer>][] = [
      ...Object.entries(RPCS).map(([name, call]): [string, () => Promise<Answer>] => {
        return [name, () => rawRpc(rpc, call)];
      }),
      ...Object.entries(HTTPS).map(([name, parts]): [string, () => Promise<Answer>] => {
        return [name, () => rawHttp(web, ...parts)];
      }),
    ];
    try {
      // Whoever asks for the first time has code loaded and compiled.
      for (const [, attack] of attacks) await attack();
      const before = mebibytes(part.child.pid, 'VmHWM');
      const slowest: Record<string, number> = {};
      let taken = 0;
      for (const [name, attack] of attacks) {
        const timesMs: number[] = [];
        let last: Answer = null;
        for (let trial = 0; trial < trials; trial++) {
          const startMs = performance.now();
          last = await attack();
          timesMs.push(performance.now() - startMs);
          if (last === 0 || (last !== null && last >= 200 && last < 300)) taken++;
        }
        slowest[name] = longest(timesMs);
        progress(`${name}: ${last ?? 'cut off'} after at most ${slowest[name]} ms`);
      }
      const refusedWithinMs = longest(Object.values(slowest));
      const moreMebibytes = mebibytes(part.child.pid, 'VmHWM') - before;
      const isBounded = refusedWithinMs <= MOST_MS && moreMebibytes <= MOST_MEBIBYTES;
      const kinds = attacks.length;
      const seen = { kinds, taken, refusedWithinMs, moreMebibytes, slowest };
      const isKept = taken === 0;
      return { pass: isKept && isBounded, isKept, trials, ...seen };
    } finally {
      await part.end();
    }
  },
};

/** Of memory of a process: VmRSS now, VmHWM at most so far. */
function mebibytes(pid: number | undefined, what: 'VmRSS' | 'VmHWM'): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024);
}
