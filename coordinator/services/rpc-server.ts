/** A coordinator's gRPC server: jobs, workers, blobs, health. */
import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js';
import {
  guard,
  identityOf,
  MAX_BLOB_BYTES,
  type RpcCode,
  SERVER_OPTIONS,
  serverCredentials,
  type TlsFiles,
} from '@isola/cluster/runtime';
import { blobs, jobs, workers } from '@isola/cluster/wire';
import { HealthImplementation } from 'grpc-health-check';
import type { Dispatcher } from '../scheduling/index.js';
import { Admission } from './admission.js';
import { Answers } from './answers.js';
import { type BlobLimits, blobsService } from './blobs-service.js';
import { jobsService } from './jobs-service.js';
import type { WhoCalls } from './who-calls.js';
import { workersService } from './workers-service.js';

export interface RpcServerOptions {
  /** `HOST:PORT`; port 0: any that is free. */
  readonly address: string;
  /** Null: no certificates, for loopback addresses. */
  readonly tls: TlsFiles | null;
  /** NATS servers over which workers tell each other things; by default none. */
  readonly exchange?: readonly string[];
  /** Told why a call may not be made. */
  readonly onRefused?: (code: RpcCode) => void;
  /** Told of errors that are nobody's but this coordinator's. */
  readonly onFailed?: (error: unknown) => void;
  /** What each tenant may call; shared with other doors. */
  readonly admission?: Admission;
}

export interface RpcServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Calls in work are given so long to end. */
const SHUTDOWN_MS = 2_000;
const TICK_MS = 1_000;
const HURRY_MS = 100;

const BLOB_LIMITS: BlobLimits = {
  maxBlobBytes: MAX_BLOB_BYTES,
  maxInFlightBytes: 2 * MAX_BLOB_BYTES,
  maxTenantInFlightBytes: MAX_BLOB_BYTES,
  idleMs: 30_000,
};

/** The address is in use, or not this machine's. */
export class AddressTaken extends Error {
  override readonly name = 'AddressTaken';
}

/** @throws AddressTaken */
export async function rpcServer(
  dispatcher: Dispatcher,
  options: RpcServerOptions,
): Promise<RpcServer> {
  const { address, tls, exchange, onRefused, admission = new Admission() } = options;
  // What it would say on stderr comes to us as errors.
  setLogVerbosity(logVerbosity.NONE);
  const door = guard(tls, onRefused, (identity) => admission.enter(identity));
  const server = new Server({ ...SERVER_OPTIONS, interceptors: [door] });
  const { store: kept, book } = dispatcher;
  const store = {
    getBlob: (id: string) => kept.getBlob(id),
    putBlob: (blob: Uint8Array) => dispatcher.keep(blob),
  };
  const answers = new Answers(options.onFailed ?? (() => {}));
  const whoCalls: WhoCalls = (call) => identityOf(call, tls);
  const ownersOf = (blob: string) => book.ownersOf(blob);
  const onSent = (tenant: string, blob: string) => dispatcher.sent.add(tenant, blob);
  server.addService(jobs.JobsService, jobsService(dispatcher, whoCalls, answers));
  server.addService(workers.WorkersService, workersService(dispatcher, answers, exchange));
  server.addService(
    blobs.BlobsService,
    blobsService({ store, whoCalls, answers, onSent, ownersOf, limits: BLOB_LIMITS }),
  );
  new HealthImplementation({ '': 'SERVING' }).addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, serverCredentials(tls), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new AddressTaken(address));
    });
  });
  const timers = [
    setInterval(() => void dispatcher.tick().catch((error) => answers.refusal(error)), TICK_MS),
    setInterval(() => dispatcher.hurry(), HURRY_MS),
  ];
  return {
    port,
    async close() {
      for (const timer of timers) clearInterval(timer);
      await dispatcher.close();
      await new Promise<void>((resolve) => {
        const force = setTimeout(() => server.forceShutdown(), SHUTDOWN_MS);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
}
