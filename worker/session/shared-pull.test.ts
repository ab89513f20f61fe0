/** Laws of a blob on its way to several. */
import { describe, expect, it } from 'vitest';
import { type Need, SharedPull } from './shared-pull.js';

describe('a shared pull', () => {
  it('is needed as long as anybody needs it, also who came later', async () => {
    const [first, second] = [{ isRevoked: false }, { isRevoked: false }];
    let seen: Need | null = null;
    let arrive: (bytes: Uint8Array) => void = () => {};
    const pull = new SharedPull(first, (all) => {
      seen = all;
      return new Promise((resolve) => {
        arrive = resolve;
      });
    });
    const isGivenUp = () => (seen as Need | null)?.isRevoked;
    const joined = pull.joinedBy(second);
    first.isRevoked = true;
    expect(isGivenUp()).toBe(false);
    second.isRevoked = true;
    expect(isGivenUp()).toBe(true);
    const bytes = Uint8Array.of(1, 2);
    arrive(bytes);
    expect(await pull.bytes).toBe(bytes);
    expect(await joined).toBe(bytes);
  });
});
