/** The way to whichever coordinator answers: dials again, and hands calls to the one there is. */
import {
  type ChannelCredentials,
  type ChannelOptions,
  type ClientDuplexStream,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { blobs, workers } from '@isola/cluster/wire';
import { BlobMissing } from './cell-inputs.js';
import type { Need } from './shared-pull.js';

export interface ConnectionOptions {
  readonly coordinators: readonly string[];
  readonly credentials: ChannelCredentials;
  readonly channelOptions: ChannelOptions;
  /** The first message of each stream. */
  readonly hello: () => workers.Hello;
  readonly hear: (message: workers.ToWorker) => void;
  readonly onAttached: (address: string | null) => void;
  /** Another process is attached under this name. */
  readonly onNameTaken: () => void;
  /** Told of a dial that fails, once for each address until there is a welcome, or it is final. */
  readonly onFailedDial: (failure: FailedDial) => void;
}

/** A dial that got no welcome. */
export interface FailedDial {
  readonly address: string;
  /** In one line. */
  readonly why: string;
  /** Nobody has ever welcomed us, and none of them will: what we were given is wrong. */
  readonly isFinal: boolean;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;
/** What is not better the next time. */
const FINAL: readonly number[] = [
  ...[status.INVALID_ARGUMENT, status.PERMISSION_DENIED, status.UNAUTHENTICATED],
  ...[status.UNIMPLEMENTED, status.OUT_OF_RANGE],
];
/** What the library says around the reason. */
const NO_CONNECTION =
  /^No connection established\. Last error: (?:Error: )?| ?\.? Resolution note:.*$/g;
/** A coordinator that was stopped takes connections and says nothing. */
const WELCOME_MS = 5_000;

interface Attached {
  readonly stream: ClientDuplexStream<workers.FromWorker, workers.ToWorker>;
  readonly blobs: blobs.BlobsClient;
  close(): void;
}

export class Connection {
  private attached: Attached | null = null;
  private waiting: (() => void)[] = [];
  private retryMs = FIRST_RETRY_MS;
  private next = 0;
  private isClosed = false;
  private wasWelcome = false;
  /** Addresses whose failure was told. */
  private readonly failed = new Set<string>();
  /** Addresses that last said what waiting cannot change. */
  private readonly refusing = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: ConnectionOptions) {
    this.dial();
  }

  /** Says something to the coordinator; false where there is none. */
  send(message: workers.FromWorker['message']): boolean {
    this.attached?.stream.write({ message });
    return this.attached !== null;
  }

  /**
   * Calls again and again, whichever coordinator answers, until it works or nobody needs it.
   * @throws BlobMissing where the coordinator has no such blob; ServiceError where asking again is
   * of no use
   */
  async insist<T>(
    need: Need,
    call: (client: blobs.BlobsClient) => Promise<T>,
    id: string,
  ): Promise<T> {
    for (;;) {
      if (this.isClosed || need.isRevoked) throw new BlobMissing(id);
      const { attached } = this;
      try {
        if (attached !== null) return await call(attached.blobs);
      } catch (error) {
        const { code } = error as { code?: number };
        if (code === status.NOT_FOUND) throw new BlobMissing(id);
        if (code !== undefined && FINAL.includes(code)) throw error;
      }
      await this.retryTime(attached);
    }
  }

  close(): void {
    this.isClosed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.attached?.stream.end();
    this.attached?.close();
    this.attached = null;
    this.wake();
  }

  /** Until another coordinator answers, or the same one has had time. */
  private retryTime(known: Attached | null): Promise<void> {
    return new Promise((resolve) => {
      if (known === null) this.waiting.push(resolve);
      else setTimeout(resolve, LAST_RETRY_MS / 4);
    });
  }

  private dial(): void {
    const { coordinators, credentials, channelOptions, hello, hear, onAttached, onNameTaken } =
      this.options;
    const address = coordinators[this.next++ % coordinators.length];
    const client = new workers.WorkersClient(address, credentials, { ...channelOptions });
    const stream = client.attach();
    const transfer = new blobs.BlobsClient(address, credentials, { ...channelOptions });
    const close = () => {
      client.close();
      transfer.close();
    };
    let isOver = false;
    const lost = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(patience);
      close();
      if (this.attached?.stream === stream) {
        this.attached = null;
        onAttached(null);
      }
      this.redial();
    };
    const patience = setTimeout(() => stream.cancel(), WELCOME_MS);
    stream.on('data', (message: workers.ToWorker) => {
      clearTimeout(patience);
      if (this.isClosed) {
        stream.end();
        close();
        return;
      }
      if (message.message?.$case === 'welcome' && !isOver) {
        this.attached = { stream, blobs: transfer, close };
        this.retryMs = FIRST_RETRY_MS;
        this.wasWelcome = true;
        this.failed.clear();
        hear(message);
        onAttached(address);
        this.wake();
      } else hear(message);
    });
    stream.on('error', (error: Partial<ServiceError>) => {
      if (error.code === status.ALREADY_EXISTS) onNameTaken();
      else if (!isOver && this.attached?.stream !== stream) this.failedDial(address, error);
      lost();
    });
    stream.on('end', () => {
      stream.end();
      lost();
    });
    stream.write({ message: { $case: 'hello', value: hello() } });
  }

  private failedDial(address: string, { code = status.UNKNOWN, details }: Partial<ServiceError>) {
    if (FINAL.includes(code)) this.refusing.add(address);
    else this.refusing.delete(address);
    const all = new Set(this.options.coordinators);
    const isFinal = !this.wasWelcome && this.refusing.size === all.size;
    if (this.isClosed || (this.failed.has(address) && !isFinal)) return;
    this.failed.add(address);
    const line = `${details}`.replace(/\s+/g, ' ').replace(NO_CONNECTION, '');
    const why = code === status.CANCELLED ? 'says nothing' : line;
    this.options.onFailedDial({ address, why, isFinal });
  }

  private redial(): void {
    if (this.isClosed) return;
    this.timer = setTimeout(() => this.dial(), this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, LAST_RETRY_MS);
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const each of waiting) each();
  }
}
