import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readPlan } from './read-plan.js';
import { planJsonSchema, planSchema } from './schema.js';

interface SchemaNode {
  readonly description?: string;
}

it('publishes plan.schema.json as it is (npm run generate writes it)', async () => {
  const text = `${JSON.stringify(planJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('./plan.schema.json');
});

it('describes every key in the JSON Schema', () => {
  const { properties } = planJsonSchema() as { properties: Record<string, SchemaNode> };
  expect(Object.keys(properties)).toEqual(Object.keys(planSchema.shape));
  const silent = Object.entries(properties).filter(([, node]) => node.description === undefined);
  expect(silent).toEqual([]);
});

it('is what README explains: its plan file is accepted, and it names every key', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, example] = /```yaml\n([^`]*)```/.exec(readme) ?? [];
  expect(readPlan(example, 'README.md').plan.goals).toHaveLength(3);
  const silent = Object.keys(planSchema.shape).filter((key) => !readme.includes(`| \`${key}\` |`));
  expect(silent).toEqual([]);
});
