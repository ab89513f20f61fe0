/** How the processes of a cluster trust each other. */
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import type { CallerOf } from '@isola/coordinator/services';

export const DEFAULT_ADDRESS = '127.0.0.1:7071';

export function serverSecurity(_address: string) {
  const callerOf: CallerOf = () => ({ tenant: 'local', isWorker: true });
  return {
    credentials: ServerCredentials.createInsecure(),
    callerOf,
    channelOptions: {},
    maxBlobBytes: 1 << 30,
  };
}

export function clientSecurity(_addresses: string) {
  return { credentials: ChannelCredentials.createInsecure(), channelOptions: {} };
}
