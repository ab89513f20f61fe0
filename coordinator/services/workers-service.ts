import type { ServerDuplexStream } from '@grpc/grpc-js';
import { exchangeSubject, MAX_WORKER_NAME, NATS_PREFIX } from '@isola/cluster/runtime';
import type { workers } from '@isola/cluster/wire';
import { FAILURE_CAUSES, type FailureCause } from '../jobs/index.js';
import { type Dispatcher, Refusal, type WorkerLink } from '../scheduling/index.js';
import type { Answers } from './answers.js';
import { RecentBlobs } from './recent-blobs.js';
import { cellFromWire, orderToWire } from './wire-job.js';

/** Workers are to be heard of that often. */
const HEARTBEAT_MS = 1_000;

/** Of one worker at a time, some of which it may not have given up yet. */
const MAX_CELLS = 4_096;

type Call = ServerDuplexStream<workers.FromWorker, workers.ToWorker>;

/**
 * Workers that have dialled, each as long as its stream lasts.
 * @param exchange NATS servers as workers see them; by default none
 */
export function workersService(
  dispatcher: Dispatcher,
  answers: Answers,
  exchange: readonly string[] = [],
): workers.WorkersServer {
  const welcome = {
    heartbeatMs: HEARTBEAT_MS,
    exchangeServers: [...exchange],
    exchangePrefix: exchange.length === 0 ? '' : exchangeSubject(NATS_PREFIX),
  };
  const recent = new RecentBlobs();
  return { attach: (call) => serve(call, dispatcher, answers, welcome, recent) };
}

function serve(
  call: Call,
  dispatcher: Dispatcher,
  answers: Answers,
  welcome: workers.Welcome,
  recent: RecentBlobs,
): void {
  let name: string | null = null;
  const link: WorkerLink = {
    send: (order) => void call.write(orderToWire(order, recent)),
    close: () => call.end(),
  };
  const leave = () => {
    if (name !== null) void dispatcher.detach(name, link).catch(() => {});
    name = null;
  };
  call.on('data', ({ message }: workers.FromWorker) => {
    if (message?.$case === 'hello' && name === null) {
      const { worker, kernelVersion, slots, isDraining, running, instance } = message.value;
      if (!isPossible(message.value)) {
        call.emit('error', answers.refusal(new Refusal('incomplete', 'no worker is like that')));
        return;
      }
      if (dispatcher.links.isTaken(worker, instance)) {
        call.emit(
          'error',
          answers.refusal(new Refusal('name-taken', 'another worker has this name')),
        );
        return;
      }
      name = worker;
      call.write({ message: { $case: 'welcome', value: welcome } });
      const cells = running.map(cellFromWire);
      const hello = { name, kernelVersion, slots, isDraining, instance };
      dispatcher.attach({ ...hello, running: cells }, link);
      return;
    }
    if (name === null || message === undefined) {
      call.emit('error', answers.refusal(new Refusal('incomplete', 'a worker says hello first')));
      return;
    }
    hear(message, name, dispatcher, recent).catch((error: unknown) => {
      leave();
      call.emit('error', answers.refusal(error));
    });
  });
  call.on('end', () => {
    leave();
    call.end();
  });
  call.on('cancelled', leave);
  call.on('error', leave);
  call.on('close', leave);
}

/** Whether a worker may be called that, and may have so many cells. */
function isPossible({ worker, slots, running }: workers.Hello): boolean {
  const hasName = worker.length > 0 && worker.length <= MAX_WORKER_NAME;
  return hasName && Math.max(slots, running.length) <= MAX_CELLS;
}

type Message = NonNullable<workers.FromWorker['message']>;

/** @throws Error for what no worker says */
async function hear(
  message: Message,
  name: string,
  dispatcher: Dispatcher,
  recent: RecentBlobs,
): Promise<void> {
  if (message.$case === 'heartbeat') {
    const cells = message.value.cells.map(({ cell, ...rest }) => ({
      cell: cellFromWire(cell),
      ...rest,
    }));
    dispatcher.heartbeat(name, cells);
  } else if (message.$case === 'done') {
    const { cell, enclosed, ...result } = message.value;
    for (const bytes of enclosed) recent.add(bytes);
    await dispatcher.done(name, { cell: cellFromWire(cell), ...result }, enclosed);
  } else if (message.$case === 'failed') {
    const { cell, cause, blob } = message.value;
    const known = causeOf(cause);
    const lost = blob === '' ? null : blob;
    await dispatcher.failed(name, { cell: cellFromWire(cell), cause: known, blob: lost });
  } else if (message.$case === 'drain') {
    dispatcher.drain(name);
  } else {
    throw new Refusal('incomplete', 'a worker says hello once');
  }
}

function causeOf(text: string): FailureCause {
  return FAILURE_CAUSES.find((cause) => cause === text) ?? 'crashed';
}
