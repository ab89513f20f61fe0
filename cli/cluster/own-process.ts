import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../terminal/exit-code.js';

const SCRIPT = fileURLToPath(new URL('../../bin/isola.js', import.meta.url));
const AGAIN_MS = 1_000;
/** Longer than a worker takes to end what it has. */
const END_MS = 30_000;

export interface OwnProcessOptions {
  /** Where its log goes. */
  readonly log: string;
  /** Told when it was given what cannot be; the exit code is set. */
  readonly onRefused: () => void;
}

/**
 * This program in a process of its own, as a part of a cluster. Its lines are shown; its log goes
 * to a file, and what is no log, such as why it cannot begin, to both. One that ends by itself is
 * started again, unless it was told what cannot be: then all ends with its exit code.
 */
export class OwnProcess {
  private child: ChildProcess;
  private isEnding = false;
  private expected: { pattern: RegExp; found: (match: RegExpMatchArray) => void }[] = [];

  constructor(
    private readonly args: readonly string[],
    private readonly options: OwnProcessOptions,
  ) {
    this.child = this.start();
  }

  /** The next line that matches. */
  line(pattern: RegExp): Promise<RegExpMatchArray> {
    return new Promise((found) => {
      this.expected.push({ pattern, found });
    });
  }

  /** Tells it to end, and waits for that, but not for ever. */
  async end(): Promise<void> {
    this.isEnding = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    const late = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    this.child.kill('SIGTERM');
    await ended;
    clearTimeout(late);
  }

  private start(): ChildProcess {
    // A group of its own: Ctrl+C is for this process, which ends the others in their order. And a
    // channel, by whose end the other knows that this process is gone, even by kill -9.
    const child = spawn(process.execPath, [SCRIPT, ...this.args], {
      ...{ stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
    });
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => this.hear(line));
    }
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => this.keep(line));
    }
    child.once('close', (code) => this.ended(code));
    return child;
  }

  private hear(line: string): void {
    process.stdout.write(`${line}\n`);
    this.expected = this.expected.filter(({ pattern, found }) => {
      const match = line.match(pattern);
      if (match !== null) found(match);
      return match === null;
    });
  }

  private keep(line: string): void {
    try {
      appendFileSync(this.options.log, `${line}\n`);
    } catch {
      // A full disk ends no process: the log has a gap.
    }
    if (!line.startsWith('{')) process.stderr.write(`${line}\n`);
  }

  private ended(code: number | null): void {
    if (this.isEnding) return;
    if (code === EXIT.badInput) {
      // It has said why, and would say it again.
      process.exitCode = code;
      this.options.onRefused();
      return;
    }
    process.stdout.write(`${this.args[0]} has ended (${code ?? 'killed'}), starting again\n`);
    setTimeout(() => {
      if (!this.isEnding) this.child = this.start();
    }, AGAIN_MS);
  }
}
