import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LateralKernels } from '../machines/index.js';
import { depthFactors } from './depth-functions.js';
import { type LateralTable, lateralTable, TABLE_COMPONENTS } from './lateral-tables.js';

/** A peak, and a kernel with tails, on 1 mm pixels; both 0 beyond 9 mm. */
const compact: LateralKernels = {
  stepMm: 1,
  tables: [
    Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    Float64Array.from({ length: 10 }, (_, r) => 0.05 * (9 - r)),
  ],
};
/** Wide enough for the whole of the convolved kernels. */
const spec = {
  kernels: compact,
  beamletMm: 5,
  penumbraFwhmMm: 5,
  reachMm: 40,
  shiftedOpening: false,
};

/** Sum of a component from `from` to `to`, and its centroid in mm from the middle node. */
function moments(table: LateralTable, component: number, from = -Infinity, to = Infinity) {
  const { n, stepMm, values } = table;
  const nodes = Array.from({ length: n }, (_, i) => i).filter((i) => {
    const mm = (i - (n - 1) / 2) * stepMm;
    return mm >= from && mm <= to;
  });
  let [sum, u, v] = [0, 0, 0];
  for (const i of nodes) {
    for (const j of nodes) {
      const value = values[TABLE_COMPONENTS * (i * n + j) + component];
      sum += value;
      u += value * (i - (n - 1) / 2) * stepMm;
      v += value * (j - (n - 1) / 2) * stepMm;
    }
  }
  return { sum, uMm: u / sum, vMm: v / sum };
}

/** A radial table summed over its pixels. */
function kernelSum(table: Float64Array): number {
  let sum = 0;
  for (let i = -9; i <= 9; i++) {
    for (let j = -9; j <= 9; j++) {
      const radius = Math.hypot(i, j);
      const [inner, outer] = [table[Math.floor(radius)] ?? 0, table[Math.floor(radius) + 1] ?? 0];
      if (radius < 9) sum += inner + (radius - Math.floor(radius)) * (outer - inner);
    }
  }
  return sum;
}

describe('a lateral table', () => {
  it.each([3, 5, 10, 5.5, 2.25])('of %d mm sums up to kernel times opening area', (beamletMm) => {
    const table = lateralTable({ ...spec, beamletMm });
    compact.tables.forEach((kernel, component) => {
      const pixels = (beamletMm / compact.stepMm) ** 2;
      const { sum, uMm, vMm } = moments(table, component);
      expect(sum / (pixels * kernelSum(kernel))).toBeCloseTo(1, 6);
      expect(uMm).toBeCloseTo(0, 6);
      expect(vMm).toBeCloseTo(0, 6);
    });
  });

  it("lies half a pixel off the middle with matRad's opening", () => {
    for (const beamletMm of [4, 10]) {
      const table = lateralTable({ ...spec, beamletMm, shiftedOpening: true });
      const { sum, uMm, vMm } = moments(table, 0);
      expect(sum).toBeCloseTo(beamletMm ** 2, 4);
      expect(uMm).toBeCloseTo(-0.5 * compact.stepMm, 6);
      expect(vMm).toBeCloseTo(-0.5 * compact.stepMm, 6);
    }
  });

  it('has the symmetries of a square', () => {
    const { n, values } = lateralTable({ ...spec, beamletMm: 5.5 });
    const at = (i: number, j: number) => values[TABLE_COMPONENTS * (i * n + j) + 1];
    const largest = at((n - 1) / 2, (n - 1) / 2);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        expect(at(j, i) / largest).toBeCloseTo(at(i, j) / largest, 6);
        expect(at(n - 1 - i, j) / largest).toBeCloseTo(at(i, j) / largest, 6);
      }
    }
  });

  it('of a peak is the product of blurred openings: half at the edge of a wide one', () => {
    const { n, stepMm, values } = lateralTable({ ...spec, beamletMm: 20 });
    const middle = (n - 1) / 2;
    const at = (mm: number) => values[TABLE_COMPONENTS * ((middle + mm / stepMm) * n + middle)];
    expect(at(0)).toBeCloseTo(1, 4);
    expect(at(10) / at(0)).toBeCloseTo(0.5, 2);
    expect(at(-10) / at(0)).toBeCloseTo(0.5, 2);
    expect(at(17) / at(0)).toBeLessThan(0.001);
  });

  it('of four neighbours adds up to that of their union', () => {
    const [narrow, wide] = [4, 8].map((beamletMm) => lateralTable({ ...spec, beamletMm }));
    const middle = (narrow.n - 1) / 2;
    const at = ({ n, values }: LateralTable, i: number, j: number) =>
      values[TABLE_COMPONENTS * ((middle + i) * n + middle + j) + 1];
    for (let i = -20; i <= 20; i++) {
      for (let j = -20; j <= 20; j++) {
        const near = at(narrow, i - 2, j - 2) + at(narrow, i + 2, j - 2);
        const far = at(narrow, i - 2, j + 2) + at(narrow, i + 2, j + 2);
        expect(Math.abs(near + far - at(wide, i, j))).toBeLessThan(1e-6 * at(wide, 0, 0));
      }
    }
  });

  it('reaches further than will be looked up', () => {
    for (const reachMm of [7, 7.5, 53.6]) {
      const { n, stepMm } = lateralTable({ ...spec, reachMm });
      expect(((n - 1) / 2) * stepMm).toBeGreaterThanOrEqual(reachMm + stepMm);
    }
  });
});

const data =
  process.env.ISOLA_DATA ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const matrad = join(data, 'reference/matrad');
const missing = !existsSync(matrad);

type Profile = 'alongX' | 'alongZ' | 'diag';

interface KernelCase extends Record<`conv${1 | 2 | 3}_${Profile}`, number[]> {
  readonly bixelWidth_mm: number;
  readonly kernelSSD_mm: number;
  readonly x_mm: number[];
  readonly centroid_xz_mm: [number, number][];
  readonly sum_over_0p5mm_grid: number[];
  readonly func_D: { readonly depth_mm: number[]; readonly D: number[][] };
}

const json = (name: string) => JSON.parse(readFileSync(join(matrad, name), 'utf8'));

/** Radial kernels of matRad's machine for an SSD. */
function matradKernels(ssdMm: number): LateralKernels {
  const bytes = Uint8Array.from(readFileSync(join(matrad, 'basedata/kernels.f64.bin')));
  const all = new Float64Array(bytes.buffer);
  const { kernelPos_mm: radii, ssd_mm: ssds } = json('basedata/photons_Generic.json');
  const first = (ssds as number[]).indexOf(ssdMm) * 3 * radii.length;
  const table = (k: number) => all.slice(first + k * radii.length, first + (k + 1) * radii.length);
  return { stepMm: 0.5, tables: [table(0), table(1), table(2)] };
}

describe.skipIf(missing)('matRad reference/matrad/unit/kernel_unit.json', () => {
  const cases: KernelCase[] = missing ? [] : json('unit/kernel_unit.json').cases;

  it.each(cases)('has our tables for beamlets of $bixelWidth_mm mm', (reference) => {
    const table = lateralTable({
      kernels: matradKernels(reference.kernelSSD_mm),
      beamletMm: reference.bixelWidth_mm,
      penumbraFwhmMm: 5,
      reachMm: 60,
      shiftedOpening: true,
    });
    const node = (i: number, j: number, k: number) =>
      table.values[TABLE_COMPONENTS * (i * table.n + j) + k];
    const at = (xMm: number, zMm: number, k: number) => {
      const [u, v] = [xMm, zMm].map((mm) => mm / table.stepMm + (table.n - 1) / 2);
      const [i, j] = [Math.floor(u), Math.floor(v)];
      const near = (1 - v + j) * node(i, j, k) + (v - j) * node(i, j + 1, k);
      const far = (1 - v + j) * node(i + 1, j, k) + (v - j) * node(i + 1, j + 1, k);
      return (1 - u + i) * near + (u - i) * far;
    };
    const directions = { alongX: [1, 0], alongZ: [0, 1], diag: [1, 1] } as const;
    for (const k of [0, 1, 2]) {
      for (const [name, [x, z]] of Object.entries(directions)) {
        const profile = reference[`conv${(k + 1) as 1}_${name as Profile}`];
        const largest = profile.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
        const errors = profile.map((value, i) =>
          Math.abs(value - at(x * reference.x_mm[i], z * reference.x_mm[i], k)),
        );
        expect(Math.max(...errors), name).toBeLessThan(1e-6 * largest);
      }
    }
  });

  it.each(cases)('has our sum and centroid ($bixelWidth_mm mm)', (reference) => {
    const table = lateralTable({
      kernels: matradKernels(reference.kernelSSD_mm),
      beamletMm: reference.bixelWidth_mm,
      penumbraFwhmMm: 5,
      reachMm: 101,
      shiftedOpening: true,
    });
    reference.sum_over_0p5mm_grid.forEach((expected, k) => {
      // The file's sums are over 400 x 400 samples that lie evenly around -0.25 mm.
      const { sum, uMm, vMm } = moments(table, k, -100, 99.5);
      expect(sum / expected).toBeCloseTo(1, 5);
      expect(uMm).toBeCloseTo(reference.centroid_xz_mm[k][0], 4);
      expect(vMm).toBeCloseTo(reference.centroid_xz_mm[k][1], 4);
      expect(uMm).toBeCloseTo(-0.25, 9);
    });
  });

  it('has our depth factors', () => {
    const { m_per_mm, betas_per_mm } = json('basedata/photons_Generic.json');
    const machine = { attenuationPerMm: m_per_mm, betasPerMm: betas_per_mm as number[] };
    const factors = new Float32Array(3);
    const { depth_mm, D } = cases[0].func_D;
    depth_mm.forEach((depthMm, i) => {
      depthFactors(machine, depthMm, 1, factors, 0);
      for (const k of [0, 1, 2]) {
        // 3.4e-5 /mm between beta 3 and m: the plain formula of matRad loses digits there.
        expect(Math.abs(factors[k] - D[k][i])).toBeLessThan(1e-7);
      }
    });
  });
});

describe('the depth factors', () => {
  const at = (betasPerMm: readonly number[], depthMm: number, gain = 1) => {
    const out = new Float32Array(1 + betasPerMm.length).fill(-1);
    depthFactors({ attenuationPerMm: 0.005, betasPerMm }, depthMm, gain, out, 1);
    expect(out[0]).toBe(-1);
    return out.slice(1);
  };

  it('are b/(b - m) (exp(-m d) - exp(-b d)), and exp(-m d) for an infinite b', () => {
    for (const depthMm of [0, 0.3, 5, 50, 300]) {
      const [build, slow, plain] = at([0.3, 0.001, Number.POSITIVE_INFINITY], depthMm, 0.9);
      const formula = (b: number) =>
        (0.9 * b * (Math.exp(-0.005 * depthMm) - Math.exp(-b * depthMm))) / (b - 0.005);
      expect(build).toBeCloseTo(formula(0.3), 6);
      expect(slow).toBeCloseTo(formula(0.001), 6);
      expect(plain).toBeCloseTo(0.9 * Math.exp(-0.005 * depthMm), 6);
    }
  });

  it('tend to m d exp(-m d) where b tends to m', () => {
    const limit = 0.005 * 40 * Math.exp(-0.2);
    for (const off of [1e-6, 1e-9, 1e-12, 0]) {
      expect(at([0.005 + off], 40)[0]).toBeCloseTo(limit, 4);
    }
  });
});
