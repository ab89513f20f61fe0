import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tidy/longest-first.js';
import { NoSkippedTests } from './tidy/no-skipped-tests.js';

const dataFolder = process.env.ISOLA_DATA ?? fileURLToPath(new URL('../shared', import.meta.url));

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // One more than there are processors, as tests of clusters wait for timers most of their time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    testTimeout: 300_000,
    hookTimeout: 120_000,
    globalSetup: fileURLToPath(new URL('./tidy/temporary-folder.ts', import.meta.url)),
    reporters: ['default', new NoSkippedTests(dataFolder)],
  },
});
