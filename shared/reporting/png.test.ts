import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodePng } from './png.js';

/** Chunks of a PNG file, each with its checksum checked. */
function chunksOf(file: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += 12 + length;
  }
  return chunks;
}

/** Samples after undoing the filters "none" and "up" (PNG specification, section 9.2). */
function samplesOf(chunks: Map<string, Buffer>, stride: number): number[] {
  const rows = inflateSync(chunks.get('IDAT') as Buffer);
  const samples: number[] = [];
  for (let at = 0; at < rows.length; at += stride + 1) {
    for (let i = 1; i <= stride; i++) {
      const above = at === 0 ? 0 : samples[samples.length - stride];
      samples.push((rows[at + i] + (rows[at] === 2 ? above : 0)) & 255);
    }
  }
  return samples;
}

describe('encodePng', () => {
  for (const [name, channels, colourType] of [
    ['grey', 1, 0],
    ['red, green, blue, alpha', 4, 6],
  ] as const) {
    it(`holds the pixels of an image in ${name}`, () => {
      const [width, height] = [7, 5];
      const samples = Uint8Array.from({ length: width * height * channels }, (_, i) => i * 37);
      const file = encodePng(samples, width, height);
      expect([...file.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
      const chunks = chunksOf(file);
      expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
      const header = chunks.get('IHDR') as Buffer;
      expect([header.readUInt32BE(0), header.readUInt32BE(4)]).toEqual([width, height]);
      expect([...header.subarray(8)]).toEqual([8, colourType, 0, 0, 0]);
      expect(samplesOf(chunks, width * channels)).toEqual([...samples]);
    });
  }

  it('refuses samples that do not fill the image', () => {
    expect(() => encodePng(new Uint8Array(10), 3, 3)).toThrow(RangeError);
  });
});
