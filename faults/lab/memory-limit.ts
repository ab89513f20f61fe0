/** Processes that may not have more memory together: the kernel kills one that wants it. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Control groups of either version. */
const VERSIONS = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', events: 'memory.oom_control' },
  { root: '/sys/fs/cgroup', limit: 'memory.max', events: 'memory.events' },
];

const version = VERSIONS.find(({ root }) => existsSync(join(root, 'cgroup.procs')));
const MEBIBYTE = 2 ** 20;

export class MemoryLimit {
  private static made = 0;
  private static readonly open = new Set<MemoryLimit>();
  private readonly folder: string;
  private readonly events: string;

  constructor(mebibytes: number) {
    const { root, limit, events } = version ?? VERSIONS[0];
    this.folder = join(root, `isola-lab-${process.pid}-${++MemoryLimit.made}`);
    this.events = join(this.folder, events);
    mkdirSync(this.folder);
    writeFileSync(join(this.folder, limit), String(mebibytes * MEBIBYTE));
    MemoryLimit.open.add(this);
  }

  /** Lifts all limits that there are, when all that were bound are gone. */
  static closeAll(): void {
    for (const limit of MemoryLimit.open) limit.close();
  }

  /** From now on a process and those that it starts are bound. */
  bind(pid: number): void {
    writeFileSync(join(this.folder, 'cgroup.procs'), String(pid));
  }

  /** How many were killed. */
  get kills(): number {
    return Number(/^oom_kill (\d+)/m.exec(readFileSync(this.events, 'utf8'))?.[1]);
  }

  close(): void {
    MemoryLimit.open.delete(this);
    rmdirSync(this.folder);
  }
}

/** Why there can be no such limit here; empty where there can. */
export function memoryLimitProblem(): string {
  try {
    new MemoryLimit(1024).close();
    return '';
  } catch {
    return 'memory is limited by control groups, which root on Linux may make';
  }
}
