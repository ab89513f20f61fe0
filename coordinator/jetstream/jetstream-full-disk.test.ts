import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { natsServerProblem } from '../nats/index.js';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

/** Fills the disk of a server, gives it more, and starts the server again; tells how it went. */
const FILL = `
  const [, dist, folder] = process.argv;
  const { execSync } = await import('node:child_process');
  const { startNatsServer } = await import(dist + '/nats/index.js');
  const { jetStreamStore } = await import(dist + '/jetstream/index.js');
  let server = await startNatsServer({ folder, maxStoreBytes: 1e9 });
  const place = { servers: server.url, monitors: [server.monitorUrl] };
  const store = await jetStreamStore(place);
  const report = { acknowledged: 0 };
  const blobs = [];
  let begin;
  try {
    for (let n = 0; n < 1000; n++) {
      begin = performance.now();
      blobs.push(await store.putBlob(new Uint8Array(50_000).map((_, i) => (i * n) >> 3)));
      await store.append({ n, text: 'x'.repeat(3000) }, n);
      report.acknowledged++;
    }
  } catch (error) {
    Object.assign(report, { problem: error.problem, message: error.message });
    report.afterMs = performance.now() - begin;
  }
  report.whileFull = (await store.load()).length;
  execSync('mount -o remount,size=64m ' + folder);
  await server.stop();
  server = await startNatsServer(server.options);
  for (const id of blobs) await store.getBlob(id);
  report.after = (await store.load()).length;
  await store.append({ n: -1 }, report.after);
  await store.close();
  await server.stop();
  console.log(JSON.stringify(report));
`;

const MOUNT = 'mount -t tmpfs -o size=8m isola "$DISK"';
/** Shells in which one may mount: one's own as root, else one in name spaces of its own. */
const SHELLS = [[], ['unshare', '--user', '--map-root-user', '--mount']];

function inShell(shell: readonly string[], script: string) {
  const [command, ...args] = [...shell, 'bash', '-c', script];
  const DISK = mkdtempSync(join(tmpdir(), 'isola-disk-'));
  const env = { ...process.env, DISK, DIST, FILL, NODE: process.execPath };
  return spawnSync(command, args, { encoding: 'utf8', env });
}

const mounting = SHELLS.find((shell) => inShell(shell, `${MOUNT} && umount "$DISK"`).status === 0);

describe.skipIf(natsServerProblem() !== '')('a server whose disk is full', () => {
  it.skipIf(mounting === undefined)('says so soon, loses nothing, and goes on', () => {
    const fill = '"$NODE" --input-type=module -e "$FILL" "$DIST" "$DISK"';
    const script = `set -e; ${MOUNT}; trap 'umount "$DISK"' EXIT; ${fill}`;
    const { stdout, stderr } = inShell(mounting ?? [], script);
    expect(stderr).toBe('');
    const report = JSON.parse(stdout) as Record<string, number>;
    expect(report).toMatchObject({ problem: 'full', message: expect.stringMatching(/no space/) });
    expect(report.acknowledged).toBeGreaterThan(10);
    expect(report.afterMs).toBeLessThan(5000);
    // What was refused may still be there, unacknowledged.
    for (const count of [report.whileFull, report.after]) {
      expect(count - report.acknowledged).toBeGreaterThanOrEqual(0);
      expect(count - report.acknowledged).toBeLessThanOrEqual(1);
    }
  });
});
