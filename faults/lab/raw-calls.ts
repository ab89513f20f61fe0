/** Calls as no client of ours makes them: every byte is the caller's. */
import { connect as connectH2 } from 'node:http2';
import { connect } from 'node:net';

/** What came of a call: a status of gRPC or of HTTP, or null where it was cut off. */
export type Answer = number | null;

export interface RawRpc {
  readonly path: string;
  /** Of its only message: as forged as you like. */
  readonly flag?: number;
  readonly length?: number;
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes a gRPC call over a connection of its own. */
export function rawRpc(address: string, call: RawRpc): Promise<Answer> {
  const { path, flag = 0, body, length = body.length, headers = {} } = call;
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flag);
  prefix.writeUInt32BE(length, 1);
  return new Promise((resolve) => {
    const session = connectH2(`http://${address}`);
    let found: Answer = null;
    const end = () => {
      session.destroy();
      resolve(found);
    };
    const known = { ':method': 'POST', ':path': path, te: 'trailers' };
    const stream = session.request({ ...known, 'content-type': 'application/grpc', ...headers });
    const told = (answer: Readonly<Record<string, unknown>>) => {
      const status = answer['grpc-status'];
      if (status === undefined) return;
      found = Number(status);
      end();
    };
    stream.on('response', told).on('trailers', told).on('error', end).on('close', end).resume();
    session.on('error', end);
    stream.write(Buffer.concat([prefix, body]));
    // What was announced and has not come keeps the call open: nobody needs to wait for it.
    if (length === body.length) stream.end();
  });
}

/** Sends bytes to an HTTP server over a connection of its own; the status that it answers with. */
export function rawHttp(address: string, ...parts: readonly (string | Uint8Array)[]) {
  const [host, port] = address.split(':');
  return new Promise<Answer>((resolve) => {
    const socket = connect(Number(port), host);
    const end = (answer: Answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('error', () => end(null)).on('close', () => end(null));
    socket.once('data', (data) => {
      end(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1]));
    });
    for (const part of parts) socket.write(part);
  });
}
