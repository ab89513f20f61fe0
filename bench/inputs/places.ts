/** Where benches find what they measure with. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// By name, because the tests run this file where it is written and the benches where it is built.
const manifest = createRequire(import.meta.url).resolve('@isola/bench/package.json');
const repository = join(dirname(manifest), '..');

/** Data that are not part of the repository; the folder may not exist. */
export const dataFolder = process.env.ISOLA_DATA ?? join(repository, '..', 'shared');

/** A plan file of examples/. */
export function examplePlan(name: string): string {
  return join(repository, 'examples', `${name}.yaml`);
}

/** Where a generated page of docs/ lies. */
export function docsPage(name: string): string {
  return join(repository, 'docs', `${name}.md`);
}
