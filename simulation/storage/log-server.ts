import { contentId, StoreError } from '@isola/coordinator/store';
import type { Target } from '../network/index.js';
import type { Process } from '../time/index.js';

/** Told of every event that is kept, at the moment when it is. */
export type AppendListener = (text: string, version: number) => void;

/**
 * What several coordinators share: events behind each other, blobs named by their content. It is
 * slow or full at times, and blobs rot in it; events do not.
 */
export class LogServer implements Target {
  readonly host = 'store';
  readonly events: string[] = [];
  isFull = false;
  /** How long writing takes. */
  writeMs = 0;
  /** Blobs that were lost at any time. */
  readonly lost = new Set<string>();
  private readonly blobs = new Map<string, Uint8Array>();
  private readonly listeners: AppendListener[] = [];

  constructor(private readonly own: Process) {}

  process(): Process {
    return this.own;
  }

  whenAppended(listener: AppendListener): void {
    this.listeners.push(listener);
  }

  /** @throws StoreError 'conflict', 'full' */
  async append(text: string, expectedVersion: number): Promise<void> {
    this.checkSpace();
    this.checkVersion(expectedVersion);
    this.keep(text);
    await this.written();
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    this.checkSpace();
    const id = contentId(bytes);
    this.blobs.set(id, bytes.slice());
    await this.written();
    return id;
  }

  /** @throws StoreError 'blob-lost' */
  async getBlob(id: string): Promise<Uint8Array> {
    const bytes = this.blobs.get(id);
    if (bytes === undefined) throw new StoreError('blob-lost', `there is no blob ${id}`);
    return bytes.slice();
  }

  has(id: string): boolean {
    return this.blobs.has(id);
  }

  blobIds(): string[] {
    return [...this.blobs.keys()];
  }

  /** A blob rots. */
  lose(id: string): void {
    this.own.timeline.note(`blob ${id} is lost`);
    this.blobs.delete(id);
    this.lost.add(id);
  }

  private checkVersion(expectedVersion: number): void {
    const { length } = this.events;
    if (expectedVersion === length) return;
    throw new StoreError('conflict', `the log has version ${length}, not ${expectedVersion}`);
  }

  private checkSpace(): void {
    if (this.isFull) throw new StoreError('full', 'no space is left');
  }

  private keep(text: string): void {
    this.events.push(text);
    this.own.timeline.note(text);
    for (const heard of this.listeners) heard(text, this.events.length);
  }

  private written(): Promise<void> {
    if (this.writeMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.own.after(this.writeMs, resolve);
    });
  }
}
