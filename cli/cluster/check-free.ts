import { createServer } from 'node:net';
import { hostAndPort } from '@isola/cluster/runtime';
import { InputError } from '@isola/optimizers/problem';

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

/** Listens for a moment. */
function listenOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}
