import { describe, it } from 'vitest';
import { exchangeLaws } from './exchange-laws.js';
import { memoryExchange } from './memory-exchange.js';

describe('memoryExchange', () => {
  it.each(exchangeLaws.map((law) => [law.name, law] as const))('%s', (_name, law) =>
    law.check(memoryExchange),
  );
});
