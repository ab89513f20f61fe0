import { existsSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * A test that needs a file of the data folder is skipped where there is none. In CI the folder is
 * there, and no test may be skipped: this reporter then fails the run and names those that were.
 */
export class NoSkippedTests implements Reporter {
  constructor(readonly dataFolder: string) {}

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (process.env.CI !== 'true' || !existsSync(this.dataFolder)) return;
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map(
        (test) => `${module.relativeModuleId}: ${test.fullName}`,
      ),
    );
    if (skipped.length === 0) return;
    process.stderr.write(`skipped, though the data is there:\n${skipped.join('\n')}\n`);
    process.exitCode = 1;
  }
}
