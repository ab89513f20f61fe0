/** A coordinator and workers with certificates, a store in a folder, and all that they say. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '@isola/coordinator/nats';
import { isola } from 'isola/built-command';
import { type Part, startPart } from 'isola/cluster-processes';
import { temporaryFolder } from './temporary.js';

export class GuardedCluster {
  /** All that its processes have written. */
  said = '';

  private constructor(
    readonly folder: string,
    readonly rpc: string,
    readonly web: string,
    readonly metrics: string,
    private readonly parts: Part[],
  ) {}

  static async start(tenants: readonly string[], workers: number): Promise<GuardedCluster> {
    const folder = temporaryFolder('guarded');
    await isola(folder, ['certs', ...tenants.flatMap((tenant) => ['--tenant', tenant])]);
    const [rpc, web, metrics] = (await freePorts(3)).map((port) => `127.0.0.1:${port}`);
    const cluster = new GuardedCluster(folder, rpc, web, metrics, []);
    const places = ['--listen', rpc, '--http', web, '--metrics', metrics];
    await cluster.add(['serve', '--store', 'store', ...places], /listens on/);
    for (let i = 0; i < workers; i++) {
      const own = ['--name', `w${i}`, '--threads', '1', '--metrics', '127.0.0.1:0'];
      await cluster.add(['worker', '--coordinator', rpc, ...own], /attached to/);
    }
    return cluster;
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

  private async add(args: readonly string[], line: RegExp): Promise<void> {
    const part = await startPart(this.folder, [...args, '--certs', 'certs'], line);
    for (const stream of [part.child.stdout, part.child.stderr]) {
      stream?.on('data', (text: Buffer | string) => {
        this.said += text.toString();
      });
    }
    this.parts.push(part);
  }
}
