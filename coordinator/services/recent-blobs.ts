import { contentId } from '../store/index.js';

/** Enough for the islands of some thousand searches. */
const KEPT_BYTES = 64 * 2 ** 20;

/** Short blobs that came a short while ago: likely inputs of the cells that are leased next. */
export class RecentBlobs {
  private readonly blobs = new Map<string, Buffer>();
  private bytes = 0;

  get(id: string): Buffer | undefined {
    return this.blobs.get(id);
  }

  add(bytes: Buffer): void {
    const id = contentId(bytes);
    if (this.blobs.has(id)) return;
    this.blobs.set(id, bytes);
    this.bytes += bytes.length;
    for (const [oldest, { length }] of this.blobs) {
      if (this.bytes <= KEPT_BYTES) break;
      this.blobs.delete(oldest);
      this.bytes -= length;
    }
  }
}
