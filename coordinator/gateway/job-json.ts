/** A job as JSON: what HTTP tells of it, from what gRPC tells of it. */
import { jobs } from '@isola/cluster/wire';
import { AUDIT_STATES, type BookedJob, FAILURE_CAUSES } from '../jobs/index.js';
import type { Dispatcher } from '../scheduling/index.js';
import { updateToWire } from '../services/index.js';
import type { Schema } from './route.js';

const { JOB_STATE_UNSPECIFIED: _, ...STATES } = jobs.JobState;
const count: Schema = { type: 'integer', minimum: 0 };
const number: Schema = { type: 'number' };
const text: Schema = { type: 'string' };

function object(title: string, description: string, properties: Readonly<Record<string, Schema>>) {
  return { title, description, type: 'object', properties, required: Object.keys(properties) };
}

const ACTIVITY: Schema = object('Activity', 'What a worker is doing for a job.', {
  worker: text,
  island: count,
  epoch: count,
  phase: text,
  part: { type: 'number', description: 'How much of the phase is done, from 0 to 1.' },
  detail: text,
});

export const JOB_SCHEMA: Schema = object('Job', 'A plan that is being made, or was.', {
  id: text,
  state: { type: 'string', enum: Object.values(STATES).map((state) => state.toLowerCase()) },
  version: { ...count, description: 'Number of its events; the id of the last one.' },
  cellsAccepted: { ...count, description: 'Parts of the work that are done.' },
  cellsTotal: count,
  evaluations: { ...count, description: 'Costs computed.' },
  bestValues: { type: 'array', items: number, description: 'Best cost after each epoch.' },
  cause: {
    ...{ type: ['string', 'null'], enum: [...FAILURE_CAUSES, null] },
    description: 'Why it failed.',
  },
  audit: {
    ...{ type: 'string', enum: AUDIT_STATES },
    description: 'Whether a second worker agrees with what it ends with.',
  },
  missingVersion: {
    type: ['string', 'null'],
    description: 'The version of workers that it waits for, where none of it is there.',
  },
  result: { type: ['string', 'null'], description: 'Where its result is, once there is one.' },
  activities: { type: 'array', items: ACTIVITY },
});

export const JOB_PAGE_SCHEMA: Schema = object('JobPage', 'Jobs, the newest first.', {
  jobs: { type: 'array', items: JOB_SCHEMA },
  next: { type: ['string', 'null'], description: 'The cursor of the next page, if any.' },
});

/** Where a job is. */
export function jobPath(id: string): string {
  return `/v1/jobs/${id}`;
}

export function jobJson(booked: BookedJob, dispatcher: Dispatcher) {
  const update = updateToWire(booked, dispatcher);
  const { jobId: id, state, version, cellsAccepted, cellsTotal, evaluations, bestValues } = update;
  return {
    ...{ id, state: state.toLowerCase(), version, cellsAccepted, cellsTotal, evaluations },
    bestValues,
    cause: update.cause === '' ? null : update.cause,
    audit: update.audit,
    missingVersion: update.missingVersion === '' ? null : update.missingVersion,
    result: update.result === '' ? null : `${jobPath(id)}/result`,
    activities: update.activities,
  };
}
