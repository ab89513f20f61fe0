import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { NoSkippedTests } from './tidy/no-skipped-tests.js';

const dataFolder = process.env.ISOLA_DATA ?? fileURLToPath(new URL('../shared', import.meta.url));

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // By default one fewer than there are processors: of two, one would wait for clusters' timers.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 300_000,
    hookTimeout: 120_000,
    globalSetup: fileURLToPath(new URL('./tidy/temporary-folder.ts', import.meta.url)),
    reporters: ['default', new NoSkippedTests(dataFolder)],
  },
});
