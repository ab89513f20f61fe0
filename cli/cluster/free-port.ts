import { type AddressInfo, createServer } from 'node:net';
import { hostAndPort } from '@isola/cluster/runtime';
import { InputError } from '@isola/optimizers/problem';

/** A port of this machine that nobody listens on now. */
export function freePort(): Promise<number> {
  return listenOnce('127.0.0.1', 0);
}

/**
 * Whether one can listen there, before anything else is done.
 * @throws InputError at `option` where not
 */
export async function checkFree(address: string, option: string): Promise<void> {
  const { host, port } = hostAndPort(address, option);
  await listenOnce(host, port).catch(() => {
    throw notFree(address, option);
  });
}

/** Somebody else listens there, or it is no address of this machine. */
export function notFree(address: string, option: string): InputError {
  const allowed = 'another HOST:PORT of this machine, port 0 for any';
  return new InputError(option, `${address} is in use by another program; allowed: ${allowed}`);
}

/** Listens for a moment; gives the port. */
function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(port, host, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}
