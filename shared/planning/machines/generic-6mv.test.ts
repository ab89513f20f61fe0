import { describe, expect, it } from 'vitest';
import { depthFunction } from './depth-fit.js';
import { generic6mv } from './generic-6mv.js';
import { nyholmKernel, squareDose } from './nyholm.js';

const machine = generic6mv();
const kernelAt = nyholmKernel(0.675);
const depthsMm = Array.from({ length: 1201 }, (_, k) => 0.25 * k);

/** A table between its samples, as an engine reads it. */
function sample(table: Float64Array, steps: number): number {
  const inner = Math.floor(steps);
  if (steps > table.length - 1) return 0;
  const rest = steps - inner;
  return rest === 0 ? table[inner] : table[inner] + rest * (table[inner + 1] - table[inner]);
}

/** Per component, the sum over the pixels of a square; a pixel on the edge counts by its share. */
function squareSums(ssdMm: number, sideMm: number): number[] {
  const { stepMm, tables } = machine.kernels(ssdMm);
  const half = sideMm / 2 / stepMm;
  const share = (n: number) => Math.min(1, Math.max(0, half + 0.5 - Math.abs(n)));
  const reach = Math.ceil(half);
  const sums = tables.map(() => 0);
  for (let x = -reach; x <= reach; x++) {
    for (let y = -reach; y <= reach; y++) {
      tables.forEach((table, i) => {
        sums[i] += share(x) * share(y) * sample(table, Math.hypot(x, y));
      });
    }
  }
  return sums;
}

/** Dose on the axis of an open square field of unit fluence, by the dose engine's formula. */
function machineDoses(sideMm: number, ssdMm: number, atDepthsMm: readonly number[]): number[] {
  const sums = squareSums(ssdMm, sideMm);
  return atDepthsMm.map((d) => {
    const terms = machine.betasPerMm.map(
      (beta, i) => sums[i] * depthFunction(machine.attenuationPerMm, beta, d),
    );
    return (machine.sadMm / (ssdMm + d)) ** 2 * terms.reduce((a, b) => a + b);
  });
}

/** The same by the closed form, in the machine's scale: 1 Gy in the reference condition. */
function nyholmDoses(sideMm: number, ssdMm: number, atDepthsMm: readonly number[]): number[] {
  const atReference = squareDose(kernelAt(100), 100);
  return atDepthsMm.map((d) => {
    const stretch = (ssdMm + d) / 1000;
    return squareDose(kernelAt(d), sideMm * stretch) / stretch ** 2 / atReference;
  });
}

describe('generic-6mv', () => {
  // Of the maximum dose, in one absolute scale. The betas are chosen for fields of 10 to 100 mm.
  const limits = [
    { sideMm: 5, limit: 0.01 },
    { sideMm: 10, limit: 0.005 },
    { sideMm: 30, limit: 0.005 },
    { sideMm: 50, limit: 0.005 },
    { sideMm: 100, limit: 0.005 },
    { sideMm: 200, limit: 0.01 },
  ];
  for (const { sideMm, limit } of limits) {
    for (const ssdMm of [800, 900, 1000]) {
      it(`gives the dose of Nyholm's kernel: ${sideMm} mm field, SSD ${ssdMm} mm`, () => {
        const fitted = machineDoses(sideMm, ssdMm, depthsMm);
        const exact = nyholmDoses(sideMm, ssdMm, depthsMm);
        const errors = fitted.map((dose, k) => Math.abs(dose - exact[k]));
        expect(Math.max(...errors) / Math.max(...exact)).toBeLessThan(limit);
      });
    }
  }

  it('builds up 40/59/79/97 % at 0/2.5/5/10 mm in a parallel beam', () => {
    const doses = machineDoses(100, 900, depthsMm).map((v, k) => v * (900 + depthsMm[k]) ** 2);
    const percent = (depthMm: number) =>
      (100 * doses[depthsMm.indexOf(depthMm)]) / Math.max(...doses);
    expect(Math.abs(percent(0) - 40)).toBeLessThan(1);
    expect(Math.abs(percent(2.5) - 59)).toBeLessThan(1);
    expect(Math.abs(percent(5) - 79)).toBeLessThan(1);
    expect(Math.abs(percent(10) - 97)).toBeLessThan(1);
  });

  it('has its maximum near 15 mm', () => {
    const doses = machineDoses(100, 900, depthsMm);
    expect(Math.abs(depthsMm[doses.indexOf(Math.max(...doses))] - 15)).toBeLessThan(1);
  });

  it('has TPR20,10 = 0.667', () => {
    const [at200] = machineDoses(100, 800, [200]);
    const [at100] = machineDoses(100, 900, [100]);
    expect(Math.abs(at200 / at100 - 0.667)).toBeLessThan(0.003);
  });

  it('gives 1 Gy for unit fluence, which is 100 MU, in the reference condition', () => {
    const { fieldMm, ssdMm, depthMm, gyPerMu } = machine.reference;
    expect(machineDoses(fieldMm, ssdMm, [depthMm])[0]).toBeCloseTo(1, 4);
    expect(gyPerMu * 100).toBe(1);
  });

  it('has a kernel above 0 at all depths to 500 mm and all radii', () => {
    for (const ssdMm of [500, 900, 1100]) {
      const { tables } = machine.kernels(ssdMm);
      for (let d = 0; d <= 500; d += 5) {
        const values = machine.betasPerMm.map((b) => depthFunction(machine.attenuationPerMm, b, d));
        const kernel = tables[0].map((_, j) =>
          tables.reduce((sum, table, i) => sum + values[i] * table[j], 0),
        );
        expect(Math.min(...kernel), `SSD ${ssdMm}, depth ${d}`).toBeGreaterThan(0);
      }
    }
  });

  it('gives the same kernels each time', () => {
    expect(machine.kernels(912.5)).toEqual(generic6mv().kernels(912.5));
  });
});
