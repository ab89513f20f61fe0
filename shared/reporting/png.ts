/** PNG encoder for 8-bit images (PNG specification, third edition, sections 5, 9 and 11). */
import { crc32, deflateSync } from 'node:zlib';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const greyscale = 0;
const truecolourWithAlpha = 6;

/**
 * A PNG file of `width` x `height` pixels, row by row from the top left.
 * @param samples one byte a pixel (grey) or four (red, green, blue, alpha)
 */
export function encodePng(samples: Uint8Array, width: number, height: number): Buffer {
  const channels = samples.length / (width * height);
  if (channels !== 1 && channels !== 4) {
    throw new RangeError(`${samples.length} samples do not make a ${width} x ${height} image`);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = channels === 1 ? greyscale : truecolourWithAlpha;
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(filteredRows(samples, width * channels), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** `encodePng` as the text of an image's address. */
export function pngDataUri(samples: Uint8Array, width: number, height: number): string {
  return `data:image/png;base64,${encodePng(samples, width, height).toString('base64')}`;
}

/** Each row after the filter "up" (difference from the row above), led by that filter's number. */
function filteredRows(samples: Uint8Array, stride: number): Uint8Array {
  const rows = samples.length / stride;
  const filtered = new Uint8Array(rows * (stride + 1));
  for (let row = 0; row < rows; row++) {
    filtered[row * (stride + 1)] = 2;
    for (let i = 0; i < stride; i++) {
      const above = row === 0 ? 0 : samples[(row - 1) * stride + i];
      filtered[row * (stride + 1) + 1 + i] = samples[row * stride + i] - above;
    }
  }
  return filtered;
}

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
