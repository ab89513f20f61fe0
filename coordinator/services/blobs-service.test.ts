/** Blobs on their way in, from callers that mean no good. */
import { Server, type ServiceError, status } from '@grpc/grpc-js';
import {
  CLIENT_OPTIONS,
  clientCredentials,
  guard,
  RETRY_AFTER,
  SERVER_OPTIONS,
  serverCredentials,
} from '@isola/cluster/runtime';
import { blobs, pullBlob, pushBlob } from '@isola/cluster/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentId, memoryStore } from '../store/index.js';
import { Answers } from './answers.js';
import { blobsService } from './blobs-service.js';
import { InFlight } from './in-flight.js';

const KIB = 1024;
const limits = {
  ...{ maxBlobBytes: 64 * KIB, maxInFlightBytes: 128 * KIB, maxTenantInFlightBytes: 64 * KIB },
  idleMs: 1500,
};
const sent = new Set<string>();
const server = new Server({ ...SERVER_OPTIONS, interceptors: [guard(null)] });
let client: blobs.BlobsClient;

beforeAll(async () => {
  const service = blobsService({
    ...{ store: memoryStore<never>(), limits, ownersOf: () => ['a'] },
    answers: new Answers(() => {}),
    whoCalls: () => ({ tenant: 'a', role: 'planner' }),
    onSent: (_, blob) => void sent.add(blob),
  });
  server.addService(blobs.BlobsService, service);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', serverCredentials(null), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  client = new blobs.BlobsClient(`127.0.0.1:${port}`, clientCredentials(null), CLIENT_OPTIONS);
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

/** A push that goes on until it is ended, and what comes of it. */
function pushing(...frames: readonly blobs.Frame[]) {
  let end = () => {};
  const answer = new Promise<ServiceError | null>((resolve) => {
    const call = client.push((error) => resolve(error));
    call.on('error', () => {});
    for (const frame of frames) call.write(frame);
    end = () => call.end();
  });
  return {
    answer,
    end: () => {
      end();
      return answer;
    },
  };
}

const frame = (bytes: number, totalBytes = 0): blobs.Frame => ({
  data: Buffer.alloc(bytes, 1),
  totalBytes,
});

describe('a blob', () => {
  it.each([0, 1, 1000, 64 * KIB])('of %i bytes arrives', async (bytes) => {
    const whole = Buffer.alloc(bytes, 1);
    const id = await pushBlob(client, whole);
    expect(id).toBe(contentId(whole));
    expect(Buffer.from(await pullBlob(client, id)).equals(whole)).toBe(true);
  });

  it('of bytes that come one by one arrives', async () => {
    const frames = Array.from({ length: 1000 }, (_, n) => frame(1, n === 0 ? 1000 : 0));
    expect(await pushing(...frames).end()).toBe(null);
  });

  it.each([
    ['announces too much', [frame(1, 64 * KIB + 1)], status.RESOURCE_EXHAUSTED],
    ['announces nothing and has bytes', [frame(1, 0)], status.INVALID_ARGUMENT],
    ['has more than it says', [frame(2, 3), frame(2)], status.INVALID_ARGUMENT],
    ['has an empty frame', [frame(2, 3), frame(0)], status.INVALID_ARGUMENT],
    ['begins with an empty frame', [frame(0, 3)], status.INVALID_ARGUMENT],
    ['has two empty frames', [frame(0, 0), frame(0, 0)], status.INVALID_ARGUMENT],
  ])('that %s is refused while it is sent', async (_, frames, code) => {
    expect((await pushing(...frames).answer)?.code).toBe(code);
  });

  it.each([
    ['has no frame', []],
    ['has less than it says', [frame(2, 3)]],
  ])('that %s is refused at its end', async (_, frames) => {
    expect((await pushing(...frames).end())?.code).toBe(status.INVALID_ARGUMENT);
  });

  it('from which nothing comes is given up', async () => {
    const refusal = await pushing(frame(1, 2)).answer;
    expect(refusal?.code).toBe(status.INVALID_ARGUMENT);
    expect(refusal?.details).toBe('no frame has come for 1.5 s');
  });

  it('that none of these was is kept', () => {
    expect(sent.size).toBe(4);
  });
});

describe('bytes on their way in', () => {
  it('are bounded, until they have arrived or are given up', async () => {
    const held = pushing(frame(40 * KIB, 64 * KIB));
    // What was said before on this connection has come once this is answered.
    await expect(pullBlob(client, 'absent')).rejects.toThrow('NOT_FOUND');
    const refusal = await pushing(frame(40 * KIB, 64 * KIB)).answer;
    expect(refusal?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(refusal?.metadata.get(RETRY_AFTER)).toEqual(['1000']);
    expect((await held.answer)?.code).toBe(status.INVALID_ARGUMENT);
    for (let n = 0; n < 3; n++) {
      expect(await pushing(frame(40 * KIB, 40 * KIB)).end()).toBe(null);
    }
  });

  it('of one tenant leave room for others', () => {
    const inFlight = new InFlight(10, 6);
    const refused = (tenant: string, bytes: number) =>
      expect(() => inFlight.take(tenant, bytes)).toThrow('too many');
    refused('a', 7);
    inFlight.take('a', 6);
    refused('a', 1);
    refused('b', 5);
    inFlight.take('b', 4);
    inFlight.give('a', 6);
    inFlight.take('c', 6);
  });
});
