/**
 * Messages in parts that servers let pass. A part begins with the CRC-32 of all that follows, the
 * sender and the number of its message (uint32 each), the number of the part and how many there
 * are (uint16 each).
 */
import { crc32 } from 'node:zlib';

export const PART_HEADER_BYTES = 16;
/** Servers let 1 MiB pass where nobody has changed that. */
const PART_BYTES = 512 * 1024;
/** 512 MiB. */
const MOST_PARTS = 1024;
/** Of messages that are not whole yet; one whose parts were lost makes way for newer ones. */
const UNDER_WAY = 64;

export class MessageParts {
  private sent = 0;
  private readonly arriving = new Map<string, (Uint8Array | undefined)[]>();

  /** @param sender a number that no other sender has */
  constructor(private readonly sender: number) {}

  /** The parts of a message. */
  split(message: Uint8Array): Uint8Array[] {
    const count = Math.max(1, Math.ceil(message.length / PART_BYTES));
    const number = this.sent++ >>> 0;
    return Array.from({ length: count }, (_, index) => {
      const body = message.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
      const part = new Uint8Array(PART_HEADER_BYTES + body.length);
      const view = new DataView(part.buffer);
      view.setUint32(4, this.sender);
      view.setUint32(8, number);
      view.setUint16(12, index);
      view.setUint16(14, count);
      part.set(body, PART_HEADER_BYTES);
      view.setUint32(0, crc32(part.subarray(4)));
      return part;
    });
  }

  /** The message that a part completes; null before that. */
  join(part: Uint8Array): Uint8Array | 'damaged' | null {
    if (part.length < PART_HEADER_BYTES) return 'damaged';
    const view = new DataView(part.buffer, part.byteOffset, PART_HEADER_BYTES);
    if (view.getUint32(0) !== crc32(part.subarray(4))) return 'damaged';
    const [index, count] = [view.getUint16(12), view.getUint16(14)];
    if (index >= count || count > MOST_PARTS) return 'damaged';
    const body = part.subarray(PART_HEADER_BYTES);
    if (count === 1) return body;
    const key = `${view.getUint32(4)} ${view.getUint32(8)} ${count}`;
    const parts = this.arriving.get(key) ?? Array.from({ length: count }, () => undefined);
    this.arriving.set(key, parts);
    parts[index] = body;
    for (const oldest of this.arriving.keys()) {
      if (this.arriving.size > UNDER_WAY) this.arriving.delete(oldest);
    }
    if (parts.includes(undefined)) return null;
    this.arriving.delete(key);
    return Buffer.concat(parts as Uint8Array[]);
  }
}
