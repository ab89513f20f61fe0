/**
 * One follower of a job: gets every event of its log after the last one that it knows, in order,
 * and in between how far workers have come. What waits to be sent is the log itself, so a slow
 * follower costs no memory.
 */
import type { ServerResponse } from 'node:http';
import type { BookedJob } from '../jobs/index.js';
import type { Dispatcher } from '../scheduling/index.js';
import { jobJson } from './job-json.js';

/** Progress is told no more often than that. */
const PROGRESS_MS = 250;
/** Something is said at least so often, for what stands between to keep the way open. */
const KEEPALIVE_MS = 15_000;
/** A follower that was cut off comes back after so long. */
const RETRY_MS = 1_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

export class JobFollower {
  private readonly stopListening: () => void;
  private readonly keepalive: NodeJS.Timeout;
  private progress: NodeJS.Timeout | null = null;
  private isBlocked = false;

  /**
   * @param known number of the job's events that the follower has
   * @param onEnd told once, however it ends
   */
  constructor(
    private readonly booked: BookedJob,
    private known: number,
    private readonly dispatcher: Dispatcher,
    private readonly response: ServerResponse,
    onEnd: () => void,
  ) {
    this.stopListening = dispatcher.listen((id) => {
      if (id === booked.id) this.changed();
    });
    this.keepalive = setInterval(() => this.beat(), KEEPALIVE_MS);
    response.once('close', () => {
      this.release();
      onEnd();
    });
    response.writeHead(200, HEADERS);
    this.write(`retry: ${RETRY_MS}\n\n`);
    this.tellProgress();
    this.tellEvents();
  }

  /** Sends no more; who follows comes back, here or elsewhere. */
  end(): void {
    this.release();
    this.response.end();
  }

  private changed(): void {
    this.tellEvents();
    if (this.booked.job.done !== null) return;
    this.progress ??= setTimeout(() => {
      this.progress = null;
      this.tellProgress();
    }, PROGRESS_MS);
  }

  private tellEvents(): void {
    const { events, job } = this.booked;
    while (this.known < events.length && !this.isBlocked) {
      const event = events[this.known++];
      const { type, ...data } = event;
      this.write(`id: ${this.known}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    }
    const isAll = this.known === events.length && job.done !== null;
    if (isAll || this.dispatcher.isDeposed) this.end();
  }

  private tellProgress(): void {
    if (this.isBlocked) return;
    const data = JSON.stringify(jobJson(this.booked, this.dispatcher));
    this.write(`event: progress\ndata: ${data}\n\n`);
  }

  private beat(): void {
    if (this.dispatcher.isDeposed) this.end();
    else if (!this.isBlocked) this.write(': still here\n\n');
  }

  private write(text: string): void {
    if (this.response.writableEnded || this.response.write(text)) return;
    this.isBlocked = true;
    this.response.once('drain', () => {
      this.isBlocked = false;
      this.tellEvents();
    });
  }

  private release(): void {
    this.stopListening();
    clearInterval(this.keepalive);
    if (this.progress !== null) clearTimeout(this.progress);
  }
}
