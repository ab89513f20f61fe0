import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Grid } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { type Case, matradDefaultHuTable, phantomByName } from '../case/index.js';
import { beamAxes, centroidMm, dot3, FIELD_REACH_MM, steerBeams } from './index.js';

const phantom = phantomByName('tg119-c-shape').build(5);
const target = phantom.structures.find(({ kind }) => kind === 'target')?.voxels as Uint32Array;
const isocenterMm = centroidMm(phantom, target);
const angles = [
  { gantryDeg: 0, couchDeg: 0, collimatorDeg: 0 },
  { gantryDeg: 137, couchDeg: 0, collimatorDeg: 25 },
  { gantryDeg: 300, couchDeg: 40, collimatorDeg: 90 },
];
const spec = { angles, isocenterMm, beamletMm: 5, sadMm: 1000 };

const positionMm = ({ size, spacingMm, originMm }: Grid, voxel: number) => {
  const index = [voxel, Math.floor(voxel / size[0]), Math.floor(voxel / size[0] / size[1])];
  const at = (axis: 0 | 1 | 2) => originMm[axis] + spacingMm[axis] * (index[axis] % size[axis]);
  return [at(0), at(1), at(2)] as const;
};

describe('the centroid', () => {
  it('is the middle of a symmetric target', () => {
    const { grid, structures } = phantomByName('water-box').build(10);
    const box = structures.find(({ kind }) => kind === 'target')?.voxels as Uint32Array;
    for (const mm of centroidMm({ grid } as Case, box)) expect(mm).toBeCloseTo(0, 10);
  });

  it('is the position of a single voxel', () => {
    for (const voxel of [0, 17, 12_345]) {
      expect(centroidMm(phantom, Uint32Array.of(voxel))).toEqual(positionMm(phantom.grid, voxel));
    }
  });
});

describe.each([2.5, 5, 10])('steering with beamlets of %d mm', (beamletMm) => {
  const beams = steerBeams(phantom, target, { ...spec, beamletMm });

  it('covers each target voxel: it projects within half a beamlet of one', () => {
    for (const beam of beams) {
      const axes = beamAxes(beam);
      const cells = new Set(Array.from(beam.xMm, (x, j) => `${x} ${beam.zMm[j]}`));
      for (const voxel of target) {
        const [px, py, pz] = positionMm(phantom.grid, voxel);
        const p = [px - isocenterMm[0], py - isocenterMm[1], pz - isocenterMm[2]] as const;
        const magnification = 1000 / (1000 + dot3(p, axes.y));
        const nearest = [axes.x, axes.z].map((axis) => {
          const steps = (dot3(p, axis) * magnification) / beamletMm;
          return Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5) * beamletMm + 0;
        });
        expect(cells.has(nearest.join(' '))).toBe(true);
      }
    }
  });

  it('puts beamlets on multiples of their width, once each, by x, then z', () => {
    for (const { xMm, zMm } of beams) {
      expect(xMm.length).toBe(zMm.length);
      for (let j = 0; j < xMm.length; j++) {
        expect(Number.isInteger(xMm[j] / beamletMm)).toBe(true);
        expect(Number.isInteger(zMm[j] / beamletMm)).toBe(true);
        if (j === 0) continue;
        expect(xMm[j] > xMm[j - 1] || (xMm[j] === xMm[j - 1] && zMm[j] > zMm[j - 1])).toBe(true);
      }
    }
  });

  it('hands on angles, isocentre and width', () => {
    beams.forEach((beam, b) => {
      expect(beam).toMatchObject({ ...angles[b], isocenterMm, beamletMm });
    });
  });

  it('turns the beamlets with the collimator', () => {
    const [straight, turned] = [0, 90].map((collimatorDeg) => {
      const turn = { gantryDeg: 20, couchDeg: 10, collimatorDeg };
      return steerBeams(phantom, target, { ...spec, beamletMm, angles: [turn] })[0];
    });
    // What lies at (x, z) lies at (z, -x) for a collimator turned by 90 degrees.
    const moved = Array.from(straight.xMm, (x, j) => `${straight.zMm[j]} ${0 - x}`);
    expect(Array.from(turned.xMm, (x, j) => `${x} ${turned.zMm[j]}`).sort()).toEqual(moved.sort());
  });
});

describe('steering', () => {
  it('grows with the target', () => {
    const whole = steerBeams(phantom, target, spec);
    const part = steerBeams(phantom, target.slice(0, target.length / 2), spec);
    part.forEach(({ xMm, zMm }, b) => {
      const cells = new Set(Array.from(whole[b].xMm, (x, j) => `${x} ${whole[b].zMm[j]}`));
      xMm.forEach((x, j) => {
        expect(cells.has(`${x} ${zMm[j]}`)).toBe(true);
      });
    });
  });

  it('refuses a beam whose field does not reach the target, and says which', () => {
    const far = { ...spec, isocenterMm: [0, 0, FIELD_REACH_MM + 150] as const };
    expect(() => steerBeams(phantom, target, far)).toThrow(InputError);
    expect(() => steerBeams(phantom, target, far)).toThrow('beams[0]: gantry 0, couch 0 misses');
  });

  it('refuses a target without voxels', () => {
    expect(() => steerBeams(phantom, new Uint32Array(0), spec)).toThrow(InputError);
  });
});

const data =
  process.env.ISOLA_DATA ?? fileURLToPath(new URL('../../../../shared', import.meta.url));

interface Meta {
  readonly ct: Readonly<Record<'dims_xyz' | 'spacing_mm' | 'origin_mm', [number, number, number]>>;
  readonly structures: readonly { name: string; type: string; file_ct: string }[];
}

interface ReferenceBeam {
  readonly [angle: string]: number | number[];
  readonly isocenter_mm: number[];
  readonly rays_bev_x_mm: number[];
  readonly rays_bev_z_mm: number[];
}

describe.each(['tiny', 'cshape'])('the matRad case reference/matrad/%s', (name) => {
  const folder = join(data, 'reference/matrad', name);

  it.skipIf(!existsSync(folder))('has our beamlets, in our order, and our isocentre', () => {
    const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const { ct, structures } = json('meta.json') as Meta;
    const { bixelWidth_mm: beamletMm, SAD_mm: sadMm, beams } = json('beams.json');
    const references = beams as ReferenceBeam[];
    const patient: Case = {
      name,
      grid: { size: ct.dims_xyz, spacingMm: ct.spacing_mm, originMm: ct.origin_mm },
      hu: new Int16Array(0),
      huTable: matradDefaultHuTable,
      structures: structures.map((structure) => {
        const bytes = Uint8Array.from(readFileSync(join(folder, structure.file_ct)));
        const kind = structure.type === 'TARGET' ? 'target' : 'organ';
        return { name: structure.name, kind, voxels: new Uint32Array(bytes.buffer).sort() };
      }),
    };
    const voxels = patient.structures.find(({ kind }) => kind === 'target')?.voxels as Uint32Array;
    const isocentre = centroidMm(patient, voxels);
    const steered = steerBeams(patient, voxels, {
      angles: references.map(({ gantry_deg, couch_deg }) => ({
        gantryDeg: Number(gantry_deg),
        couchDeg: Number(couch_deg),
        collimatorDeg: 0,
      })),
      isocenterMm: isocentre,
      beamletMm,
      sadMm,
    });
    references.forEach((reference, b) => {
      reference.isocenter_mm.forEach((mm, axis) => {
        expect(isocentre[axis]).toBeCloseTo(mm, 10);
      });
      expect(Array.from(steered[b].xMm)).toEqual(reference.rays_bev_x_mm);
      expect(Array.from(steered[b].zMm)).toEqual(reference.rays_bev_z_mm);
    });
  });
});
