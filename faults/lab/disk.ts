/** A disk in a file, mounted: it can be full, and its power can be cut. Needs root and Linux. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary.js';

const FILLER = 'filler';
const BLOCK = Buffer.alloc(1 << 16, 1);

export class Disk {
  private static readonly open = new Set<Disk>();
  /** Where it is mounted. */
  readonly folder: string;
  private image: string;
  private images = 1;

  private constructor(private readonly place: string) {
    this.folder = join(place, 'mounted');
    this.image = join(place, '1.img');
  }

  /** Unmounts all disks that there are. */
  static closeAll(): void {
    for (const disk of Disk.open) disk.close();
  }

  static make(mebibytes: number): Disk {
    const disk = new Disk(temporaryFolder('disk'));
    mkdirSync(disk.folder);
    execFileSync('truncate', ['-s', `${mebibytes}M`, disk.image]);
    execFileSync('mkfs.ext4', ['-q', '-m', '0', disk.image]);
    disk.mount();
    Disk.open.add(disk);
    return disk;
  }

  /** Takes all space that is left. */
  fill(): void {
    const file = openSync(join(this.folder, FILLER), 'a');
    try {
      for (let size = BLOCK.length; size >= 1; ) {
        try {
          writeSync(file, BLOCK, 0, size);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size >>= 1;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  /** Gives back what `fill` took. */
  free(): void {
    rmSync(join(this.folder, FILLER), { force: true });
  }

  /**
   * What the disk had been given by now is all that there is from now on; what only the memory of
   * this machine holds is lost. Who had files open there must be gone.
   */
  cutPower(): void {
    const last = this.image;
    this.image = join(this.place, `${++this.images}.img`);
    // The device writes into the file at once; the file system tells the device only what was
    // synced, or has waited for long.
    copyFileSync(last, this.image);
    this.unmount();
    rmSync(last);
    this.mount();
  }

  close(): void {
    Disk.open.delete(this);
    this.unmount();
    rmSync(this.image);
  }

  private mount(): void {
    execFileSync('mount', ['-o', 'loop', this.image, this.folder]);
  }

  private unmount(): void {
    execFileSync('umount', [this.folder]);
  }
}

/** Why there can be no such disk here; empty where there can. */
export function diskProblem(): string {
  const isLinux = process.platform === 'linux' && process.getuid?.() === 0;
  const hasLoop = isLinux && spawnSync('losetup', ['-f']).status === 0;
  return hasLoop ? '' : 'disks in files are mounted by root on Linux only';
}
