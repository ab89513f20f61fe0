import type { BlobId } from '../store/index.js';

/** Enough for hours; who comes later sends again. */
const KEPT = 100_000;

/**
 * Which tenant has sent which blob since this coordinator leads: a name alone, known from wherever,
 * gives nobody what another tenant has sent.
 */
export class SentBlobs {
  private readonly sent = new Set<string>();

  add(tenant: string, blob: BlobId): void {
    this.sent.add(`${blob} ${tenant}`);
    if (this.sent.size <= KEPT) return;
    const [oldest] = this.sent;
    this.sent.delete(oldest);
  }

  has(tenant: string, blob: BlobId): boolean {
    return this.sent.has(`${blob} ${tenant}`);
  }
}
