/**
 * What a coordinator must not forget: the log of a job's events, and blobs named by their content.
 * Behind it: memory, a folder, a cluster's log. Laws for all of them: store-laws.ts.
 */

/** SHA-256 of a blob's bytes, 64 hexadecimal digits. */
export type BlobId = string;

/** @typeParam E events: plain JSON */
export interface Store<E> {
  /** All events so far, in order. Their number is the version. */
  load(): Promise<readonly E[]>;
  /**
   * Adds an event behind the first `expectedVersion` ones. Once it resolves, nothing short of a
   * broken disk loses the event. The next ones may be begun before: they are kept in the order in
   * which they were begun, and behind one that is not kept none is.
   * @throws StoreError 'conflict' where there are more or fewer by now; 'full', 'away',
   *   'unwritable'
   */
  append(event: E, expectedVersion: number): Promise<void>;
  /**
   * Keeps bytes; safe like an event once it resolves. Keeping the same again is harmless, and
   * repairs a blob that was lost.
   * @throws StoreError 'full', 'away', 'unwritable'
   */
  putBlob(bytes: Uint8Array): Promise<BlobId>;
  /**
   * The bytes, checked against their id.
   * @throws StoreError 'blob-lost': there is none, or its bytes have changed
   */
  getBlob(id: BlobId): Promise<Uint8Array>;
  /** Whether there is a blob of this name; its bytes are not read, so they may have changed. */
  hasBlob(id: BlobId): Promise<boolean>;
  /** Waits for what is being written, and lets go of the place. */
  close(): Promise<void>;
}
