/** Parts of a cluster as processes of their own, as tests start and kill them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const SCRIPT = createRequire(import.meta.url).resolve('isola/bin');

export interface Part {
  readonly child: ChildProcess;
  /** What the expected line said. */
  readonly said: RegExpMatchArray;
  /** What it has written to stderr: its log. */
  log(): string;
  /** Ends it, by default as a power cut would; resolves when it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `isola ...args` in `folder`; resolves with the first line that matches. */
export function startPart(
  folder: string,
  args: readonly string[],
  line: RegExp,
  script = SCRIPT,
): Promise<Part> {
  const child = spawn(process.execPath, [script, ...args], {
    ...{ cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal);
    await gone;
  };
  return new Promise((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${stderr}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (text) => {
      const said = text.match(line);
      if (said !== null) resolve({ child, said, end, log: () => stderr });
    });
  });
}

/** A coordinator on a free port, with its store in `folder`; gives its address. */
export async function startCoordinator(
  folder: string,
  args: readonly string[] = ['--listen', '127.0.0.1:0'],
): Promise<Part & { readonly address: string }> {
  const place = ['serve', '--store', 'store', '--http', 'none', ...args];
  const part = await startPart(folder, place, /listens on (\S+);/);
  return { ...part, address: part.said[1] };
}

/** A worker with one thread. */
export function startWorker(
  folder: string,
  address: string,
  name: string,
  args: readonly string[] = [],
  line = /attached to/,
): Promise<Part> {
  const place = ['--coordinator', address, '--name', name, '--threads', '1', ...args];
  return startPart(folder, ['worker', ...place], line);
}
