import { crc32 as zlibCrc32 } from 'node:zlib';
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import { InputError } from '../problem/index.js';
import { crc32 } from './crc32.js';
import { fromBytes, toBytes } from './plain-bytes.js';

const random = new RandomStream(5, 'plain-bytes.test');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const examples: readonly unknown[] = [
  null,
  true,
  'a "string" with ä, \u{1f40b}, \ud800 alone and \u0000',
  [0, -0, 1 / 3, 1e300, 5e-324, Number.MAX_SAFE_INTEGER, NaN, Infinity, -Infinity],
  [],
  {},
  ['list', ['number', 'NaN'], { list: ['Float64Array', 2] }],
  new Float64Array(0),
  { population: [new Float64Array([1, -0, 3]), new Float32Array([0.1])], temperature: 0.025 },
  [
    ...[new Int8Array([-1]), new Uint8Array([255, 1]), new Uint8ClampedArray([9])],
    ...[new Int16Array([-2, 3]), new Uint16Array([65535])],
    ...[new Int32Array([-3]), new Uint32Array([4294967295, 1, 2])],
  ],
  JSON.parse('{"__proto__": 1, "constructor": [2]}'),
];

/** Data made by a seed: records, lists, arrays and numbers in each other. */
function anyData(seed: number, depth: number): unknown {
  const draw = (bound: number, index: number) => random.integer(bound, seed, depth, index, 0);
  const inside = (index: number) => anyData(seed * 7 + index + 1, depth + 1);
  const size = draw(4, 1);
  const kind = draw(depth > 3 ? 3 : 5, 0);
  if (kind === 0) return random.normal(seed, depth, 2, 0);
  if (kind === 1) return `text ${seed}`;
  if (kind === 2)
    return Float64Array.from({ length: size }, (_, i) => random.uniform(seed, 9, i, 0));
  const items = Array.from({ length: size }, (_, i) => inside(i));
  return kind === 3 ? items : Object.fromEntries(items.map((item, i) => [`k${9 - i}`, item]));
}

describe('plain data as bytes', () => {
  it.each(examples.map((data, i) => [i, data]))('%i comes back', (_i, data) => {
    expect(fromBytes(toBytes(data), 'x')).toEqual(data);
    expect(hex(toBytes(fromBytes(toBytes(data), 'x')))).toBe(hex(toBytes(data)));
  });

  it('comes back whatever it is, from any place in memory', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const data = anyData(seed, 0);
      const bytes = toBytes(data);
      const shifted = new Uint8Array(bytes.length + 3).subarray(3);
      shifted.set(bytes);
      expect(fromBytes(shifted, 'x')).toEqual(data);
    }
  });

  it('has these bytes', () => {
    expect(hex(toBytes({ b: new Float32Array([1]), a: -0 }))).toBe(
      [
        ['49534c41', '01000000', '50000000', '30000000', '5f0444b7', '00000000'].join(''),
        Buffer.from('{"a":["number","-0"],"b":["Float32Array",1]}    ').toString('hex'),
        ['0000803f', '00000000'].join(''),
      ].join(''),
    );
  });

  it('is the same for equal data, whatever the order of keys and the bits of NaN', () => {
    const odd = new Float64Array(new BigUint64Array([0xfff8_0000_0000_0001n]).buffer);
    const odd32 = new Float32Array(new Uint32Array([0xffc0_0001]).buffer);
    const one = { a: new Float64Array([NaN]), b: [new Float32Array([NaN]), NaN] };
    const other = { b: [odd32, NaN], a: odd };
    expect(hex(toBytes(other))).toBe(hex(toBytes(one)));
    expect(new BigUint64Array(odd.buffer)[0]).toBe(0xfff8_0000_0000_0001n);
  });

  it('does not depend on where arrays lie in memory', () => {
    const shared = new Float64Array(new SharedArrayBuffer(32), 8, 2).fill(3);
    expect(hex(toBytes([shared]))).toBe(hex(toBytes([new Float64Array([3, 3])])));
    expect(fromBytes(toBytes(Buffer.from([1, 2])), 'x')).toEqual(new Uint8Array([1, 2]));
  });

  it('gives arrays their own, aligned memory', () => {
    const bytes = toBytes([new Uint8Array(3), new Float64Array(2)]);
    const [, array] = fromBytes(bytes, 'x') as [Uint8Array, Float64Array];
    bytes.fill(9);
    expect(array).toEqual(new Float64Array(2));
    expect(array.buffer.byteLength).toBe(16);
  });

  it('refuses what is no plain data, with its place', () => {
    const bad: [unknown, string][] = [
      [{ a: [1, undefined] }, 'data.a.1: undefined is no plain data'],
      [[() => 1], 'data.0: function is no plain data'],
      [{ when: new Date(0) }, 'data.when: Date is no plain data'],
      [new BigInt64Array(1), 'data: BigInt64Array is no plain data'],
      [[1n], 'data.0: bigint is no plain data'],
      [new Array(2), 'data.0: undefined is no plain data'],
    ];
    for (const [data, problem] of bad) expect(() => toBytes(data)).toThrow(problem);
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => toBytes(loop)).toThrow('nested deeper than 64');
  });
});

describe('damaged bytes', () => {
  const bytes = toBytes({ x: new Float64Array([1, 2]), flags: new Uint8Array(3), n: [1, 'two'] });

  it('are refused wherever they are cut', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => fromBytes(bytes.subarray(0, length), 'blob')).toThrow(InputError);
    }
    expect(() => fromBytes(new Uint8Array([...bytes, 0]), 'blob')).toThrow(InputError);
  });

  it('are refused whichever bit is flipped', () => {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(() => fromBytes(flipped, 'blob')).toThrow(InputError);
    }
  });

  it('are refused or read as plain data where the checksum was made to fit', () => {
    for (let trial = 0; trial < 5000; trial++) {
      const forged = bytes.slice();
      for (let change = 0; change < 3; change++) {
        const at = 8 + random.integer(forged.length - 8, 1, trial, change, 0);
        forged[at] = random.integer(256, 1, trial, change, 1);
      }
      const view = new DataView(forged.buffer);
      view.setUint32(16, crc32(forged.subarray(24)), true);
      view.setUint32(20, 0, true);
      let data: unknown;
      try {
        data = fromBytes(forged, 'blob');
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        continue;
      }
      expect(() => toBytes(data)).not.toThrow();
    }
  });

  it('are described', () => {
    const changed = (at: number, value: number) => {
      const copy = bytes.slice();
      copy[at] = value;
      return () => fromBytes(copy, 'state of island 3');
    };
    expect(changed(0, 0)).toThrow('state of island 3: does not begin with ISLA; allowed: a state');
    expect(changed(4, 2)).toThrow('state of island 3: has version 2; allowed: 1');
    expect(changed(30, 0)).toThrow('state of island 3: is damaged');
  });

  it('have a checksum like that of zlib', () => {
    for (const length of [0, 1, 7, 1000]) {
      const data = Uint8Array.from({ length }, (_, i) => random.integer(256, 2, length, i, 0));
      expect(crc32(data)).toBe(zlibCrc32(data));
    }
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});
