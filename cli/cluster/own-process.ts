import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../bin/isola.js', import.meta.url));
const AGAIN_MS = 1_000;

/** This program in a process of its own, as a part of a cluster; its lines are shown. */
export class OwnProcess {
  private child: ChildProcess;
  private isEnding = false;
  private readonly expected: { pattern: RegExp; found: (match: RegExpMatchArray) => void }[] = [];

  /** @param again whether it is started again when it ends by itself */
  constructor(
    private readonly args: readonly string[],
    private readonly options: { readonly again: boolean } = { again: false },
  ) {
    this.child = this.start();
  }

  /** The next line that matches. */
  line(pattern: RegExp): Promise<RegExpMatchArray> {
    return new Promise((found) => {
      this.expected.push({ pattern, found });
    });
  }

  /** Tells it to end, and waits for that. */
  async end(): Promise<void> {
    this.isEnding = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }

  private start(): ChildProcess {
    // A group of its own: Ctrl+C is for this process, which ends the others in their order.
    const child = spawn(process.execPath, [SCRIPT, ...this.args], {
      ...{ stdio: ['ignore', 'pipe', 'inherit'], detached: true },
    });
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => this.hear(line));
    }
    child.once('close', (code) => this.ended(code));
    return child;
  }

  private hear(line: string): void {
    process.stdout.write(`${line}\n`);
    for (const { pattern, found } of this.expected) {
      const match = line.match(pattern);
      if (match !== null) found(match);
    }
  }

  private ended(code: number | null): void {
    if (this.isEnding) return;
    process.stdout.write(`${this.args[0]} has ended (${code ?? 'killed'})\n`);
    if (!this.options.again) {
      process.exitCode = code ?? 1;
      process.kill(process.pid, 'SIGTERM');
      return;
    }
    setTimeout(() => {
      if (!this.isEnding) this.child = this.start();
    }, AGAIN_MS);
  }
}
