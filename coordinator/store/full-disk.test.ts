import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const STORE = fileURLToPath(new URL('../dist/store/index.js', import.meta.url));

/**
 * Adds events and blobs until that fails or there are a hundred; says what was acknowledged and how
 * it ended. Then reads it all back through the store that is still open.
 */
const FILL = `
  const { fileStore, readEvents } = await import(process.argv[1]);
  const [, , folder, blobKiB] = process.argv;
  const store = await fileStore(folder).catch((error) => error);
  const report = { before: -1, acknowledged: [], blobs: [], problem: '', message: '' };
  if (store instanceof Error) Object.assign(report, { problem: store.problem });
  else {
    report.before = (await store.load()).length;
    try {
      for (let n = report.before; n < 100; n++) {
        const blob = new Uint8Array(1024 * Number(blobKiB)).fill(n);
        report.blobs.push(await store.putBlob(blob));
        await store.append({ n, text: 'x'.repeat(3000) }, n);
        report.acknowledged.push(n);
      }
    } catch (error) {
      Object.assign(report, { problem: error.problem, message: error.message });
      const again = (await store.load()).length;
      await store.append({ n: again, text: 'x'.repeat(3e6) }, again).catch((second) => {
        report.second = second.problem;
      });
    }
    for (const id of report.blobs) await store.getBlob(id);
    report.events = (await store.load()).map(({ n }) => n);
    report.onDisk = (await readEvents(folder)).map(({ n }) => n);
    await store.close();
  }
  console.log(JSON.stringify(report));
`;

interface Report {
  readonly before: number;
  readonly acknowledged: readonly number[];
  readonly problem: string;
  readonly message: string;
  readonly second: string;
  readonly events: readonly number[];
  readonly onDisk: readonly number[];
}

/** Runs a script in a shell; `fill` in it fills `$DISK/store`, and gives a report each time. */
function reports(script: string, blobKiB: number, shell: readonly string[] = []): Report[] {
  const fill = 'fill() { "$NODE" --input-type=module -e "$FILL" "$STORE" "$DISK/store" "$KIB"; }';
  const [command, ...args] = [...shell, 'bash', '-c', `set -e; ${fill}; ${script}`];
  const disk = mkdtempSync(join(tmpdir(), 'isola-disk-'));
  const variables = { NODE: process.execPath, FILL, STORE, DISK: disk, KIB: String(blobKiB) };
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line.replaceAll(disk, 'DISK')) as Report);
}

const first = (count: number) => Array.from({ length: count }, (_, n) => n);

/** What is true of a run that met a full disk and one after space came back. */
function expectToGoOn([full, after]: Report[]): void {
  expect(full.before).toBe(0);
  const count = full.acknowledged.length;
  expect(count).toBeGreaterThan(2);
  expect(count).toBeLessThan(100);
  expect(full).toMatchObject({
    problem: 'full',
    second: 'full',
    message:
      'DISK/store: the disk is full; nothing that was finished is lost; ' +
      'give the same command again once there is space',
  });
  expect(full.events).toEqual(first(count));
  expect(full.onDisk).toEqual(first(count));
  expect(after).toMatchObject({ before: count, problem: '' });
  expect(after.events).toEqual(first(100));
}

const MOUNT = 'mount -t tmpfs -o size=4m isola "$DISK"';
const UNMOUNT = `trap 'umount "$DISK"' EXIT`;
/** Takes all but a quarter of a MiB, or all; and gives it back. */
const OCCUPY = 'head -c 3840K /dev/zero > "$DISK/other"';
const OCCUPY_ALL = 'head -c 5M /dev/zero > "$DISK/other" 2> /dev/null || true';
const GIVE_BACK = 'rm "$DISK/other"';
/** Shells in which one may mount: one's own as root, else one in name spaces of its own. */
const SHELLS = [[], ['unshare', '--user', '--map-root-user', '--mount']];
const mounting = SHELLS.find((shell) => {
  const [command, ...args] = [...shell, 'bash', '-c', `${MOUNT} && umount "$DISK"`];
  const DISK = mkdtempSync(join(tmpdir(), 'isola-disk-'));
  return spawnSync(command, args, { env: { ...process.env, DISK } }).status === 0;
});

describe('a full disk', () => {
  it.skipIf(mounting === undefined).each([0, 1, 24])(
    'that is small, blobs of %i KiB: loses nothing, then goes on',
    (blobKiB) => {
      const steps = [MOUNT, UNMOUNT, OCCUPY, 'fill', GIVE_BACK, 'fill'];
      expectToGoOn(reports(steps.join('; '), blobKiB, mounting));
    },
  );

  it('that is a limit on the size of a file: loses nothing, then goes on', () => {
    expectToGoOn(reports('(ulimit -f 64; fill); fill', 1));
    expectToGoOn(reports('(ulimit -f 64; fill); fill', 0));
  });

  it.skipIf(mounting === undefined)(
    'that is full from the beginning is refused in one line',
    () => {
      const steps = [MOUNT, UNMOUNT, OCCUPY_ALL, 'fill', GIVE_BACK, 'fill'];
      const [full, after] = reports(steps.join('; '), 1, mounting);
      expect(full).toMatchObject({ acknowledged: [], problem: 'full' });
      expect(after.events).toEqual(first(100));
    },
  );

  it.skipIf(mounting === undefined)('that cannot be written is refused in one line', () => {
    const steps = [MOUNT.replace('size', 'ro,size'), UNMOUNT, 'fill'];
    expect(reports(steps.join('; '), 1, mounting)[0]).toMatchObject({ problem: 'unwritable' });
  });
});
