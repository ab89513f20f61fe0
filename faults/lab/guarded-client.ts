/** Calls with certificates of a folder: gRPC and HTTP as somebody. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { CLIENT_OPTIONS, clientCredentials, readTls, tlsPaths } from '@isola/cluster/runtime';
import { blobs, jobs, pullBlob, pushBlob } from '@isola/cluster/wire';

const DEADLINE_MS = 10_000;

export interface WebAnswer {
  readonly status: number;
  readonly text: string;
}

export class GuardedClient {
  readonly jobs: jobs.JobsClient;
  readonly blobs: blobs.BlobsClient;
  private readonly agent: Agent;

  /**
   * @param name of the certificate, such as `a-planner`
   * @param sockets at most so many, for HTTP
   */
  constructor(
    rpc: string,
    private readonly web: string,
    certs: string,
    name: string,
    sockets = 16,
  ) {
    const credentials = clientCredentials(readTls(tlsPaths(certs, name)));
    this.jobs = new jobs.JobsClient(rpc, credentials, CLIENT_OPTIONS);
    this.blobs = new blobs.BlobsClient(rpc, credentials, CLIENT_OPTIONS);
    const read = (file: string) => readFileSync(join(certs, file));
    const [ca, cert, key] = ['ca.crt', `${name}.crt`, `${name}.key`].map(read);
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: sockets,
      servername: 'localhost',
      ca,
      cert,
      key,
    });
  }

  /** The code of a call's answer; OK where it gave what it was asked for. */
  async code(call: () => Promise<unknown>): Promise<status> {
    try {
      await call();
      return status.OK;
    } catch (error) {
      return (error as ServiceError).code;
    }
  }

  pull(id: string): Promise<Uint8Array> {
    return pullBlob(this.blobs, id);
  }

  push(bytes: Uint8Array): Promise<string> {
    return pushBlob(this.blobs, bytes);
  }

  cancel(jobId: string): Promise<jobs.JobUpdate> {
    const deadline = { deadline: Date.now() + DEADLINE_MS };
    return new Promise((resolve, reject) => {
      this.jobs.cancel({ jobId, now: true }, new Metadata(), deadline, (error, update) =>
        error === null ? resolve(update) : reject(error),
      );
    });
  }

  submit(spec: jobs.JobSpec): Promise<jobs.SubmitReply> {
    const deadline = { deadline: Date.now() + DEADLINE_MS };
    return new Promise((resolve, reject) => {
      this.jobs.submit({ idempotencyKey: '', spec }, new Metadata(), deadline, (error, reply) =>
        error === null ? resolve(reply) : reject(error),
      );
    });
  }

  list(): Promise<readonly jobs.JobUpdate[]> {
    const deadline = { deadline: Date.now() + DEADLINE_MS };
    return new Promise((resolve, reject) => {
      this.jobs.list({}, new Metadata(), deadline, (error, reply) =>
        error === null ? resolve(reply.jobs) : reject(error),
      );
    });
  }

  /** The first update of a job. */
  async watch(jobId: string): Promise<unknown> {
    const call = this.jobs.watch({ jobId }, { deadline: Date.now() + DEADLINE_MS });
    for await (const update of call) return update;
    return null;
  }

  http(method: string, path: string, body = ''): Promise<WebAnswer> {
    const [host, port] = this.web.split(':');
    const headers = body === '' ? {} : { 'content-type': 'application/yaml' };
    return new Promise((resolve, reject) => {
      const sent = request({ host, port, method, path, headers, agent: this.agent }, (reply) => {
        let text = '';
        reply.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text }));
      });
      sent.on('error', reject).end(body);
    });
  }

  close(): void {
    this.jobs.close();
    this.blobs.close();
    this.agent.destroy();
  }
}
