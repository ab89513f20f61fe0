/**
 * A store in a folder of a local disk:
 *
 *     events.log     one line an event (log-record.ts), appended and synced before acknowledged
 *     blobs/ID       written beside, synced, then renamed; checked against the id when read
 *     lock.*         who works here (folder-lock.ts)
 */
import { constants } from 'node:fs';
import { access, type FileHandle, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contentId } from './content-id.js';
import { makeFolder, storeError, syncFolder, writeAll, writeWhole } from './durable-files.js';
import { lockFolder } from './folder-lock.js';
import { logRecord, readLog } from './log-record.js';
import type { Store } from './store.js';
import { StoreError } from './store-error.js';

const LOG = 'events.log';
const BLOBS = 'blobs';
const BLOB_NAME = /^[0-9a-f]{64}$/;
/** What a blob is called until it is whole. */
const UNFINISHED = '.part';

/**
 * Opens a folder as a store; makes it where there is none. What a crash left half-written is
 * cleared away.
 * @throws StoreError 'in-use', 'damaged', 'full', 'unwritable'
 */
export async function fileStore<E>(folder: string): Promise<Store<E>> {
  return writing(folder, async () => {
    const blobs = join(folder, BLOBS);
    await makeFolder(blobs);
    const unlock = lockFolder(folder);
    try {
      for (const name of await readdir(blobs)) {
        if (name.endsWith(UNFINISHED)) await rm(join(blobs, name));
      }
      const log = await EventLog.open<E>(folder);
      return new FileStore<E>(folder, log, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  });
}

/** The events of a folder that may be in use; changes nothing. */
export async function readEvents<E>(folder: string): Promise<readonly E[]> {
  const file = join(folder, LOG);
  return readLog<E>(await readFile(file), file).events;
}

async function writing<T>(place: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storeError(place, error);
  }
}

/** The open log file. One append at a time. */
class EventLog<E> {
  /** What follows the last record on disk is not known: only opening the file anew tells. */
  private isUncertain = false;

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private readonly events: E[],
    private last: string,
    /** Where the next record goes. */
    private length: number,
  ) {}

  static async open<E>(folder: string): Promise<EventLog<E>> {
    const file = join(folder, LOG);
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT);
    try {
      const bytes = await handle.readFile();
      const { events, last, length } = readLog<E>(bytes, file);
      if (length < bytes.length) await handle.truncate(length);
      await handle.sync();
      await syncFolder(folder);
      return new EventLog(file, handle, events, last, length);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  all(): readonly E[] {
    return this.events.map((event) => structuredClone(event));
  }

  async append(event: E, expectedVersion: number): Promise<void> {
    const version = this.events.length;
    if (version !== expectedVersion) {
      const found = `has version ${version}, not ${expectedVersion}`;
      throw new StoreError('conflict', `${this.file}: ${found}: load it again`);
    }
    if (this.isUncertain) {
      throw new StoreError('unwritable', `${this.file}: writing failed before: open it again`);
    }
    const { line, sum } = logRecord(event, version + 1, this.last);
    const bytes = Buffer.from(line);
    await this.write(bytes);
    this.events.push(JSON.parse(JSON.stringify(event)) as E);
    this.last = sum;
    this.length += bytes.length;
  }

  /** Writes behind the last record, or leaves the file as it was. */
  private async write(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.handle, bytes, this.length);
      await this.handle.sync();
    } catch (error) {
      this.isUncertain = true;
      await this.handle.truncate(this.length);
      await this.handle.sync();
      this.isUncertain = false;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

class FileStore<E> implements Store<E> {
  /** Ends when all that was asked for has been done: one write at a time, in order. */
  private queue: Promise<unknown> = Promise.resolve();
  private isClosed = false;
  private blobsBegun = 0;
  private readonly blobs: string;

  constructor(
    private readonly folder: string,
    private readonly log: EventLog<E>,
    private readonly unlock: () => void,
  ) {
    this.blobs = join(folder, BLOBS);
  }

  async load(): Promise<readonly E[]> {
    return this.inTurn(async () => this.log.all());
  }

  async append(event: E, expectedVersion: number): Promise<void> {
    return this.inTurn(() => this.log.append(event, expectedVersion));
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    const id = contentId(bytes);
    const temporary = join(this.blobs, `${this.blobsBegun++}${UNFINISHED}`);
    return this.inTurn(async () => {
      if (await this.isWhole(id)) await syncFolder(this.blobs);
      else await writeWhole(this.blobs, id, bytes, temporary);
      return id;
    });
  }

  async getBlob(id: string): Promise<Uint8Array> {
    this.checkOpen();
    if (!BLOB_NAME.test(id)) throw new StoreError('blob-lost', `"${id}" names no blob`);
    const file = join(this.blobs, id);
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new StoreError('blob-lost', `${file}: cannot be read: ${code}`);
    }
    if (contentId(bytes) !== id) throw new StoreError('blob-lost', `${file}: has changed`);
    return bytes;
  }

  async hasBlob(id: string): Promise<boolean> {
    this.checkOpen();
    if (!BLOB_NAME.test(id)) return false;
    return access(join(this.blobs, id)).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.queue;
    await this.log.close();
    this.unlock();
  }

  private async isWhole(id: string): Promise<boolean> {
    const bytes = await readFile(join(this.blobs, id)).catch(() => null);
    return bytes !== null && contentId(bytes) === id;
  }

  private checkOpen(): void {
    if (this.isClosed) throw new StoreError('closed', `${this.folder}: this store is closed`);
  }

  private async inTurn<T>(action: () => Promise<T>): Promise<T> {
    this.checkOpen();
    const done = this.queue.then(() => writing(this.folder, action));
    this.queue = done.catch(() => {});
    return done;
  }
}
