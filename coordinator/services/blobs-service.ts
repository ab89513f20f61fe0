import type { ServerReadableStream } from '@grpc/grpc-js';
import { type Identity, isClusterWorker, maySee, RpcProblem } from '@isola/cluster/runtime';
import { type blobs, FrameReader, framesOf, writeAll } from '@isola/cluster/wire';
import { Refusal } from '../scheduling/index.js';
import type { Store } from '../store/index.js';
import type { Answers } from './answers.js';
import { InFlight } from './in-flight.js';
import { OutgoingBlobs } from './outgoing-blobs.js';
import type { WhoCalls } from './who-calls.js';

export interface BlobsSettings {
  readonly store: Pick<Store<never>, 'getBlob' | 'putBlob'>;
  readonly whoCalls: WhoCalls;
  readonly answers: Answers;
  /** Told of what a tenant has sent. */
  readonly onSent: (tenant: string, blob: string) => void;
  /** Tenants that a blob is of. */
  readonly ownersOf: (blob: string) => readonly string[];
  readonly limits: BlobLimits;
}

export interface BlobLimits {
  readonly maxBlobBytes: number;
  /** Of all blobs that are on their way in, or out, and of those of one tenant. */
  readonly maxInFlightBytes: number;
  readonly maxTenantInFlightBytes: number;
  /** A push from which nothing comes for so long is ended, and a pull that takes nothing. */
  readonly idleMs: number;
}

/** Blobs to and from the store. */
export function blobsService(settings: BlobsSettings): blobs.BlobsServer {
  const { store, whoCalls, answers, onSent, ownersOf, limits } = settings;
  const inFlight = new InFlight(limits.maxInFlightBytes, limits.maxTenantInFlightBytes);
  const outgoing = new OutgoingBlobs(
    (id) => store.getBlob(id),
    new InFlight(limits.maxInFlightBytes, limits.maxTenantInFlightBytes),
  );
  const isFor = (identity: Identity, blob: string) =>
    isClusterWorker(identity) || ownersOf(blob).some((owner) => maySee(identity, owner));
  return {
    pull: (call) =>
      answers.stream(call, async () => {
        const { id } = call.request;
        if (!isFor(whoCalls(call), id)) throw new Refusal('not-found', 'there is no such blob');
        const send = async (bytes: Uint8Array) => {
          if (await writeAll(call, framesOf(bytes), limits.idleMs)) call.end();
          else throw new RpcProblem('UNAVAILABLE', `took no frame for ${limits.idleMs / 1000} s`);
        };
        await outgoing.with(id, payerOf(whoCalls(call)), send, () => call.cancelled);
      }),
    push: (call, answer) =>
      answers.once(answer, async () => {
        const { tenant } = whoCalls(call);
        const room = new Room(inFlight, tenant);
        try {
          const id = await store.putBlob(await received(call, limits, room));
          onSent(tenant, id);
          return { id };
        } finally {
          room.leave();
        }
      }),
  };
}

/** The tenant whose limit counts; none where a worker, or this machine's user, fetches. */
function payerOf(identity: Identity): string | null {
  return isClusterWorker(identity) || identity.role === 'local' ? null : identity.tenant;
}

/** What one push takes of the bytes in flight. */
class Room {
  private bytes = 0;

  constructor(
    private readonly inFlight: InFlight,
    private readonly tenant: string,
  ) {}

  /** @throws RpcProblem where there is none */
  take(bytes: number): void {
    this.inFlight.take(this.tenant, bytes);
    this.bytes += bytes;
  }

  leave(): void {
    this.inFlight.give(this.tenant, this.bytes);
  }
}

/** @throws Refusal, RpcProblem */
async function received(
  call: ServerReadableStream<blobs.Frame, blobs.PushReply>,
  { maxBlobBytes, idleMs }: BlobLimits,
  room: Room,
): Promise<Uint8Array> {
  const reader = new FrameReader(maxBlobBytes);
  const idle = setTimeout(() => {
    call.destroy(new Refusal('incomplete', `no frame has come for ${idleMs / 1000} s`));
  }, idleMs);
  try {
    for await (const frame of call as AsyncIterable<blobs.Frame>) {
      idle.refresh();
      room.take(frame.data.length);
      const problem = reader.take(frame);
      if (problem === 'too-large') {
        throw new Refusal('too-large', `a blob has at most ${maxBlobBytes} bytes`);
      }
      if (problem !== null) throw new Refusal('incomplete', 'a frame is empty, or one too many');
    }
  } finally {
    clearTimeout(idle);
  }
  const bytes = reader.bytes();
  if (bytes === null) throw new Refusal('incomplete', 'frames are missing');
  return bytes;
}
