/** Blobs in frames, checked against their names on arrival. */
import { createHash } from 'node:crypto';
import type { BlobsClient, Frame } from '@isola/proto/blobs';
import { FRAME_BYTES, MAX_BLOB_BYTES } from '../runtime/index.js';

/** A transfer that brings nothing for so long is given up. */
const DEADLINE_MS = 600_000;

/** The frames of a blob; one, empty, of no bytes. They are copies: none keeps a blob in memory. */
export function* framesOf(bytes: Uint8Array): Generator<Frame> {
  for (let at = 0; at === 0 || at < bytes.length; at += FRAME_BYTES) {
    const data = Buffer.from(bytes.subarray(at, at + FRAME_BYTES));
    yield { data, totalBytes: at === 0 ? bytes.length : 0 };
  }
}

/** What is wrong with a frame; null: nothing. */
export type FrameProblem = 'too-large' | 'malformed';

/**
 * Puts frames together again. Memory grows with the bytes that have come, not with what was
 * announced, nor with how many frames they came in.
 */
export class FrameReader {
  private buffer = Buffer.alloc(0);
  private length = 0;
  /** Null before the first frame. */
  private announced: number | null = null;

  constructor(private readonly maxBytes: number) {}

  take({ data, totalBytes }: Frame): FrameProblem | null {
    const isNone = this.announced === null && totalBytes === 0;
    this.announced ??= totalBytes;
    if (this.announced > this.maxBytes) return 'too-large';
    const length = this.length + data.length;
    if (length > this.announced || (data.length === 0 && !isNone)) return 'malformed';
    if (length > this.buffer.length) this.grow(length);
    this.buffer.set(data, this.length);
    this.length = length;
    return null;
  }

  /** All bytes; null where some are missing. */
  bytes(): Uint8Array | null {
    return this.length === this.announced ? this.buffer : null;
  }

  private grow(length: number): void {
    const larger = Math.max(length, FRAME_BYTES, 2 * this.buffer.length);
    const buffer = Buffer.alloc(Math.min(larger, this.announced ?? 0));
    this.buffer.copy(buffer, 0, 0, this.length);
    this.buffer = buffer;
  }
}

/**
 * Fetches a blob.
 * @throws ServiceError; Error where what arrives is not what its name says
 */
export async function pullBlob(client: BlobsClient, id: string): Promise<Uint8Array> {
  const reader = new FrameReader(MAX_BLOB_BYTES);
  for await (const frame of client.pull({ id }, { deadline: Date.now() + DEADLINE_MS })) {
    if (reader.take(frame as Frame) !== null) break;
  }
  const bytes = reader.bytes();
  if (bytes !== null && createHash('sha256').update(bytes).digest('hex') === id) return bytes;
  throw new Error(`blob ${id} has changed on its way`);
}

/**
 * Sends a blob; resolves to its name once it is safe.
 * @throws ServiceError
 */
export function pushBlob(client: BlobsClient, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = client.push({ deadline: Date.now() + DEADLINE_MS }, (error, reply) => {
      // What is still to be written is waited for otherwise: nobody else says that it never is.
      call.destroy();
      if (error === null) resolve(reply.id);
      else reject(error);
    });
    // The error is told to the callback as well.
    call.on('error', () => {});
    void writeAll(call, framesOf(bytes), DEADLINE_MS).then(() => call.end());
  });
}

/** What frames are written to: one side of a call. */
export interface FrameSink {
  write(frame: Frame, taken: (error?: Error | null) => void): boolean;
  on(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  readonly destroyed: boolean;
}

/**
 * Writes frames one by one, each once the one before is taken; stops where the other side is gone,
 * or takes none for `idleMs`. Whether all were taken.
 */
export async function writeAll(
  sink: FrameSink,
  frames: Iterable<Frame>,
  idleMs: number,
): Promise<boolean> {
  for (const frame of frames) {
    if (sink.destroyed || !(await isTaken(sink, frame, idleMs))) return false;
  }
  return true;
}

function isTaken(sink: FrameSink, frame: Frame, idleMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const told = (isSo: boolean) => {
      clearTimeout(idle);
      sink.off('close', gone);
      resolve(isSo);
    };
    const gone = () => told(false);
    const idle = setTimeout(gone, idleMs);
    sink.on('close', gone);
    sink.write(frame, (error) => told(!error));
  });
}
