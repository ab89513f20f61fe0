/** Laws of condensed beams, on a small cube of water: they are the dose influence, put together. */
import { inlineExecutor } from '@isola/kernels/backends';
import type { Grid } from '@isola/kernels/grid';
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import type { Beam } from '../beams/index.js';
import { matradDefaultHuTable } from '../case/index.js';
import { machineByName } from '../machines/index.js';
import {
  condensedCurvature,
  condensedInfluence,
  condensedMap,
  type DoseMap,
  doseInfluence,
  doseMap,
  prepareDose,
  type RowClusters,
} from './index.js';

const SIZE = 16;
const grid: Grid = {
  size: [SIZE, SIZE, SIZE],
  spacingMm: [5, 5, 5],
  originMm: [-37.5, -37.5, -37.5],
};
const all = Uint32Array.from({ length: SIZE ** 3 }, (_, v) => v);
const patient = {
  ...{ name: 'cube', grid, hu: new Int16Array(all.length), huTable: matradDefaultHuTable },
  structures: [{ name: 'Body', kind: 'external' as const, voxels: all }],
};

/** 9 x 7 beamlets of 5 mm. */
function beam(gantryDeg: number): Beam {
  const places = Array.from({ length: 63 }, (_, j) => [
    5 * (Math.floor(j / 7) - 4),
    5 * ((j % 7) - 3),
  ]);
  return {
    ...{ gantryDeg, couchDeg: 0, collimatorDeg: 0, isocenterMm: [0, 0, 0], beamletMm: 5 },
    xMm: Float64Array.from(places, ([x]) => x),
    zMm: Float64Array.from(places, ([, z]) => z),
  };
}

const executor = inlineExecutor();
const beams = [beam(0), beam(70)];
const columns = beams.reduce((sum, { xMm }) => sum + xMm.length, 0);

/** Voxels in the middle alone, the others in boxes of 2 x 2 x 2; coarse boxes are twice as wide. */
function boxes(): RowClusters {
  const at = (v: number) => [v % SIZE, Math.floor(v / SIZE) % SIZE, Math.floor(v / SIZE ** 2)];
  const key = (v: number, edge: number) =>
    at(v)
      .map((i) => Math.floor(i / edge))
      .join();
  const isInner = (v: number) => at(v).every((i) => i >= 6 && i < 10);
  const numbers = (names: readonly string[]) => {
    const of = new Map(Array.from(new Set(names), (name, number) => [name, number]));
    return { of: Uint32Array.from(names, (name) => of.get(name) as number), count: of.size };
  };
  const fine = numbers(Array.from(all, (v) => (isInner(v) ? `voxel ${v}` : key(v, 2))));
  const coarse = numbers(Array.from(all, (v) => (isInner(v) ? 'inner' : '') + key(v, 4)));
  const coarseOf = new Uint32Array(fine.count);
  const sizes = new Float32Array(fine.count);
  for (const v of all) {
    coarseOf[fine.of[v]] = coarse.of[v];
    sizes[fine.of[v]]++;
  }
  const { of: clusterOf, count: clusters } = fine;
  return { clusterOf, clusters, coarseOf, coarseClusters: coarse.count, sizes };
}

const clusters = boxes();

async function prepared() {
  const spec = { patient, machine: machineByName('generic-6mv'), beams, lateralCutoffMm: 30 };
  return prepareDose({ ...spec, voxels: { grid, voxels: all }, matrad: null }, executor);
}

const condensedBeams = await Promise.all(condensedInfluence(await prepared(), clusters, executor));
const whole = doseMap(await doseInfluence(await prepared(), executor));
const stream = new RandomStream(3, 'condensed');
const weightsOf = (k: number) =>
  Float64Array.from({ length: columns }, (_, j) => stream.uniform(0, 0, k, j));

async function applied(map: DoseMap, weights: Float64Array) {
  const dose = new Float32Array(map.outputSize);
  await map.apply(weights, dose);
  return dose;
}

/** Mean dose of every cluster, and of every coarse one, by the whole dose influence. */
async function meanDoses(weights: Float64Array) {
  const dose = await applied(whole, weights);
  const fine = new Float64Array(clusters.clusters);
  const coarse = new Float64Array(clusters.coarseClusters);
  const coarseSizes = new Float64Array(clusters.coarseClusters);
  clusters.clusterOf.forEach((c, v) => {
    fine[c] += dose[v] / clusters.sizes[c];
    coarse[clusters.coarseOf[c]] += dose[v];
    coarseSizes[clusters.coarseOf[c]]++;
  });
  return { fine, coarse: coarse.map((sum, c) => sum / coarseSizes[c]) };
}

function curvatureScene() {
  const map = condensedMap(condensedBeams, 'fine');
  const rowWeights = Float32Array.from({ length: map.outputSize }, (_, r) => {
    return r % 5 === 0 ? 0 : stream.uniform(5, 0, 0, r);
  });
  const units = weightsOf(9).map((weight) => 0.5 + weight);
  return { map, rowWeights, units };
}

describe('condensed beams', () => {
  it.each([
    ['fine', 2e-3],
    ['coarse', 1e-2],
  ] as const)('give the mean doses of %s clusters', async (level, tolerance) => {
    const even = new Float64Array(columns).fill(1);
    for (const weights of [even, weightsOf(0), weightsOf(1)]) {
      const dose = await applied(condensedMap(condensedBeams, level), weights);
      const expected = (await meanDoses(weights))[level];
      const largest = expected.reduce((max, value) => Math.max(max, value), 0);
      dose.forEach((value, c) => {
        expect(Math.abs(value - expected[c])).toBeLessThan(tolerance * largest);
      });
    }
  });

  it.each(['fine', 'coarse'] as const)('have an adjoint on %s clusters', async (level) => {
    const map = condensedMap(condensedBeams, level);
    const rows = Float32Array.from({ length: map.outputSize }, (_, r) => {
      return stream.uniform(1, 0, 0, r) - 0.5;
    });
    const gradient = new Float64Array(columns);
    await map.pullback(weightsOf(0), rows, gradient);
    for (let k = 0; k < 4; k++) {
      const dose = await applied(map, weightsOf(k));
      const forward = dose.reduce((sum, value, r) => sum + value * rows[r], 0);
      const back = gradient.reduce((sum, value, j) => sum + value * weightsOf(k)[j], 0);
      expect(Math.abs(forward - back)).toBeLessThan(1e-4 * Math.abs(forward) + 1e-4);
    }
  });

  it('know the curvature of a weighted square of the dose along each beamlet', async () => {
    const map = condensedMap(condensedBeams, 'fine');
    const rowWeights = Float32Array.from({ length: map.outputSize }, (_, r) => {
      return stream.uniform(2, 0, 0, r);
    });
    const curvatures = new Float64Array(columns);
    map.curvatures(rowWeights, curvatures);
    for (const j of [0, 31, 62, 90, 125]) {
      const unit = Float64Array.from({ length: columns }, (_, i) => (i === j ? 1 : 0));
      const { fine } = await meanDoses(unit);
      const expected = fine.reduce((sum, value, r) => sum + rowWeights[r] * value * value, 0);
      expect(Math.abs(curvatures[j] / expected - 1)).toBeLessThan(1e-2);
    }
  });

  it('know about how a weighted square of the dose curves over all weights', async () => {
    const { map, rowWeights, units } = curvatureScene();
    const model = condensedCurvature(condensedBeams, rowWeights, units);
    for (let k = 0; k < 3; k++) {
      const v = weightsOf(k).map((weight) => weight - 0.5);
      const product = new Float64Array(columns);
      model.multiply(v, product);
      const dose = await applied(
        map,
        v.map((value, j) => units[j] * value),
      );
      const wanted = new Float64Array(columns);
      const weighted = dose.map((value, row) => rowWeights[row] * value);
      await map.pullback(v, weighted, wanted);
      const largest = wanted.reduce(
        (most, value, j) => Math.max(most, Math.abs(value * units[j])),
        0,
      );
      product.forEach((value, j) => {
        expect(Math.abs(value - units[j] * wanted[j])).toBeLessThan(0.05 * largest);
      });
    }
  });

  it('have the same curvature among some weights as among all', () => {
    const { rowWeights, units } = curvatureScene();
    const model = condensedCurvature(condensedBeams, rowWeights, units);
    const some = Uint32Array.from({ length: columns }, (_, j) => j).filter((j) => j % 3 !== 1);
    const v = weightsOf(0).map((weight, j) => (some.includes(j) ? weight : 0));
    const [all, among] = [new Float64Array(columns), new Float64Array(some.length)];
    model.multiply(v, all);
    model.among(some)(
      Float64Array.from(some, (j) => v[j]),
      among,
    );
    among.forEach((value, k) => {
      expect(value / all[some[k]]).toBeCloseTo(1, 5);
    });
  });

  it.each(['fine', 'coarse'] as const)('cost what %s clusters cost, in one pass', async (level) => {
    const rows = condensedMap(condensedBeams, level).outputSize;
    const layer = {
      low: new Float32Array(rows).fill(0.4),
      high: Float32Array.from({ length: rows }, (_, r) => 0.4 + stream.uniform(3, 0, 0, r)),
      weight: Float32Array.from({ length: rows }, (_, r) => stream.uniform(4, 0, 0, r)),
    };
    const map = condensedMap(condensedBeams, level, [layer]);
    const [gradient, wanted] = [new Float64Array(columns), new Float64Array(columns)];
    const cost = map.costAndGradient(weightsOf(0), gradient);
    let sum = 0;
    const cotangent = (await applied(map, weightsOf(0))).map((value, r) => {
      const distance = value - Math.min(Math.max(value, layer.low[r]), layer.high[r]);
      sum += layer.weight[r] * distance * distance;
      return 2 * layer.weight[r] * distance;
    });
    await map.pullback(weightsOf(0), cotangent, wanted);
    expect(Math.abs(cost - sum)).toBeLessThan(1e-5 * sum);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    gradient.forEach((value, j) => {
      expect(Math.abs(value - wanted[j])).toBeLessThan(1e-5 * largest);
    });
  });

  it('give many doses in one call as one by one', async () => {
    const map = condensedMap(condensedBeams, 'fine');
    const doses = [0, 1].map(() => new Float32Array(map.outputSize));
    await map.applyBatch([weightsOf(0), weightsOf(1)], doses);
    expect(doses[1]).toEqual(await applied(map, weightsOf(1)));
  });
});
