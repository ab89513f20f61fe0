/** Blobs that were fetched or made a short while ago, up to a number of bytes. */
export class BlobCache {
  /** In the order of their last use. */
  private readonly blobs = new Map<string, Uint8Array>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get(id: string): Uint8Array | undefined {
    const blob = this.blobs.get(id);
    if (blob !== undefined) {
      this.blobs.delete(id);
      this.blobs.set(id, blob);
    }
    return blob;
  }

  put(id: string, blob: Uint8Array): void {
    if (this.blobs.has(id) || blob.length > this.maxBytes) return;
    this.blobs.set(id, blob);
    this.bytes += blob.length;
    for (const [oldest, { length }] of this.blobs) {
      if (this.bytes <= this.maxBytes) break;
      this.blobs.delete(oldest);
      this.bytes -= length;
    }
  }
}
