import { type Identity, isClusterWorker, maySee } from '@isola/cluster/runtime';
import { type blobs, FrameReader, framesOf, writeAll } from '@isola/cluster/wire';
import { Refusal } from '../scheduling/index.js';
import type { Store } from '../store/index.js';
import { answerWith, streamWith } from './answer.js';
import type { WhoCalls } from './who-calls.js';

export interface BlobsSettings {
  readonly store: Pick<Store<never>, 'getBlob' | 'putBlob'>;
  readonly whoCalls: WhoCalls;
  /** Told of what a tenant has sent. */
  readonly onSent: (tenant: string, blob: string) => void;
  /** Tenants that a blob is of. */
  readonly ownersOf: (blob: string) => readonly string[];
  readonly maxBlobBytes: number;
}

/** Blobs to and from the store. */
export function blobsService(settings: BlobsSettings): blobs.BlobsServer {
  const { store, whoCalls, onSent, ownersOf, maxBlobBytes } = settings;
  const isFor = (identity: Identity, blob: string) =>
    isClusterWorker(identity) || ownersOf(blob).some((owner) => maySee(identity, owner));
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
        const { id } = call.request;
        if (!isFor(whoCalls(call), id)) throw new Refusal('not-found', 'there is no such blob');
        await writeAll(call, framesOf(await store.getBlob(id)));
        call.end();
      }),
    push: (call, answer) =>
      answerWith(answer, async () => {
        const id = await store.putBlob(await received(call));
        onSent(whoCalls(call).tenant, id);
        return { id };
      }),
  };
}
