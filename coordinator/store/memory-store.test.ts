import { describe, it } from 'vitest';
import { memoryStore } from './memory-store.js';
import { storeLaws } from './store-laws.js';

describe('memoryStore', () => {
  const laws = storeLaws.filter(({ reopens }) => !reopens);
  it.each(laws.map((law) => [law.name, law] as const))('%s', async (_name, law) => {
    const store = memoryStore<never>();
    await law.check(async () => store);
  });
});
