import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it } from 'vitest';
import { type CellTask, type ClusterEvent, Job, JobBook, type JobEvent } from '../jobs/index.js';
import { Dispatcher } from '../scheduling/index.js';
import { contentId, memoryStore } from '../store/index.js';
import { JobFollower } from './job-follower.js';

const ISLANDS = 64;
const EPOCHS = 200;
const JOB = '0'.repeat(32);
const VERSION = '0.0.0 toy';

/** All that happens to a long search. */
function longLog(): JobEvent[] {
  const inNeighbours = Array.from({ length: ISLANDS }, () => []);
  const spec = { jobHash: 'long', kernelVersion: VERSION, seed: 1, epochs: EPOCHS, lag: 1 };
  const submitted = { type: 'JobSubmitted', ...spec, inNeighbours, targetValue: null } as const;
  const events: JobEvent[] = [{ ...submitted, finish: false }];
  const job = new Job(events);
  const take = (event: JobEvent) => {
    job.apply(event);
    events.push(event);
  };
  while (job.done === null) {
    for (const task of job.runnable()) take(resultOf(task));
    for (let due = job.due(); due !== null; due = job.due()) take(due);
  }
  return events;
}

function resultOf({ island, epoch, input }: CellTask): JobEvent {
  const [state, emigrants] = [contentId(`state ${input}`), contentId(`emigrants ${input}`)];
  const value = 1 / (1 + epoch);
  const made = { state, emigrants, value, evaluations: 1, kernelVersion: VERSION };
  return { type: 'CellAccepted', island, epoch, input, ...made };
}

it('lets a slow follower wait for its events without keeping them for it', async () => {
  const log = longLog();
  const [submitted, ...moves] = log;
  if (submitted.type !== 'JobSubmitted') throw new Error('a log begins with JobSubmitted');
  const { type: _, ...spec } = submitted;
  const store = memoryStore<ClusterEvent>();
  const named = { job: JOB, tenant: 'a', key: 'long', subject: contentId('plan') };
  const opened: ClusterEvent = { type: 'JobOpened', ...named, spec };
  const all = [opened, ...moves.map((event) => ({ type: 'JobMoved', job: JOB, event }) as const)];
  for (const [version, event] of all.entries()) await store.append(event, version);
  const dispatcher = await Dispatcher.lead(store, { name: 'toy', nowMs: () => 0 });
  const booked = new JobBook(all).find(JOB);
  if (booked === undefined) throw new Error('the job is in its book');

  const responses: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    responses.push(response);
    new JobFollower(booked, 0, dispatcher, response, () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  socket.write('GET / HTTP/1.0\r\n\r\n');
  let text = '';
  try {
    await expect.poll(() => responses[0]?.writableNeedDrain).toBe(true);
    expect(responses[0].writableLength).toBeLessThan(2 ** 17);
    const whole = new Promise((resolve) => socket.on('end', resolve));
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.resume();
    await whole;
  } finally {
    socket.destroy();
    server.close();
    await dispatcher.close();
  }
  const ids = [...text.matchAll(/^id: (\d+)\nevent: (\w+)\n/gm)];
  expect(ids.map(([, id, name]) => [Number(id), name])).toEqual(
    log.map(({ type }, i) => [i + 1, type]),
  );
  expect(text.length).toBeGreaterThan(2 ** 22);
});
