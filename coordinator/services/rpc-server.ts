/** A coordinator's gRPC server: jobs, workers, blobs, health. */
import { Server, type ServerCredentials } from '@grpc/grpc-js';
import { blobs, jobs, workers } from '@isola/cluster/wire';
import { HealthImplementation } from 'grpc-health-check';
import type { Dispatcher } from '../scheduling/index.js';
import { blobsService } from './blobs-service.js';
import type { CallerOf } from './caller.js';
import { jobsService } from './jobs-service.js';
import { workersService } from './workers-service.js';

export interface RpcServerOptions {
  /** `HOST:PORT`; port 0: any that is free. */
  readonly address: string;
  readonly credentials: ServerCredentials;
  readonly callerOf: CallerOf;
  /** Limits and keepalive of the channels. */
  readonly channelOptions: Readonly<Record<string, number>>;
  readonly maxBlobBytes: number;
}

export interface RpcServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Calls in work are given so long to end. */
const SHUTDOWN_MS = 2_000;
const TICK_MS = 1_000;

/** @throws Error where the address is taken */
export async function rpcServer(
  dispatcher: Dispatcher,
  { address, credentials, callerOf, channelOptions, maxBlobBytes }: RpcServerOptions,
): Promise<RpcServer> {
  const server = new Server(channelOptions);
  const { store, book } = dispatcher;
  const isOf = (tenant: string, blob: string) => book.isOf(tenant, blob);
  server.addService(jobs.JobsService, jobsService(dispatcher, callerOf));
  server.addService(workers.WorkersService, workersService(dispatcher));
  server.addService(blobs.BlobsService, blobsService({ store, callerOf, isOf, maxBlobBytes }));
  new HealthImplementation({ '': 'SERVING' }).addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const timer = setInterval(() => void dispatcher.tick().catch(() => {}), TICK_MS);
  return {
    port,
    async close() {
      clearInterval(timer);
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
