/** A user's way to a cluster: submits jobs, follows and cancels them, fetches what they made. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  type ChannelCredentials,
  type ChannelOptions,
  type Client,
  connectivityState,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { blobs, jobs, pullBlob, pushBlob } from '@isola/cluster/wire';
import { clusterProblem, isUnreachable, retryMsOf } from './cluster-problem.js';

export interface ClusterPlace {
  /** `HOST:PORT`, several separated by commas. */
  readonly coordinator: string;
  readonly credentials: ChannelCredentials;
  readonly channelOptions: ChannelOptions;
}

const CALL_MS = 10_000;
/** A cluster that was reached may be away for so long before a watcher gives up. */
const PATIENCE_MS = 600_000;
const RETRY_MS = 500;
/** Whose tenant calls too much waits so long for a call of its own. */
const BUSY_MS = 30_000;
/** A coordinator that was stopped takes connections and says nothing. */
const SILENT_MS = 5_000;

type Answer<T> = (error: ServiceError | null, reply: T) => void;

interface Clients {
  readonly jobs: jobs.JobsClient;
  readonly blobs: blobs.BlobsClient;
}

export class ClusterClient {
  private readonly all: readonly Clients[];
  private current = 0;

  constructor(private readonly place: ClusterPlace) {
    const { coordinator, credentials, channelOptions } = place;
    this.all = coordinator.split(',').map((address) => ({
      jobs: new jobs.JobsClient(address, credentials, { ...channelOptions }),
      blobs: new blobs.BlobsClient(address, credentials, { ...channelOptions }),
    }));
  }

  push(bytes: Uint8Array): Promise<string> {
    return this.first((clients) => pushBlob(clients.blobs, bytes));
  }

  pull(id: string): Promise<Uint8Array> {
    return this.first((clients) => pullBlob(clients.blobs, id));
  }

  submit(spec: jobs.JobSpec): Promise<jobs.SubmitReply> {
    return this.call((client, answer: Answer<jobs.SubmitReply>) =>
      client.submit({ idempotencyKey: '', spec }, new Metadata(), deadline(), answer),
    );
  }

  cancel(jobId: string, now: boolean): Promise<jobs.JobUpdate> {
    return this.call((client, answer: Answer<jobs.JobUpdate>) =>
      client.cancel({ jobId, now }, new Metadata(), deadline(), answer),
    );
  }

  async list(): Promise<readonly jobs.JobUpdate[]> {
    const reply = await this.call((client, answer: Answer<jobs.ListReply>) =>
      client.list({}, new Metadata(), deadline(), answer),
    );
    return reply.jobs;
  }

  /** Follows a job to its end, across the loss of its coordinator. Gives its last update. */
  async follow(jobId: string, onUpdate: (update: jobs.JobUpdate) => void): Promise<jobs.JobUpdate> {
    let lastMs = performance.now();
    for (;;) {
      let last: jobs.JobUpdate | null = null;
      try {
        for await (const update of this.watch(jobId)) {
          last = update;
          lastMs = performance.now();
          onUpdate(last);
        }
      } catch (error) {
        const isPassing = isUnreachable(error) || retryMsOf(error) !== null;
        if (!isPassing || performance.now() - lastMs > PATIENCE_MS) {
          throw clusterProblem(this.place.coordinator, error);
        }
        await pause(retryMsOf(error) ?? 0);
      }
      if (last !== null && isOver(last)) return last;
      this.turn();
      await pause(RETRY_MS);
    }
  }

  close(): void {
    for (const clients of this.all) {
      clients.jobs.close();
      clients.blobs.close();
    }
  }

  /** Updates of a job; ends with an error where the first is too long in coming. */
  private async *watch(jobId: string): AsyncGenerator<jobs.JobUpdate> {
    const call = this.all[this.current].jobs.watch({ jobId });
    const patience = setTimeout(() => call.cancel(), SILENT_MS);
    try {
      for await (const update of call) {
        clearTimeout(patience);
        yield update as jobs.JobUpdate;
      }
    } finally {
      clearTimeout(patience);
      call.cancel();
    }
  }

  private call<T>(action: (client: jobs.JobsClient, answer: Answer<T>) => void): Promise<T> {
    return this.first(
      (clients) =>
        new Promise((resolve, reject) => {
          action(clients.jobs, (error, reply) => {
            if (error === null) resolve(reply);
            else reject(error);
          });
        }),
    );
  }

  /** The first coordinator that answers; one that has no time now is asked again when it says. */
  private async first<T>(action: (clients: Clients) => Promise<T>): Promise<T> {
    const untilMs = performance.now() + BUSY_MS;
    for (let tried = 1; ; tried++) {
      const clients = this.all[this.current];
      try {
        await untilAnswered(clients.jobs);
        return await action(clients);
      } catch (error) {
        const retryMs = retryMsOf(error);
        if (retryMs !== null && performance.now() + retryMs < untilMs) {
          await pause(retryMs);
          tried--;
          continue;
        }
        if (!isUnreachable(error) || tried >= this.all.length) {
          throw clusterProblem(this.place.coordinator, error);
        }
        this.turn();
      }
    }
  }

  private turn(): void {
    this.current = (this.current + 1) % this.all.length;
  }
}

/**
 * Calls to who does not take them fail by themselves, but those to who says nothing wait.
 * @throws ServiceError UNAVAILABLE where a connection is too long in coming
 */
function untilAnswered(client: Client): Promise<void> {
  const channel = client.getChannel();
  const untilMs = Date.now() + SILENT_MS;
  return new Promise((resolve, reject) => {
    const look = (late?: Error) => {
      const state = channel.getConnectivityState(true);
      const isBegun = state === connectivityState.IDLE || state === connectivityState.CONNECTING;
      if (!isBegun) resolve();
      else if (late === undefined) channel.watchConnectivityState(state, untilMs, look);
      else reject(Object.assign(late, { code: status.UNAVAILABLE, details: late.message }));
    };
    look();
  });
}

function deadline(): { deadline: number } {
  return { deadline: Date.now() + CALL_MS };
}

export function isOver({ state }: jobs.JobUpdate): boolean {
  const { SUCCEEDED, FAILED, CANCELLED } = jobs.JobState;
  return state === SUCCEEDED || state === FAILED || state === CANCELLED;
}
