/** Laws of messages in parts. */
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import { MessageParts } from './parts.js';

const stream = new RandomStream(4, 'parts');
const bytes = Uint8Array.from({ length: 997 }, (_, i) => stream.integer(256, 0, 0, 0, i));
const message = (length: number) => Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length]);
const SIZES = [0, 1, 512 * 1024, 512 * 1024 + 1, 1_300_000];

describe('a message in parts', () => {
  it.each(SIZES)('of %i bytes comes whole, in any order, with others between', (size) => {
    const [one, other] = [new MessageParts(1), new MessageParts(2)];
    const [wanted, beside] = [message(size), message(700_000)];
    const parts = one.split(wanted).reverse();
    const between = other.split(beside);
    const here = new MessageParts(3);
    const whole = parts.flatMap((part, i) => {
      const joined = here.join(part);
      if (i < between.length) here.join(between[i]);
      return joined === null ? [] : [joined];
    });
    expect(whole).toHaveLength(1);
    expect(Buffer.compare(whole[0] as Uint8Array, wanted)).toBe(0);
  });

  it('that was changed anywhere is damaged: one bit, a piece, or its end', () => {
    const parts = new MessageParts(1);
    const [part] = parts.split(message(300));
    for (let i = 0; i < 1000; i++) {
      const changed = Uint8Array.from(part);
      changed[stream.integer(part.length, 1, 0, 0, i)] ^= 1 << stream.integer(8, 1, 0, 1, i);
      expect(parts.join(changed)).toBe('damaged');
      expect(parts.join(part.subarray(0, stream.integer(part.length, 1, 0, 2, i)))).toBe('damaged');
    }
    expect(parts.join(new Uint8Array(0))).toBe('damaged');
  });

  it('is forgotten where its parts are lost, and many newer ones come', () => {
    const sender = new MessageParts(1);
    const here = new MessageParts(2);
    const [first, second] = sender.split(message(600_000));
    expect(here.join(first)).toBeNull();
    for (let i = 0; i < 64; i++) here.join(sender.split(message(600_000))[0]);
    expect(here.join(second)).toBeNull();
  });
});
