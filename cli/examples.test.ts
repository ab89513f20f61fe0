/** The plan files that people start from: each is run, and reaches the goals it is there for. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { emptyFolder, isola } from './built-command.js';

const folder = fileURLToPath(new URL('../examples/', import.meta.url));
/** The OpenKBP plans are judged beside their reference doses in bench/openkbp.test.ts. */
const plans = readdirSync(folder).filter((name) => !name.startsWith('openkbp-'));
const data = process.env.ISOLA_DATA ?? fileURLToPath(new URL('../../shared', import.meta.url));
const needsData = (name: string) => name.startsWith('matrad-');

interface GoalInJson {
  readonly goal: string;
  readonly met: boolean;
}

describe('examples', () => {
  for (const name of plans) {
    const runs = !needsData(name) || existsSync(`${data}/data/matrad`);
    it.skipIf(!runs)(`${name} meets all its goals`, async () => {
      const { code, stdout, stderr } = await isola(emptyFolder(), [
        'optimize',
        `${folder}${name}`,
        '--json',
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { goals, status } = JSON.parse(stdout) as { goals: GoalInJson[]; status: string };
      expect(status).toBe('converged');
      expect(goals.length).toBeGreaterThan(0);
      expect(goals.filter(({ met }) => !met)).toEqual([]);
    });
  }
});
