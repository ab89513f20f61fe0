import { contentId } from './content-id.js';
import type { Store } from './store.js';
import { StoreError } from './store-error.js';

/** A store that lasts as long as the process. */
export function memoryStore<E>(): Store<E> {
  const events: string[] = [];
  const blobs = new Map<string, Uint8Array>();
  let isClosed = false;
  const checkOpen = () => {
    if (isClosed) throw new StoreError('closed', 'this store is closed');
  };
  return {
    async load() {
      checkOpen();
      return events.map((event) => JSON.parse(event) as E);
    },
    async append(event, expectedVersion) {
      checkOpen();
      if (expectedVersion !== events.length) {
        const found = `version ${events.length}, not ${expectedVersion}`;
        throw new StoreError('conflict', `the log has ${found}: load it again`);
      }
      events.push(JSON.stringify(event));
    },
    async putBlob(bytes) {
      checkOpen();
      const id = contentId(bytes);
      blobs.set(id, bytes.slice());
      return id;
    },
    async getBlob(id) {
      checkOpen();
      const bytes = blobs.get(id);
      if (bytes === undefined) throw new StoreError('blob-lost', `there is no blob ${id}`);
      return bytes.slice();
    },
    async hasBlob(id) {
      checkOpen();
      return blobs.has(id);
    },
    async close() {
      isClosed = true;
    },
  };
}
