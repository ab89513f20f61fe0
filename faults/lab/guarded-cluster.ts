/** A coordinator and workers with certificates, and a store in a folder. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '@isola/coordinator/nats';
import { isola } from 'isola/built-command';
import { type Part, startPart } from 'isola/cluster-processes';
import { startPacedWorker } from './start-paced-worker.js';
import { temporaryFolder } from './temporary.js';

export class GuardedCluster {
  private readonly parts: Part[] = [];

  private constructor(
    readonly folder: string,
    readonly rpc: string,
    readonly web: string,
  ) {}

  /** @param workers so many, each cell of which takes a second at least */
  static async start(tenants: readonly string[], workers: number): Promise<GuardedCluster> {
    const folder = temporaryFolder('guarded');
    await isola(folder, ['certs', ...tenants.flatMap((tenant) => ['--tenant', tenant])]);
    const [rpc, web] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`);
    const cluster = new GuardedCluster(folder, rpc, web);
    try {
      await cluster.begin(workers);
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  get certs(): string {
    return join(this.folder, 'certs');
  }

  /** The names of all files of the cluster. */
  get files(): string[] {
    return readdirSync(this.folder, { recursive: true, encoding: 'utf8' });
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.end()));
  }

  private async begin(workers: number): Promise<void> {
    const { folder, rpc, web, certs, parts } = this;
    const serve = ['serve', '--store', 'store', '--listen', rpc, '--http', web, '--certs', certs];
    parts.push(await startPart(folder, serve, /listens on/));
    for (let i = 0; i < workers; i++) {
      parts.push(await startPacedWorker(folder, { coordinator: rpc, name: `w${i}`, certs }));
    }
  }
}
