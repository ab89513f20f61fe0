/** Where benches find what they measure with. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

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
