/**
 * Keeps a folder of beams below a size: those that were not used for the longest go, and what
 * processes that are gone have left half-written. Several processes may do so at once.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a beam is called, and until it is whole; anything else in the folder is left alone. */
const OWN = /^[0-9a-f]{64}\.beam(\.[0-9a-f-]{36}\.tmp)?$/;
const BEAM = '.beam';
/** A beam is written in seconds: who has not written for so long is gone. */
const UNFINISHED_MS = 600_000;

interface Found {
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
}

/** What cannot be read or removed stays, without an error; so does what another has removed. */
export async function makeRoom(folder: string, maxBytes: number): Promise<void> {
  const found = await Promise.all((await namesIn(folder)).map((name) => look(join(folder, name))));
  const files = found.filter((file) => file !== null);
  const goneMs = Date.now() - UNFINISHED_MS;
  const dropped = files.filter(({ path, changedMs }) => !path.endsWith(BEAM) && changedMs < goneMs);
  let bytes = 0;
  // A beam counts as changed whenever it is used.
  const beams = files.filter(({ path }) => path.endsWith(BEAM));
  for (const beam of beams.sort((a, b) => b.changedMs - a.changedMs)) {
    bytes += beam.bytes;
    if (bytes > maxBytes) dropped.push(beam);
  }
  await Promise.all(dropped.map(({ path }) => rm(path, { force: true }).catch(() => undefined)));
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => OWN.test(name));
}

async function look(path: string): Promise<Found | null> {
  const stats = await stat(path).catch(() => null);
  return stats && { path, bytes: stats.size, changedMs: stats.mtimeMs };
}
