import { describe, expect, it } from 'vitest';
import { memoryStore, storeLaws } from '../store/index.js';
import { CoordinatorMetrics } from './coordinator-metrics.js';
import { measuredStore } from './measured-store.js';

const BUILD = { version: '0.0.0', kernelVersion: 'none' };

describe('measuredStore', () => {
  const laws = storeLaws.filter(({ reopens }) => !reopens);
  it.each(laws.map((law) => [law.name, law] as const))('%s', async (_name, law) => {
    const store = measuredStore(memoryStore<never>(), new CoordinatorMetrics(BUILD));
    await law.check(async () => store);
  });

  it('counts bytes, events and errors', async () => {
    const metrics = new CoordinatorMetrics(BUILD);
    const store = measuredStore(memoryStore<number>(), metrics);
    const id = await store.putBlob(new Uint8Array(1000));
    await store.getBlob(id);
    await store.getBlob(id);
    await store.append(1, 0);
    await expect(store.append(2, 0)).rejects.toThrow('load it again');
    await expect(store.getBlob('none')).rejects.toThrow('no blob');
    const text = await metrics.text();
    for (const line of [
      'isola_blob_bytes_total{direction="in"} 1000',
      'isola_blob_bytes_total{direction="out"} 2000',
      'isola_store_append_duration_seconds_count 1',
      'isola_store_errors_total{problem="conflict"} 1',
      'isola_store_errors_total{problem="blob-lost"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });
});
