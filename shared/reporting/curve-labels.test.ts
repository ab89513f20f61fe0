import { describe, expect, it } from 'vitest';
import { placeLabels } from './curve-labels.js';

const area = { left: 0, right: 400, top: 0, bottom: 300 };

/** A straight fall from the top at x to the bottom, `slope` further right. */
function fall(name: string, x: number, slope: number) {
  return {
    name,
    points: [
      [x, 0],
      [x + slope, 300],
    ] as const,
  };
}

describe('placeLabels', () => {
  it('writes a name just right of its curve', () => {
    const [{ x, y }] = placeLabels([fall('A', 100, 60)], area);
    const curveX = 100 + (60 * y) / 300;
    expect(x - curveX).toBeGreaterThan(4);
    expect(x - curveX).toBeLessThan(12);
  });

  it('writes it to the left where it would leave the area', () => {
    const [{ x }] = placeLabels([fall('A long name', 380, 0)], area);
    expect(x).toBeLessThan(380 - 11 * 7);
    expect(x).toBeGreaterThan(area.left);
  });

  it('keeps names apart, of equal curves too', () => {
    const labels = placeLabels(
      ['Parotid left', 'Parotid right', 'Larynx', 'Cord'].map((name) => fall(name, 100, 80)),
      area,
    );
    labels.forEach((a, i) => {
      for (const b of labels.slice(0, i)) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(15);
    });
  });
});
