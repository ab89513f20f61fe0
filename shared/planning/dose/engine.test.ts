/** Laws of the engine's own dose, on a small cube of water. */
import { createHash } from 'node:crypto';
import { type Executor, inlineExecutor, threadExecutor } from '@isola/kernels/backends';
import type { Grid, Vec3 } from '@isola/kernels/grid';
import { RandomStream } from '@isola/kernels/random';
import { InputError } from '@isola/optimizers/problem';
import { afterAll, describe, expect, it } from 'vitest';
import type { Beam } from '../beams/index.js';
import { type Case, matradDefaultHuTable } from '../case/index.js';
import { type Machine, machineByName } from '../machines/index.js';
import { type DoseSpec, doseInfluence, forwardDose, prepareDose, restrictDose } from './index.js';

const executor = inlineExecutor();
const SIZE = 18;
const SPACING_MM = 5;
/** Voxel centres lie at +-2.5, +-7.5 ... mm; the cube of water ends at +-40 mm. */
const grid: Grid = {
  size: [SIZE, SIZE, SIZE],
  spacingMm: [SPACING_MM, SPACING_MM, SPACING_MM],
  originMm: [-42.5, -42.5, -42.5],
};
const WALL_MM = 40;

const indexOf = (x: number, y: number, z: number) => x + SIZE * (y + SIZE * z);
const coordinates = Array.from({ length: SIZE ** 3 }, (_, v): Vec3 => {
  return [v % SIZE, Math.floor(v / SIZE) % SIZE, Math.floor(v / SIZE ** 2)];
});
const centreMm = (index: number) => grid.originMm[0] + SPACING_MM * index;
const cube = Uint32Array.from(
  coordinates.flatMap((p, v) => (p.every((i) => Math.abs(centreMm(i)) < WALL_MM) ? [v] : [])),
);

/** A cube with the HU that `huAt` gives in it. */
function phantom(huAt: (p: Vec3) => number = () => 0): Case {
  return {
    name: 'cube',
    grid,
    hu: Int16Array.from(coordinates, huAt),
    huTable: matradDefaultHuTable,
    structures: [{ name: 'Body', kind: 'external', voxels: cube }],
  };
}

/** Beamlets of 5 mm on a square lattice of `reach` beamlets to each side. */
function squareBeam(reach: number, more: Partial<Beam> = {}): Beam {
  const steps = Array.from({ length: 2 * reach + 1 }, (_, i) => 5 * (i - reach));
  return {
    ...{ gantryDeg: 0, couchDeg: 0, collimatorDeg: 0, isocenterMm: [0, 0, 0], beamletMm: 5 },
    xMm: Float64Array.from(steps.flatMap((x) => steps.map(() => x))),
    zMm: Float64Array.from(steps.flatMap(() => steps)),
    ...more,
  };
}

const machine = machineByName('generic-6mv');

/** Attenuation only: one component, whose kernel is a single pixel. */
const pencil: Machine = {
  ...machine,
  attenuationPerMm: 0.005,
  betasPerMm: [Number.POSITIVE_INFINITY],
  penumbraFwhmMm: 3,
  kernels: () => ({ stepMm: 0.5, tables: [Float64Array.of(1, 0)] }),
};

function specOf(beams: readonly Beam[], more: Partial<DoseSpec> = {}): DoseSpec {
  const voxels = { grid, voxels: cube };
  return {
    ...{ patient: phantom(), machine, beams, voxels, lateralCutoffMm: 30, matrad: null },
    ...more,
  };
}

const ones = (beams: readonly Beam[]) =>
  new Float64Array(beams.reduce((sum, { xMm }) => sum + xMm.length, 0)).fill(1);

async function doseOf(spec: DoseSpec, weights = ones(spec.beams)) {
  return forwardDose(await prepareDose(spec, executor), weights, executor);
}

const largestOf = (dose: ArrayLike<number>) => Array.from(dose).reduce((a, b) => Math.max(a, b), 0);

/** Largest difference between a dose and another one in moved voxels, as part of the maximum. */
function difference(dose: Float32Array, other: Float32Array, moved: (p: Vec3) => Vec3) {
  const rowOf = new Map(Array.from(cube, (voxel, row) => [voxel, row]));
  let largest = 0;
  cube.forEach((voxel, row) => {
    const there = rowOf.get(indexOf(...moved(coordinates[voxel]))) as number;
    largest = Math.max(largest, Math.abs(dose[row] - other[there]));
  });
  return largest / largestOf(dose);
}

const flip = (i: number) => SIZE - 1 - i;
const stream = new RandomStream(4, 'weights');
const randomWeights = (count: number, k: number) =>
  Float64Array.from({ length: count }, (_, j) => stream.uniform(0, 0, k, j));

describe('the dose of the engine', () => {
  it.each([
    [0, (i: number) => [9, i]],
    [90, (i: number) => [flip(i), 9]],
    [180, (i: number) => [9, flip(i)]],
    [270, (i: number) => [i, 9]],
  ] as const)('falls with distance squared and exponentially with depth: %i', async (g, along) => {
    // One wide opening without scatter, its axis through the middles of voxels.
    const one = { xMm: Float64Array.of(0), zMm: Float64Array.of(0), beamletMm: 20 };
    const beam = squareBeam(0, { ...one, gantryDeg: g, isocenterMm: [2.5, 2.5, 2.5] });
    const dose = await doseOf(specOf([beam], { machine: pencil }));
    const isocentreDepthMm = g === 0 || g === 270 ? WALL_MM + 2.5 : WALL_MM - 2.5;
    for (let i = 1; i < SIZE - 1; i++) {
      const depthMm = SPACING_MM * (i - 0.5);
      const distanceMm = 1000 + depthMm - isocentreDepthMm;
      const expected = (1000 / distanceMm) ** 2 * Math.exp(-0.005 * depthMm);
      const [x, y] = along(i);
      expect(Math.abs(dose[cube.indexOf(indexOf(x, y, 9))] / expected - 1)).toBeLessThan(1e-5);
    }
  });

  it('turns with patient and beam', async () => {
    // An off-centre lung turns with the cube by 90 degrees about z: (x, y) goes to (-y, x).
    const huAt = ([x, y, z]: Vec3) => (x > 10 && y > 4 && y < 9 && z > 6 ? -700 : 0);
    const turn = ([x, y, z]: Vec3): Vec3 => [flip(y), x, z];
    const turnBack = ([x, y, z]: Vec3): Vec3 => [y, flip(x), z];
    const beams = [squareBeam(2, { gantryDeg: 17 }), squareBeam(1, { gantryDeg: 265 })];
    const turned = beams.map((beam) => ({ ...beam, gantryDeg: beam.gantryDeg + 90 }));
    const weights = randomWeights(ones(beams).length, 0);
    const before = await doseOf(specOf(beams, { patient: phantom(huAt) }), weights);
    const patient = phantom((p) => huAt(turnBack(p)));
    const after = await doseOf(specOf(turned, { patient }), weights);
    expect(difference(before, after, turn)).toBeLessThan(2e-5);
    expect(difference(before, after, (p) => p)).toBeGreaterThan(0.1);
  });

  it('turns with patient and couch', async () => {
    const huAt = ([x, , z]: Vec3) => (x > 10 && z > 4 && z < 9 ? -700 : 0);
    // The couch turns the beam about y by +90 degrees: (x, z) goes to (z, -x).
    const turn = ([x, y, z]: Vec3): Vec3 => [z, y, flip(x)];
    const turnBack = ([x, y, z]: Vec3): Vec3 => [flip(z), y, x];
    const beam = squareBeam(2, { gantryDeg: 40, couchDeg: 10 });
    const weights = randomWeights(ones([beam]).length, 1);
    const before = await doseOf(specOf([beam], { patient: phantom(huAt) }), weights);
    const spec = specOf([{ ...beam, couchDeg: 100 }], {
      patient: phantom((p) => huAt(turnBack(p))),
    });
    expect(difference(before, await doseOf(spec, weights), turn)).toBeLessThan(2e-5);
  });

  it('of a symmetric beam in a symmetric cube is symmetric', async () => {
    const dose = await doseOf(specOf([squareBeam(2)]));
    expect(difference(dose, dose, ([x, y, z]) => [flip(x), y, z])).toBeLessThan(2e-5);
    expect(difference(dose, dose, ([x, y, z]) => [x, y, flip(z)])).toBeLessThan(2e-5);
    expect(difference(dose, dose, ([x, y, z]) => [z, y, x])).toBeLessThan(2e-5);
    expect(difference(dose, dose, ([x, y, z]) => [x, flip(y), z])).toBeGreaterThan(0.1);
  });

  it('of a square beam is the same after a quarter turn of the collimator', async () => {
    const beam = squareBeam(2, { gantryDeg: 30 });
    const weights = ones([beam]);
    weights[3] = 5;
    const before = await doseOf(specOf([beam]), weights);
    for (const collimatorDeg of [90, 180, 270]) {
      // The heavier beamlet is another one then: it stays where it was in the room.
      const angle = (collimatorDeg * Math.PI) / 180;
      const [x, z] = [beam.xMm[3], beam.zMm[3]];
      const x3 = Math.round(Math.cos(angle) * x + Math.sin(angle) * z);
      const z3 = Math.round(Math.cos(angle) * z - Math.sin(angle) * x);
      const moved = beam.xMm.map((xMm, j) => (xMm === x3 && beam.zMm[j] === z3 ? 5 : 1));
      const after = await doseOf(specOf([{ ...beam, collimatorDeg }]), moved);
      expect(difference(before, after, (p) => p)).toBeLessThan(2e-5);
    }
  });

  it('is linear in the weights, and 0 for none', async () => {
    const beams = [squareBeam(2), squareBeam(1, { gantryDeg: 100 })];
    const prepared = await prepareDose(specOf(beams), executor);
    const [a, b] = [randomWeights(34, 2), randomWeights(34, 3)];
    const both = a.map((weight, j) => 2 * weight + 0.5 * b[j]);
    const doses: Float32Array[] = [];
    for (const weights of [a, b, both, new Float64Array(34)]) {
      doses.push(await forwardDose(prepared, weights, executor));
    }
    const largest = largestOf(doses[2]);
    doses[2].forEach((gy, row) => {
      const sum = 2 * doses[0][row] + 0.5 * doses[1][row];
      expect(Math.abs(gy - sum)).toBeLessThan(1e-6 * largest);
    });
    expect(doses[3].every((gy) => gy === 0)).toBe(true);
  });

  it.each([
    // So far from every beamlet ends its dose: no voxel of the cube lies there.
    ['to its 16 bits where no voxel lies at the cutoff', 120, 0],
    ['but for what falls off at the cutoff', 30, 5e-4],
  ])('agrees with the dose influence, %s', async (_name, lateralCutoffMm, atCutoff) => {
    const beams = [squareBeam(3), squareBeam(2, { gantryDeg: 75, couchDeg: 20 })];
    const prepared = await prepareDose(specOf(beams, { lateralCutoffMm }), executor);
    const influence = await doseInfluence(prepared, executor);
    const weights = randomWeights(influence.columns, 4);
    const forward = await forwardDose(prepared, weights, executor);
    const stored = new Float32Array(influence.rows);
    await influence.multiply(weights, stored);
    // Half a level of every beamlet; a level is its largest dose / 65535.
    let bound = atCutoff * largestOf(forward);
    const column = new Float32Array(influence.rows);
    for (let j = 0; j < influence.columns; j++) {
      const unit = new Float64Array(influence.columns);
      unit[j] = weights[j];
      await influence.multiply(unit, column);
      bound += (0.51 / 0xffff + 1e-6) * largestOf(column);
    }
    const apart = forward.map((gy, row) => Math.abs(gy - stored[row]));
    expect(largestOf(apart)).toBeLessThan(bound);
    expect(largestOf(forward)).toBeGreaterThan(1000 * bound);
  });

  it('ends at the lateral cutoff beyond the corner of a beamlet', async () => {
    const prepared = await prepareDose(specOf([squareBeam(0)], { lateralCutoffMm: 20 }), executor);
    const influence = await doseInfluence(prepared, executor);
    const dose = new Float32Array(influence.rows);
    await influence.multiply(Float64Array.of(1), dose);
    const reachMm = 20 + 5 / Math.SQRT2;
    cube.forEach((voxel, row) => {
      const [x, y, z] = coordinates[voxel].map(centreMm);
      const lateralMm = (Math.hypot(x, z) * 1000) / (1000 + y);
      if (Math.abs(lateralMm - reachMm) > 1e-6) expect(dose[row] > 0).toBe(lateralMm < reachMm);
    });
  });

  it('takes the kernels for the distance to the surface', async () => {
    const asked: number[] = [];
    const watched: Machine = {
      ...machine,
      kernels: (ssdMm) => {
        asked.push(ssdMm);
        return machine.kernels(ssdMm);
      },
    };
    const isocenterMm = [0, 7, 0] as const;
    const beams = [squareBeam(1, { isocenterMm }), squareBeam(1, { isocenterMm, gantryDeg: 90 })];
    const { ssdMm } = await prepareDose(specOf(beams, { machine: watched }), executor);
    expect(ssdMm[0]).toBeCloseTo(1000 - 7 - WALL_MM, 9);
    expect(ssdMm[1]).toBeCloseTo(1000 - WALL_MM, 9);
    expect(asked).toEqual(ssdMm);
  });

  it('leaves out what is in no structure, as a couch', async () => {
    const beam = squareBeam(1, { gantryDeg: 180 });
    const outside = new Set(coordinates.keys());
    for (const voxel of cube) outside.delete(voxel);
    const couch = phantom();
    for (const voxel of outside) couch.hu[voxel] = 300;
    expect(await doseOf(specOf([beam], { patient: couch }))).toEqual(await doseOf(specOf([beam])));
  });

  it('has no value where a beam misses the patient, but an error that names it', async () => {
    const beams = [squareBeam(0), squareBeam(0, { gantryDeg: 10, isocenterMm: [0, 0, 300] })];
    const error = await prepareDose(specOf(beams), executor).catch((caught) => caught);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain('gantry 10, couch 0 does not hit the patient');
  });

  it('of beams with beamlets of different widths is the sum of theirs', async () => {
    const wide = { xMm: Float64Array.of(-10, 0), zMm: Float64Array.of(0, 10), beamletMm: 10 };
    const beams = [squareBeam(1), squareBeam(0, wide)];
    const [sum, reversed] = [await doseOf(specOf(beams)), await doseOf(specOf(beams.toReversed()))];
    const parts = [await doseOf(specOf([beams[0]])), await doseOf(specOf([beams[1]]))];
    const largest = largestOf(sum);
    for (const dose of [sum, reversed]) {
      const apart = dose.map((gy, row) => Math.abs(gy - parts[0][row] - parts[1][row]));
      expect(largestOf(apart)).toBeLessThan(1e-6 * largest);
    }
  });

  it('may be computed again and again from what was prepared once', async () => {
    const prepared = await prepareDose(specOf([squareBeam(1)]), executor);
    const first = await forwardDose(prepared, randomWeights(9, 7), executor);
    for (let k = 0; k < 3; k++) await forwardDose(prepared, randomWeights(9, k), executor);
    expect(await forwardDose(prepared, randomWeights(9, 7), executor)).toEqual(first);
  });

  it('tells its progress, up to all of it', async () => {
    const told: [number, number][] = [];
    const onProgress = (done: number, total: number) => {
      told.push([done, total]);
    };
    const expectAllTold = () => {
      expect(told.length).toBeGreaterThan(0);
      expect(told).toEqual(told.map((_, i) => [i + 1, told.length]));
      told.length = 0;
    };
    const beams = [squareBeam(1), squareBeam(6)];
    const prepared = await prepareDose(specOf(beams), executor, onProgress);
    expectAllTold();
    await doseInfluence(prepared, executor, onProgress);
    expectAllTold();
    await forwardDose(prepared, ones(beams), executor, onProgress);
    expectAllTold();
  });
});

describe('a dose on fewer voxels', () => {
  it('has the rows of the dose on all', async () => {
    const beams = [squareBeam(2), squareBeam(1, { gantryDeg: 230 })];
    const all = await prepareDose(specOf(beams), executor);
    const some = cube.filter((_, row) => row % 7 === 0 || row % 100 < 20);
    const weights = randomWeights(34, 5);
    const [onAll, onSome] = [
      await forwardDose(all, weights, executor),
      await forwardDose(restrictDose(all, some), weights, executor),
    ];
    // Places along a grid line are counted from the first voxel that is kept: other roundings.
    const apart = Array.from(some, (voxel, row) =>
      Math.abs(onSome[row] - onAll[cube.indexOf(voxel)]),
    );
    expect(largestOf(apart)).toBeLessThan(1e-6 * largestOf(onAll));
  });

  it('is refused for voxels that are not prepared', async () => {
    const prepared = await prepareDose(specOf([squareBeam(0)]), executor);
    expect(() => restrictDose(prepared, Uint32Array.of(0))).toThrow('voxel 0');
  });
});

describe('with threads', () => {
  const pools = [1, 2, 4].map(threadExecutor);
  afterAll(async () => {
    for (const pool of pools) await pool.close();
  });

  /** Threads run built modules, whereas this file sees their sources. */
  const built = new URL('./thread.js', import.meta.resolve('@isola/planning/dose')).href;
  const withBuilt = (pool: Executor): Executor => ({
    ...pool,
    run: (url, name, argument) => {
      return pool.run(
        url.startsWith(new URL('.', import.meta.url).href) ? built : url,
        name,
        argument,
      );
    },
  });

  async function digest(using: Executor) {
    const beams = [squareBeam(6), squareBeam(5, { gantryDeg: 50, couchDeg: 15 })];
    const prepared = await prepareDose(specOf(beams), using);
    const influence = await doseInfluence(prepared, using);
    const hash = createHash('sha256');
    for (const { offset, byteLength } of influence.blocks) {
      hash.update(new Uint8Array(influence.arena.memory.buffer, offset, byteLength).slice());
    }
    const weights = randomWeights(influence.columns, 6);
    const dose = new Float32Array(influence.rows);
    await influence.multiply(weights, dose);
    hash.update(dose);
    hash.update(await forwardDose(prepared, weights, using));
    return { nonzeros: influence.nonzeros, digest: hash.digest('hex') };
  }

  it('dose influence, its product and forward dose have the same bits', async () => {
    const inline = await digest(executor);
    expect(inline.nonzeros).toBeGreaterThan(100_000);
    for (const pool of pools) expect(await digest(withBuilt(pool))).toEqual(inline);
  });
});
