/** Blobs in frames, checked against their names on arrival. */
import { createHash } from 'node:crypto';
import type { BlobsClient, Frame } from '@isola/proto/blobs';
import { FRAME_BYTES } from '../runtime/index.js';

/** A transfer that brings nothing for so long is given up. */
const DEADLINE_MS = 600_000;

/** The frames of a blob; one, empty, of no bytes. */
export function* framesOf(bytes: Uint8Array): Generator<Frame> {
  for (let at = 0; at === 0 || at < bytes.length; at += FRAME_BYTES) {
    const part = bytes.subarray(at, at + FRAME_BYTES);
    const data = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    yield { data, totalBytes: at === 0 ? bytes.length : 0 };
  }
}

/** Puts frames together again; refuses more than was announced, or than `maxBytes`. */
export class FrameReader {
  private readonly parts: Uint8Array[] = [];
  private length = 0;
  private announced = 0;

  constructor(private readonly maxBytes: number) {}

  /** Takes the next frame; false where it makes the blob too large. */
  take({ data, totalBytes }: Frame): boolean {
    if (this.parts.length === 0) this.announced = totalBytes;
    this.parts.push(data);
    this.length += data.length;
    return this.announced <= this.maxBytes && this.length <= this.announced;
  }

  /** All bytes; null where some are missing. */
  bytes(): Uint8Array | null {
    return this.length === this.announced ? Buffer.concat(this.parts, this.length) : null;
  }
}

/**
 * Fetches a blob.
 * @throws ServiceError; Error where what arrives is not what its name says
 */
export async function pullBlob(client: BlobsClient, id: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const frame of client.pull({ id }, { deadline: Date.now() + DEADLINE_MS })) {
    parts.push((frame as Frame).data);
  }
  const bytes = Buffer.concat(parts);
  if (createHash('sha256').update(bytes).digest('hex') !== id) {
    throw new Error(`blob ${id} has changed on its way`);
  }
  return bytes;
}

/**
 * Sends a blob; resolves to its name once it is safe.
 * @throws ServiceError
 */
export function pushBlob(client: BlobsClient, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = client.push({ deadline: Date.now() + DEADLINE_MS }, (error, reply) => {
      if (error === null) resolve(reply.id);
      else reject(error);
    });
    // The error is told to the callback as well.
    call.on('error', () => {});
    void writeAll(call, framesOf(bytes)).then(() => call.end());
  });
}

/** What frames are written to: one side of a call. */
export interface FrameSink {
  write(frame: Frame): boolean;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
  readonly destroyed: boolean;
}

/** Writes frames as fast as they are taken; stops where the other side is gone. */
export async function writeAll(sink: FrameSink, frames: Iterable<Frame>): Promise<void> {
  for (const frame of frames) {
    if (sink.destroyed) return;
    if (sink.write(frame)) continue;
    await new Promise<void>((resolve) => {
      const goOn = () => {
        sink.off('drain', goOn);
        sink.off('close', goOn);
        resolve();
      };
      sink.on('drain', goOn);
      sink.on('close', goOn);
    });
  }
}
