import { describe, expect, it } from 'vitest';
import { dvhCsv } from './dvh-csv.js';

const axis = Float64Array.of(0, 0.1, 0.2);

describe('dvhCsv', () => {
  it('has a column of doses and one of each structure, with units', () => {
    const text = dvhCsv([
      { structure: 'Target', doseGy: axis, volumePercent: Float64Array.of(100, 100, 12.5) },
      { structure: 'Core', doseGy: axis, volumePercent: Float64Array.of(100, 1 / 3, 0) },
    ]);
    expect(text).toBe(
      'dose_gy,Target volume_percent,Core volume_percent\r\n' +
        '0,100,100\r\n0.1,100,0.333333\r\n0.2,12.5,0\r\n',
    );
  });

  it('quotes names with commas, quotes and line ends (RFC 4180)', () => {
    const name = 'PTV "boost", left\nlower';
    const [header] = dvhCsv([{ structure: name, doseGy: axis, volumePercent: axis }]).split('\r\n');
    expect(header).toBe('dose_gy,"PTV ""boost"", left\nlower volume_percent"');
  });

  it('brings curves on different doses to one axis', () => {
    const text = dvhCsv([
      { structure: 'A', doseGy: Float64Array.of(0, 2), volumePercent: Float64Array.of(100, 50) },
      {
        structure: 'B',
        doseGy: Float64Array.of(0, 1, 2, 3),
        volumePercent: Float64Array.of(100, 80, 40, 0),
      },
    ]);
    expect(text.trim().split('\r\n').slice(1)).toEqual([
      '0,100,100',
      '1,75,80',
      '2,50,40',
      '3,0,0',
    ]);
  });

  it('keeps whole numbers that end in zero', () => {
    const text = dvhCsv([
      { structure: 'A', doseGy: Float64Array.of(0, 10), volumePercent: Float64Array.of(100, 20) },
    ]);
    expect(text).toContain('10,20\r\n');
  });

  it('is a header alone without structures', () => {
    expect(dvhCsv([])).toBe('dose_gy\r\n');
  });
});
