import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { emptyFolder, isola } from './built-command.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/**
 * One planHash on every engine, processor and number of threads. It changes only with a change that
 * is meant to change plans; the changelog then says so. Found equal on Node 20.20, 22.23, 24.21 and
 * 26.10, with 1, 2 and 4 threads each.
 */
it('gives the golden plan the bits it has everywhere', async () => {
  const args = ['optimize', fixture('golden-plan.yaml'), '--json', '--threads', '3'];
  const { code, stdout } = await isola(emptyFolder(), args);
  expect(code).toBe(0);
  const { planHash } = JSON.parse(stdout) as { planHash: string };
  expect(planHash).toBe(readFileSync(fixture('golden-plan.sha256'), 'utf8').trim());
});
