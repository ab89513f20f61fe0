import { type blobs, FrameReader, framesOf, writeAll } from '@isola/cluster/wire';
import { Refusal } from '../scheduling/index.js';
import type { Store } from '../store/index.js';
import { answerWith, streamWith } from './answer.js';
import type { CallerOf } from './caller.js';

export interface BlobsSettings {
  readonly store: Pick<Store<never>, 'getBlob' | 'putBlob'>;
  readonly callerOf: CallerOf;
  /** Whether a tenant may read a blob. */
  readonly isOf: (tenant: string, blob: string) => boolean;
  readonly maxBlobBytes: number;
}

/** Blobs to and from the store. */
export function blobsService(settings: BlobsSettings): blobs.BlobsServer {
  const { store, callerOf, isOf, maxBlobBytes } = settings;
  const received = async (frames: AsyncIterable<blobs.Frame>) => {
    const reader = new FrameReader(maxBlobBytes);
    for await (const frame of frames) {
      if (reader.take(frame)) continue;
      throw new Refusal('too-large', `a blob has more bytes than it says, or than ${maxBlobBytes}`);
    }
    const bytes = reader.bytes();
    if (bytes === null) throw new Refusal('incomplete', 'frames are missing');
    return bytes;
  };
  return {
    pull: (call) =>
      streamWith(call, async () => {
        const { tenant, isWorker } = callerOf(call);
        const { id } = call.request;
        if (!isWorker && !isOf(tenant, id)) throw new Refusal('not-found', 'there is no such blob');
        await writeAll(call, framesOf(await store.getBlob(id)));
        call.end();
      }),
    push: (call, answer) =>
      answerWith(answer, async () => ({ id: await store.putBlob(await received(call)) })),
  };
}
