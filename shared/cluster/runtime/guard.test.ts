import { Client, compressionAlgorithms, Server, type ServiceError, status } from '@grpc/grpc-js';
import { BlobsClient, type BlobsServer, BlobsService, type Frame } from '@isola/proto/blobs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLIENT_OPTIONS,
  FRAME_BYTES,
  MAX_REQUEST_BYTES,
  SERVER_OPTIONS,
} from './channel-options.js';
import { clientCredentials, serverCredentials } from './credentials.js';
import { guard } from './guard.js';

/** A call that has no row among the permissions. */
const UNLISTED = '/isola.cluster.v1.Jobs/Drop';

const server = new Server({ ...SERVER_OPTIONS, interceptors: [guard(null)] });
let address = '';
let bytesReceived = 0;

const handlers: BlobsServer = {
  pull: (call) => call.end(),
  push: (call, done) => {
    call.on('data', ({ data }: Frame) => {
      bytesReceived += data.length;
    });
    call.on('end', () => done(null, { id: '' }));
    call.on('error', () => {});
  },
};

beforeAll(async () => {
  server.addService(BlobsService, handlers);
  server.register(UNLISTED, () => expect.unreachable(), Buffer.from, String, 'unary');
  address = await new Promise<string>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', serverCredentials(null), (error, port) => {
      if (error === null) resolve(`127.0.0.1:${port}`);
      else reject(error);
    });
  });
});

afterAll(() => server.forceShutdown());

/** Pushes frames; the code of the answer. */
function push(frames: readonly Buffer[], options = {}): Promise<status> {
  const client = new BlobsClient(address, clientCredentials(null), {
    ...CLIENT_OPTIONS,
    ...options,
  });
  return new Promise<status>((resolve) => {
    const call = client.push((error) => resolve(error?.code ?? status.OK));
    call.on('error', () => {});
    for (const data of frames) call.write({ data, totalBytes: 0 });
    call.end();
  }).finally(() => client.close());
}

describe('a server without certificates', () => {
  it('lets everybody of this machine in', async () => {
    const before = bytesReceived;
    const frame = Buffer.alloc(FRAME_BYTES, 7);
    expect(await push([frame, frame])).toBe(status.OK);
    expect(bytesReceived - before).toBe(2 * FRAME_BYTES);
  });

  it('lets nobody make a call without a row among the permissions', async () => {
    const client = new Client(address, clientCredentials(null), CLIENT_OPTIONS);
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(UNLISTED, Buffer.from, String, 'x', resolve);
    });
    expect(error?.code).toBe(status.PERMISSION_DENIED);
    client.close();
  });

  it('refuses messages that are too large, as they come and unpacked', async () => {
    const before = bytesReceived;
    const careless = { 'grpc.max_send_message_length': -1 };
    const large = Buffer.alloc(MAX_REQUEST_BYTES + 1);
    expect(await push([large], careless)).toBe(status.RESOURCE_EXHAUSTED);
    const bomb = Buffer.alloc(64 * MAX_REQUEST_BYTES);
    const packed = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };
    expect(await push([bomb], { ...careless, ...packed })).toBe(status.RESOURCE_EXHAUSTED);
    expect(bytesReceived).toBe(before);
  });

  it('is not sent what it would refuse', async () => {
    const large = Buffer.alloc(2 ** 22 + 1);
    expect(await push([large])).toBe(status.RESOURCE_EXHAUSTED);
  });
});
