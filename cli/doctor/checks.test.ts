import { expect, it } from 'vitest';
import { nodeVersion } from './checks.js';
import { knownProduct } from './known-product.js';

it.each([
  ['20.19.0', true],
  ['20.18.3', false],
  ['18.20.1', false],
  ['22.0.0', true],
])('Node %s is enough for >=20.19: %s', (version, ok) => {
  expect(nodeVersion(version, '>=20.19')).toMatchObject({ ok, isNeeded: true, found: version });
});

it.each([1, 2, 3])('the known product is right in %i threads', async (threads) => {
  expect(await knownProduct(threads)).toBe(true);
});
