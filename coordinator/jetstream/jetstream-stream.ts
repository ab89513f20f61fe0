/** A stream of the servers: made where it is not there, and what may be read of it. */
import {
  JetStreamApiCodes,
  JetStreamApiError,
  JetStreamError,
  type JetStreamManager,
  type StoredMsg,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { JetStreamLink } from './jetstream-link.js';

/** What `stream` must be like; how many replicas and bytes it has is for who runs the servers. */
export type StreamNeeds = Partial<Omit<StreamConfig, 'num_replicas' | 'max_bytes'>> & {
  readonly name: string;
};

/** Nothing leaves a stream by itself, or is there before it is on disk. */
const LASTING: Partial<StreamConfig> = {
  retention: 'limits',
  storage: 'file',
  discard: 'new',
  max_age: 0,
  max_msgs: -1,
  allow_direct: true,
};

/** @throws StoreError 'unwritable': there is one of that name that loses what it was given */
export async function ensureStream(
  link: JetStreamLink,
  replicas: number,
  needs: StreamNeeds,
): Promise<void> {
  const wanted = { ...LASTING, ...needs };
  const config = await link.attempt((manager) => configOf(manager, wanted, replicas));
  const values: Readonly<Record<string, unknown>> = config;
  for (const [key, value] of Object.entries(wanted)) {
    if (JSON.stringify(values[key]) === JSON.stringify(value)) continue;
    const found = `${key} ${JSON.stringify(values[key])}, not ${JSON.stringify(value)}`;
    throw link.error('unwritable', `the stream ${needs.name} has ${found}; give another prefix`);
  }
  if (config.persist_mode === 'async') {
    const found = 'acknowledges before it has written (persist_mode async)';
    throw link.error('unwritable', `the stream ${needs.name} ${found}; give another prefix`);
  }
}

async function configOf(
  manager: JetStreamManager,
  wanted: StreamNeeds,
  replicas: number,
): Promise<StreamConfig> {
  try {
    return (await manager.streams.info(wanted.name)).config;
  } catch (error) {
    if (codeOf(error) !== JetStreamApiCodes.StreamNotFound) throw error;
  }
  return (await manager.streams.add({ ...wanted, num_replicas: replicas })).config;
}

/** The number of an error of the JetStream API. */
export function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

/** A message by its number or the last one of a subject. */
export type Query = { readonly seq: number } | { readonly last_by_subj: string };

/** Who is asked for a message: any replica, which is cheap but may lag or rot; or the leader. */
export type Reader = (
  manager: JetStreamManager,
  stream: string,
  query: Query,
) => Promise<StoredMsg | null>;

export const anyReplica: Reader = async (manager, stream, query) => {
  try {
    return await manager.direct.getMessage(stream, query);
  } catch (error) {
    // A message that the server cannot read is reported in several ways; the leader decides.
    if (error instanceof JetStreamError && !isUnavailable(error)) return null;
    throw error;
  }
};

export const leader: Reader = (manager, stream, query) => manager.streams.getMessage(stream, query);

function isUnavailable(error: Error): boolean {
  return (error as Error & { code?: number }).code === 503;
}

/** Bounds of one answer: 1024 events of the usual size, or some large ones. */
const BATCH = { batch: 1024, max_bytes: 4 << 20 };
const SILENCE_MS = 2000;

/**
 * Messages from a number on, as many as one answer holds; fewer where the replica that answers
 * lags, or the connection breaks.
 */
export async function batchFrom(
  manager: JetStreamManager,
  stream: string,
  seq: number,
): Promise<StoredMsg[]> {
  const found: StoredMsg[] = [];
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => {
      clearTimeout(timer);
      if (error === undefined || found.length > 0) resolve(found);
      else reject(error);
    };
    let timer: NodeJS.Timeout;
    let stop = () => {};
    const listen = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        stop();
        end(new JetStreamError('no messages come'));
      }, SILENCE_MS);
    };
    listen();
    manager.direct
      .getBatch(stream, {
        ...{ seq, ...BATCH },
        callback: (done, message) => {
          if (done !== null) return end(done.err);
          found.push(message);
          listen();
        },
      })
      .then((iterator) => {
        stop = () => iterator.stop();
      }, end);
  });
}

/** The number of a stream's last message, as the leader knows it. */
export async function lastSequence(manager: JetStreamManager, stream: string): Promise<StreamEnd> {
  const { state, config } = await manager.streams.info(stream);
  return { last: state.last_seq, isCertain: config.num_replicas === 1 };
}

export interface StreamEnd {
  readonly last: number;
  /** Whether that is all; a new leader of several servers may yet learn of more. */
  readonly isCertain: boolean;
}
