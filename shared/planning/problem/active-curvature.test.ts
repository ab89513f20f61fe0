import { expect, it } from 'vitest';
import { activeCurvature } from './active-curvature.js';

it('rows curve the cost where a penalty acts on them, and a little elsewhere', () => {
  const column = (...values: number[]) => Float32Array.from(values);
  const layers = [
    { low: column(1, 1, 1), high: column(2, 2, 2), weight: column(3, 3, 0) },
    { low: column(-Infinity, 0, 0), high: column(0.2, 4, 0), weight: column(1, 0, 1) },
  ];
  const [both, between, above] = activeCurvature(layers, column(0.5, 1.5, 9));
  expect(both).toBe(2 * (3 + 1));
  expect(between).toBeGreaterThan(0);
  expect(between).toBeLessThan(3);
  expect(above).toBe(2);
});
