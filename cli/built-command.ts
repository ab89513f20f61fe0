/** The built command in a process of its own, as tests run it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = createRequire(import.meta.url).resolve('isola/bin');
/** Makes stderr look like a terminal: what watches a progress line sees phases go by. */
const AS_TERMINAL = '--import=data:text/javascript,process.stderr.isTTY=true';

export interface Ended {
  /** The exit code; a number always, for signals are handled. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Variables besides those of this process; NO_COLOR is set unless they say otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  /** Shows a progress line, and hands every piece of stderr over. */
  readonly onProgress?: (text: string, child: ChildProcess) => void;
}

/** A new, empty folder. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'isola-cli-'));
}

/** Runs `isola ...args` in `folder`. */
export function isola(
  folder: string,
  args: readonly string[],
  { env = { NO_COLOR: '1' }, onProgress }: RunOptions = {},
): Promise<Ended> {
  const { NO_COLOR: _1, FORCE_COLOR: _2, ...inherited } = process.env;
  const node = onProgress === undefined ? [] : [AS_TERMINAL];
  const child = spawn(process.execPath, [...node, SCRIPT, ...args], {
    ...{ cwd: folder, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onProgress?.(text, child);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
