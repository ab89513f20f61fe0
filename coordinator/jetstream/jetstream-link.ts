/** A connection to the servers of a cluster's log, and patience with them. */
import { setTimeout as pause } from 'node:timers/promises';
import { natsConnection, type TlsFiles } from '@isola/cluster/runtime';
import {
  JetStreamApiError,
  JetStreamError,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import {
  AuthorizationError,
  ClosedConnectionError,
  ConnectionError,
  connect,
  type NatsConnection,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
  TimeoutError,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node';
import { askMonitor } from '../nats/index.js';
import { StoreError } from '../store/index.js';

/** Where a cluster's log is. */
export interface JetStreamPlace {
  /** Such as `nats://127.0.0.1:4222`: any, or all, of the servers. */
  readonly servers: string | string[];
  /** Begins the names of streams and subjects: letters, digits, `-` and `_`. By default `isola`. */
  readonly prefix?: string;
  /** On how many servers each stream lies when it is made; by default one. */
  readonly replicas?: 1 | 3;
  /** How long an operation waits for servers that are away; by default 15 s. */
  readonly deadlineMs?: number;
  /** Monitors of the servers, which are asked why when a server does not answer. */
  readonly monitors?: readonly string[];
  /** Who we are, to the servers and their monitors; by default nobody, without TLS. */
  readonly tls?: TlsFiles | null;
}

/** To be tried again until the deadline, and the reason to give then. */
export class NotYet extends Error {
  constructor(readonly reason: StoreError) {
    super(reason.message);
  }
}

const DEADLINE_MS = 15_000;
/** Of the first try, of the next while servers may be electing, in turns, and of later ones. */
const TIMEOUTS_MS = [500, 1000, 2000, 4000];
/** Servers agree on a leader in 4 to 9 s, and say nothing to what was asked before. */
const ELECTING_MS = 9_000;
const PAUSE_MS = 50;
const MONITOR_MS = 1000;

export class JetStreamLink {
  private constructor(
    readonly connection: NatsConnection,
    private readonly managers: readonly JetStreamManager[],
    private readonly place: JetStreamPlace,
  ) {}

  /** @throws StoreError 'unwritable', 'away' */
  static async open(place: JetStreamPlace): Promise<JetStreamLink> {
    const connection = await connected(place);
    const options = TIMEOUTS_MS.map((timeout) => ({ timeout, checkAPI: false }));
    const managers = await Promise.all(options.map((each) => jetstreamManager(connection, each)));
    return new JetStreamLink(connection, managers, place);
  }

  /**
   * Does something that may be done twice; where no answer comes, again until the deadline.
   * @throws StoreError 'full', 'away', 'unwritable', and what `action` throws
   */
  async attempt<T>(action: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    const deadlineMs = this.place.deadlineMs ?? DEADLINE_MS;
    const until = performance.now() + deadlineMs;
    let [tries, beganMs, asked] = [0, 0, ''];
    for (; ; tries++) {
      const nowMs = performance.now();
      // One that has just started, on a full disk say, is not waited for as the one before was.
      if (tries === 0 || asked !== this.serverId) {
        [tries, beganMs, asked] = [0, nowMs, this.serverId];
      }
      const whileElecting = tries === 0 ? 0 : 2 - (tries % 2);
      const patience = nowMs - beganMs < ELECTING_MS ? whileElecting : TIMEOUTS_MS.length - 1;
      try {
        return await action(this.manager(patience, until - nowMs));
      } catch (error) {
        if (isFull(error)) throw this.full();
        if (!isPassing(error)) throw this.refusal(error);
        if (this.connection.isClosed()) throw this.unanswered(error, 0);
        if (await this.hasFullDisk()) throw this.full();
        if (performance.now() + PAUSE_MS < until) await pause(PAUSE_MS);
        else throw error instanceof NotYet ? error.reason : this.unanswered(error, deadlineMs);
      }
    }
  }

  /** An error with the name of this place. */
  error(problem: StoreError['problem'], message: string): StoreError {
    return new StoreError(problem, `${nameOf(this.place)}: ${message}`);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Of the server that we are, or were last, connected to: another one each time it starts. */
  private get serverId(): string {
    return this.connection.info?.server_id ?? '';
  }

  /** The one with this timeout, or a shorter one, not much longer than there is left. */
  private manager(patience: number, leftMs: number): JetStreamManager {
    const fitting = TIMEOUTS_MS.findLastIndex((timeout) => timeout <= leftMs);
    return this.managers[Math.max(0, Math.min(patience, fitting))];
  }

  private full(): StoreError {
    const goOn = 'it goes on once there is space; a server whose disk was full must be restarted';
    return this.error('full', `no space is left; nothing acknowledged is lost; ${goOn}`);
  }

  private unanswered(error: unknown, afterMs: number): StoreError {
    const goOn = 'nothing acknowledged is lost; load again once the servers are back';
    const why = `no answer within ${afterMs / 1000} s (${(error as Error).message})`;
    return this.error('away', `${why}; ${goOn}`);
  }

  private refusal(error: unknown): unknown {
    const causes = [error, (error as Error).cause];
    const refusal = causes.find((each) => REFUSALS.some((kind) => each instanceof kind));
    if (refusal === undefined) return error;
    return this.error('unwritable', `the server refuses: ${(refusal as Error).message}`);
  }

  /** A server whose disk is full does not answer a write, but its monitor says why. */
  private async hasFullDisk(): Promise<boolean> {
    for (const monitor of this.place.monitors ?? []) {
      const asked = askMonitor(`${monitor}/healthz`, this.place.tls ?? null, MONITOR_MS);
      const answer = await asked.catch(() => null);
      if (answer !== null && /no space left|out of/i.test(answer.text)) return true;
    }
    return false;
  }
}

/** The servers, without the passwords that a URL may hold. */
function nameOf({ servers }: JetStreamPlace): string {
  return [servers]
    .flat()
    .map((url) => url.replace(/\/\/.*@/, '//'))
    .join(', ');
}

async function connected(place: JetStreamPlace): Promise<NatsConnection> {
  const deadlineMs = place.deadlineMs ?? DEADLINE_MS;
  const until = performance.now() + deadlineMs;
  const options = natsConnection([place.servers].flat(), 'coordinator', place.tls ?? null);
  for (;;) {
    const timeout = Math.max(1, until - performance.now());
    try {
      return await connect({ ...options, timeout });
    } catch (error) {
      const { code = '', reason, message } = error as Error & TlsDetails;
      const isFinal = FINAL.some((kind) => error instanceof kind) || TLS_CODE.test(code);
      if (isFinal || performance.now() + PAUSE_MS > until) {
        const why = `cannot be reached: ${reason ?? message}`;
        throw new StoreError(isFinal ? 'unwritable' : 'away', `${nameOf(place)}: ${why}`);
      }
      await pause(PAUSE_MS);
    }
  }
}

/** What an error of OpenSSL has besides. */
interface TlsDetails {
  readonly code?: string;
  /** In words, without the places in the library. */
  readonly reason?: string;
}

/** The certificate of either side is not what the other needs, or there is no TLS. */
const TLS_CODE = /^(?:ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|INVALID_|SELF_SIGNED_|DEPTH_ZERO_)/;
const FINAL = [AuthorizationError, UserAuthenticationExpiredError];

/** Codes of the JetStream API. */
const RESOURCES_EXCEEDED = new Set([10002, 10023, 10028, 10047]);
const STORE_FAILED = 10077;
/** No leader now, JetStream starts or stops, a lost race for a subject, too many requests. */
const PASSING_CODES = new Set([10008, 10009, 10039, 10058, 10076, 10164, 10167, 10194]);
const REFUSALS = [JetStreamApiError, PermissionViolationError];
const PASSING_KINDS = [
  ClosedConnectionError,
  ConnectionError,
  JetStreamError,
  NoRespondersError,
  NotYet,
  RequestError,
  TimeoutError,
];

function isFull(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError)) return false;
  if (RESOURCES_EXCEEDED.has(error.code)) return true;
  return error.code === STORE_FAILED && /bytes exceeded|no space/.test(error.message);
}

function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) {
    return PASSING_CODES.has(error.code) || error.status === 503 || error.status === 429;
  }
  const both = [error, (error as Error).cause];
  if (both.some((each) => each instanceof PermissionViolationError)) return false;
  return both.some((each) => PASSING_KINDS.some((kind) => each instanceof kind));
}
