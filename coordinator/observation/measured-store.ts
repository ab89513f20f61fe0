import { type Store, StoreError } from '../store/index.js';
import type { CoordinatorMetrics } from './coordinator-metrics.js';

/** A store whose work is measured. */
export function measuredStore<E>(store: Store<E>, metrics: CoordinatorMetrics): Store<E> {
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof StoreError) {
        metrics.add('isola_store_errors_total', { problem: error.problem });
      }
      throw error;
    }
  };
  const blobBytes = (direction: 'in' | 'out', { length }: Uint8Array) =>
    metrics.add('isola_blob_bytes_total', { direction }, length);
  return {
    load: () => counted(store.load()),
    append: async (event, expectedVersion) => {
      const startMs = performance.now();
      await counted(store.append(event, expectedVersion));
      const seconds = (performance.now() - startMs) / 1000;
      metrics.observe('isola_store_append_duration_seconds', {}, seconds);
    },
    putBlob: async (bytes) => {
      const id = await counted(store.putBlob(bytes));
      blobBytes('in', bytes);
      return id;
    },
    getBlob: async (id) => {
      const bytes = await counted(store.getBlob(id));
      blobBytes('out', bytes);
      return bytes;
    },
    hasBlob: (id) => counted(store.hasBlob(id)),
    close: () => store.close(),
  };
}
