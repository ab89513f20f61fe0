import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { parseNumbers, parseSparseCsv } from './sparse-csv.js';

const parse = (text: string) => parseSparseCsv(new TextEncoder().encode(text), 'f.csv', 100);

describe('parseSparseCsv', () => {
  it('reads numbers exactly as Number does', () => {
    const entries = '0.1 -0.1 882.0 1045 0.007 123456789012345 1234567890.12345 .5 5. 1e3 -2.5E-3';
    const longer = '0.30000000000000004 99999999999999999999 4.687999999999999723e+00 -0.0';
    const all = `${entries} ${longer}`.split(' ');
    const { indices, values } = parse(`,data\n${all.map((v, k) => `${k},${v}`).join('\n')}\n`);
    expect([...indices]).toEqual(all.map((_, k) => k));
    expect([...values]).toEqual(all.map(Number));
  });

  it('gives NaN for blank values, takes CRLF, blank lines and a missing last newline', () => {
    const { indices, values } = parse(',data\r\n7,\r\n\r\n3,\r\n99,2');
    expect([...indices]).toEqual([7, 3, 99]);
    expect([...values]).toEqual([Number.NaN, Number.NaN, 2]);
    expect(parse(',data').indices.length).toBe(0);
  });

  it.each([
    ['', 'f.csv:1', 'header'],
    ['0,1\n', 'f.csv:1', 'header'],
    [',data\n1,2\nx,3\n', 'f.csv:3', '"x,3"'],
    [',data\n1 2\n', 'f.csv:2', '"1 2"'],
    [',data\n-1,2\n', 'f.csv:2', '"-1,2"'],
    [',data\n,2\n', 'f.csv:2', '",2"'],
    [',data\n100,2\n', 'f.csv:2', 'index 100; 0 to 99'],
    [',data\n1,2\n1,3\n', 'f.csv:3', 'twice'],
    [',data\n1,nan\n', 'f.csv:2', '"nan"'],
    [',data\n1,NaN\n', 'f.csv:2', '"NaN"'],
    [',data\n1,inf\n', 'f.csv:2', '"inf"'],
    [',data\n1,1e999\n', 'f.csv:2', '"1e999"'],
    [',data\n1,-\n', 'f.csv:2', '"-"'],
    [',data\n1, \n', 'f.csv:2', '""'],
    [',data\n1,2,3\n', 'f.csv:2', '"2,3"'],
  ])('refuses %j', (text, place, problem) => {
    expect(() => parse(text)).toThrow(InputError);
    expect(() => parse(text)).toThrow(`${place}: `);
    expect(() => parse(text)).toThrow(problem);
  });

  it('throws nothing but InputError at any cut and any damaged byte', () => {
    const whole = new TextEncoder().encode(',data\n12,3.5\n7,\n80,-1e-3\n');
    for (let k = 0; k < whole.length; k++) {
      for (const byte of [0, 10, 44, 48, 45, 46, 255]) {
        const damaged = whole.slice();
        damaged[k] = byte;
        for (const bytes of [damaged, whole.subarray(0, k)]) {
          try {
            parseSparseCsv(bytes, 'f', 100);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        }
      }
    }
  });
});

describe('parseNumbers', () => {
  it('reads one number a line and names the line of what is none', () => {
    const text = '4.687999999999999723e+00\n3\r\n\n2.5';
    expect(parseNumbers(new TextEncoder().encode(text), 'v')).toEqual([4.688, 3, 2.5]);
    expect(() => parseNumbers(new TextEncoder().encode('1\nx\n'), 'v')).toThrow('v:2: "x"');
  });
});
