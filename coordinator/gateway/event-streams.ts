import { RpcProblem } from '@isola/cluster/runtime';
import { jobs } from '@isola/cluster/wire';
import type { Dispatcher } from '../scheduling/index.js';
import { JobFollower } from './job-follower.js';
import { ownJob } from './own-job.js';
import type { Route } from './route.js';

export interface StreamLimits {
  readonly all: number;
  readonly ofTenant: number;
}

const RETRY_MS = 5_000;
const LAST: Route['parameters'][number] = {
  ...{ name: 'last-event-id', in: 'header' },
  description: 'The last event that you have; you get those after it.',
  schema: { type: 'integer', minimum: 0 },
};
const ID: Route['parameters'][number] = {
  ...{ name: 'id', in: 'path', description: 'Id of the job.' },
  schema: { type: 'string', maxLength: 64 },
};

/** Followers of jobs; no more than the limits allow. */
export class EventStreams {
  private readonly followers = new Map<JobFollower, string>();

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly limits: StreamLimits,
  ) {}

  get count(): number {
    return this.followers.size;
  }

  route(): Route {
    return {
      ...{ method: 'GET', path: '/v1/jobs/{id}/events', rpc: jobs.JobsService.watch.path },
      summary: 'Follow a job to its end: its events, each with its number as id, and progress.',
      parameters: [ID, LAST],
      answers: {
        200: {
          description: 'Events named as in the log; `progress` events hold a Job and have no id.',
          mediaType: 'text/event-stream',
        },
        204: { description: 'The job is over and you have all its events: do not come back.' },
        404: { description: 'There is no such job, or it is of another tenant.' },
        422: { description: 'The job has no event of this number.' },
        429: { description: 'Too many streams are open.' },
      },
      handle: ({ params, headers }, reply, caller) => {
        const { book } = this.dispatcher;
        const booked = ownJob(book, (params as { readonly id: string }).id, caller);
        const { version, done } = booked.job;
        const known = (headers['last-event-id'] as unknown as number | undefined) ?? 0;
        if (known > version) {
          const allowed = `allowed: 0 to ${version}`;
          throw new RpcProblem(
            'INVALID_ARGUMENT',
            `Last-Event-ID: there is no ${known}; ${allowed}`,
          );
        }
        if (known === version && done !== null) return reply.code(204).send();
        this.checkRoom(caller.tenant);
        reply.hijack();
        if (reply.raw.destroyed) return reply;
        const follower: JobFollower = new JobFollower(
          ...([booked, known, this.dispatcher, reply.raw] as const),
          () => this.followers.delete(follower),
        );
        this.followers.set(follower, caller.tenant);
        return reply;
      },
    };
  }

  endAll(): void {
    for (const follower of this.followers.keys()) follower.end();
  }

  private checkRoom(tenant: string): void {
    const own = [...this.followers.values()].filter((each) => each === tenant).length;
    if (this.count < this.limits.all && own < this.limits.ofTenant) return;
    const streams = 'too many streams of events are open; close some';
    throw new RpcProblem('RESOURCE_EXHAUSTED', streams, RETRY_MS);
  }
}
