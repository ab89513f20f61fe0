/**
 * The blobs of a cluster's log, in parts: the last message of `PREFIX.blobs.ID.N` is part N of blob
 * ID. Which of them are whole is for their hash to say. Each part also says how long the log was
 * when it was kept, which tells of a log that lost its end.
 */
import { JetStreamApiCodes, type JetStreamManager, type StoredMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { contentId } from '../store/index.js';
import type { JetStreamLink } from './jetstream-link.js';
import {
  anyReplica,
  codeOf,
  ensureStream,
  lastSequence,
  leader,
  type Reader,
} from './jetstream-stream.js';

/** The leader hands a part out with a third more characters, in 1 MiB at most. */
const PART_BYTES = 512 << 10;
const BLOB_NAME = /^[0-9a-f]{64}$/;
/** Parts of a blob that are under way at once. */
const AT_ONCE = 4;
/** How many parts its blob has, on each. */
const PARTS = 'Isola-Parts';
/** How many events the log had. */
const VERSION = 'Isola-Version';

export class JetStreamBlobs {
  private constructor(
    private readonly link: JetStreamLink,
    private readonly stream: string,
    private readonly subjects: string,
  ) {}

  static async open(
    link: JetStreamLink,
    prefix: string,
    replicas: number,
  ): Promise<JetStreamBlobs> {
    const [name, subjects] = [`${prefix}-blobs`, `${prefix}.blobs`];
    await ensureStream(link, replicas, {
      ...{ name, subjects: [`${subjects}.*.*`] },
      max_msgs_per_subject: 1,
    });
    return new JetStreamBlobs(link, name, subjects);
  }

  /** @param version how many events the log has */
  async put(bytes: Uint8Array, version: number): Promise<string> {
    const id = contentId(bytes);
    const parts = Array.from({ length: Math.ceil(bytes.length / PART_BYTES) || 1 }, (_, n) => n);
    const put = (n: number, isFirst: boolean) => {
      const part = bytes.subarray(n * PART_BYTES, (n + 1) * PART_BYTES);
      const named = headers();
      named.set(PARTS, String(parts.length));
      named.set(VERSION, String(version));
      const options = { headers: named, expect: isFirst ? { lastSubjectSequence: 0 } : {} };
      return this.link.attempt((manager) => publish(manager, this.subject(id, n), part, options));
    };
    const isNew = await inTurns(parts, (n) => put(n, true));
    if (isNew.includes(false) && (await this.find(id)) === null) {
      await inTurns(parts, (n) => put(n, false));
    }
    return id;
  }

  async get(id: string): Promise<Uint8Array> {
    if (!BLOB_NAME.test(id)) throw this.link.error('blob-lost', `"${id}" names no blob`);
    const bytes = await this.find(id);
    if (bytes === null) throw this.link.error('blob-lost', `there is no blob ${id}, or it changed`);
    return bytes;
  }

  /** Whether the first and the last part are there. */
  async has(id: string): Promise<boolean> {
    if (!BLOB_NAME.test(id)) return false;
    const first = await this.part(id, 0, leader);
    if (first === null) return false;
    const last = Number(first.header.get(PARTS)) - 1;
    return last === 0 || (await this.part(id, last, leader)) !== null;
  }

  /** How many events the log had when the last blob was kept. */
  async witnessedVersion(): Promise<number> {
    const last = await this.link.attempt(async (manager) => {
      const { last: seq } = await lastSequence(manager, this.stream);
      return seq === 0 ? null : leader(manager, this.stream, { seq });
    });
    return Number(last?.header.get(VERSION) ?? 0);
  }

  /** A blob whose hash is right; what one replica lacks, or has damaged, the leader may have. */
  private async find(id: string): Promise<Uint8Array | null> {
    for (const reader of [anyReplica, leader]) {
      const bytes = await this.read(id, reader);
      if (bytes !== null && contentId(bytes) === id) return bytes;
    }
    return null;
  }

  private async read(id: string, reader: Reader): Promise<Uint8Array | null> {
    const part = (n: number) => this.part(id, n, reader);
    const first = await part(0);
    if (first === null) return null;
    const count = Number(first.header.get(PARTS));
    const others = Array.from({ length: Math.max(0, count - 1) }, (_, n) => n + 1);
    const parts = [first, ...(await inTurns(others, part))].map((message) => message?.data);
    return parts.includes(undefined) ? null : Buffer.concat(parts as Uint8Array[]);
  }

  private part(id: string, n: number, reader: Reader): Promise<StoredMsg | null> {
    const query = { last_by_subj: this.subject(id, n) };
    return this.link.attempt((manager) => reader(manager, this.stream, query));
  }

  private subject(id: string, part: number): string {
    return `${this.subjects}.${id}.${part}`;
  }
}

/** Whether the part is kept now; where it is not, there is one already. */
async function publish(
  manager: JetStreamManager,
  subject: string,
  part: Uint8Array,
  options: Parameters<ReturnType<JetStreamManager['jetstream']>['publish']>[2],
): Promise<boolean> {
  try {
    await manager.jetstream().publish(subject, part, options);
    return true;
  } catch (error) {
    if (codeOf(error) === JetStreamApiCodes.StreamWrongLastSequence) return false;
    throw error;
  }
}

/** Does something with each, a few at once; in the end all have been done. */
async function inTurns<A, B>(items: readonly A[], action: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  for (let begin = 0; begin < items.length; begin += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(begin, begin + AT_ONCE).map(action))));
  }
  return results;
}
