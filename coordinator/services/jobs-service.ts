import type { jobs } from '@isola/cluster/wire';
import type { BookedJob } from '../jobs/index.js';
import { type Dispatcher, Refusal } from '../scheduling/index.js';
import type { Answers } from './answers.js';
import { watchJob } from './watch-job.js';
import type { Call, WhoCalls } from './who-calls.js';
import { specFromWire, updateToWire } from './wire-job.js';

/** Of the newest jobs; a message holds as many. */
const MOST_LISTED = 5_000;

/** What users do with jobs. */
export function jobsService(
  dispatcher: Dispatcher,
  whoCalls: WhoCalls,
  answers: Answers,
): jobs.JobsServer {
  /** The same for what is not there and what is another tenant's. */
  const own = (call: Call, id: string): BookedJob => {
    const booked = dispatcher.book.owned(whoCalls(call).tenant, id);
    if (booked !== undefined) return booked;
    throw new Refusal('not-found', `there is no job "${printable(id)}"`);
  };
  /** Without what grows with the length of a job, so that many fit into a message. */
  const shortUpdate = (booked: BookedJob) => {
    const update = updateOf(booked);
    return { ...update, bestValues: update.bestValues.slice(-1), states: [], activities: [] };
  };
  const updateOf = (booked: BookedJob) => updateToWire(booked, dispatcher);
  return {
    submit: (call, answer) =>
      answers.once(answer, async () => {
        const { tenant } = whoCalls(call);
        const { idempotencyKey: key, spec: wire } = call.request;
        if (wire === undefined) throw new Refusal('bad-job', 'no such job: it has no spec');
        const { subject } = wire;
        if (!dispatcher.isOwn(tenant, subject))
          throw new Refusal('subject-missing', `there is no blob "${printable(subject)}"`);
        const spec = specFromWire(wire);
        const { job, isNew } = await dispatcher.submit({ tenant, key, subject, spec });
        return { jobId: job, isNew };
      }),
    watch: (call) =>
      answers.stream(call, () => watchJob(call, own(call, call.request.jobId), dispatcher)),
    cancel: (call, answer) =>
      answers.once(answer, async () => {
        const booked = own(call, call.request.jobId);
        await dispatcher.cancel(booked.id, call.request.now);
        return updateOf(booked);
      }),
    list: (call, answer) =>
      answers.once(answer, () => {
        const { tenant } = whoCalls(call);
        const all = dispatcher.book.all().filter((booked) => booked.tenant === tenant);
        return { jobs: all.slice(-MOST_LISTED).map(shortUpdate) };
      }),
  };
}

/** What may be repeated to who has sent it. */
function printable(text: string): string {
  return text.replace(/[^\w-]/g, '?').slice(0, 64);
}
