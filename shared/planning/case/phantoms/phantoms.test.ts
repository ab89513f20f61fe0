import { describe, expect, it } from 'vitest';
import type { Case, Structure } from '../case.js';
import { checkCase } from '../check-case.js';
import { intersectionOf } from '../voxel-sets.js';
import { phantomByName, phantoms } from './catalogue.js';

function structureOf(given: Case, name: string): Structure {
  const found = given.structures.find((structure) => structure.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

/** Of a solid that is neither round nor flat the surface is an upper limit. */
interface Measures {
  readonly volumeMm3: number;
  readonly surfaceMm2: number;
}

function ball(a: number, b: number, c: number): Measures {
  const widest = Math.max(a, b, c);
  return { volumeMm3: (4 / 3) * Math.PI * a * b * c, surfaceMm2: 4 * Math.PI * widest * widest };
}

function tube(a: number, b: number, length: number): Measures {
  const outline = 2 * Math.PI * Math.sqrt((a * a + b * b) / 2);
  return {
    volumeMm3: Math.PI * a * b * length,
    surfaceMm2: 2 * Math.PI * a * b + outline * length,
  };
}

function brick(a: number, b: number, c: number): Measures {
  return { volumeMm3: a * b * c, surfaceMm2: 2 * (a * b + b * c + c * a) };
}

/** `whole` without `part`, times `share`. */
function less(whole: Measures, part: Measures, share = 1): Measures {
  return {
    volumeMm3: share * (whole.volumeMm3 - part.volumeMm3),
    surfaceMm2: whole.surfaceMm2 + part.surfaceMm2,
  };
}

const closedForms: Array<[string, Record<string, Measures>]> = [
  [
    'tg119-c-shape',
    {
      Body: tube(150, 105, 150),
      Target: less(tube(37, 37, 80), tube(15, 15, 80), 260 / 360),
      Core: tube(10, 10, 80),
    },
  ],
  [
    'tg119-multi-target',
    {
      Body: tube(150, 105, 220),
      Superior: tube(20, 20, 40),
      Center: tube(20, 20, 40),
      Inferior: tube(20, 20, 40),
    },
  ],
  [
    'tg119-prostate-like',
    {
      Body: tube(170, 115, 240),
      PTV: ball(26, 19, 38.5),
      Rectum: tube(7.5, 7.5, 100),
      Bladder: ball(25, 20, 25),
      Femur_Head_L: ball(24, 24, 24),
    },
  ],
  [
    'tg119-head-and-neck-like',
    { Body: tube(75, 90, 220), SpinalCord: tube(6, 6, 200), Parotid_L: ball(13, 18, 22) },
  ],
  ['water-box', { Body: brick(300, 300, 300), Target: brick(60, 60, 60) }],
  [
    'lung-slab',
    {
      Body: brick(300, 300, 200),
      Lung: less(brick(300, 100, 200), ball(20, 20, 20)),
      Target: ball(20, 20, 20),
    },
  ],
  [
    'cylinder-wang',
    { Body: tube(100, 100, 160), PTV: tube(25, 25, 50), Organ_Posterior: tube(15, 15, 50) },
  ],
];

describe('phantoms', () => {
  it.each(closedForms)('%s has the volumes of its solids within half a voxel', (name, solids) => {
    // The first two sizes divide the dimensions of few solids, the last is the default.
    for (const voxelMm of [7.7, 4.3, 2.5]) {
      const built = phantomByName(name).build(voxelMm);
      for (const [structure, { volumeMm3, surfaceMm2 }] of Object.entries(solids)) {
        const error = structureOf(built, structure).voxels.length * voxelMm ** 3 - volumeMm3;
        // No face is farther off than half a voxel.
        expect(Math.abs(error), `${structure}, ${voxelMm} mm`).toBeLessThan(
          (surfaceMm2 * voxelMm) / 2,
        );
      }
    }
  });

  for (const phantom of phantoms) {
    it(`${phantom.name} is a valid case with a target, an outline and a description`, () => {
      const built = phantom.build();
      expect(() => checkCase(built)).not.toThrow();
      expect(built.name).toBe(phantom.name);
      expect(built.grid.spacingMm).toEqual([2.5, 2.5, 2.5]);
      expect(built.structures.filter(({ kind }) => kind === 'external').length).toBe(1);
      expect(built.structures.some(({ kind }) => kind === 'target')).toBe(true);
      expect(phantom.description).toMatch(/^[^\n]{20,100}$/);
    });

    it(`${phantom.name} is its own mirror image from left to right`, () => {
      for (const voxelMm of [4.5, 7]) {
        const built = phantom.build(voxelMm);
        const { size, originMm } = built.grid;
        expect(originMm[0]).toBe((-(size[0] - 1) / 2) * voxelMm);
        expect(originMm[1]).toBe((-(size[1] - 1) / 2) * voxelMm);
        expect(originMm[2]).toBe((-(size[2] - 1) / 2) * voxelMm);
        const mirror = (voxel: number) =>
          voxel - (voxel % size[0]) + size[0] - 1 - (voxel % size[0]);
        expect(built.hu.every((hu, voxel) => built.hu[mirror(voxel)] === hu)).toBe(true);
        for (const { name, voxels } of built.structures) {
          const other = name.endsWith('_L') ? name.replace('_L', '_R') : name.replace('_R', '_L');
          const image = new Set(structureOf(built, other).voxels);
          expect(voxels.every((voxel) => image.has(mirror(voxel)))).toBe(true);
        }
      }
    });

    it(`${phantom.name} lies in air with all its structures in the outline`, () => {
      const built = phantom.build(8);
      const outline = built.structures.find(({ kind }) => kind === 'external') as Structure;
      for (const { name, voxels } of built.structures) {
        expect(intersectionOf(voxels, outline.voxels).length, name).toBe(voxels.length);
      }
      const inside = new Set(outline.voxels);
      expect(built.hu.every((hu, v) => (inside.has(v) ? hu > -1000 : hu === -1000))).toBe(true);
      const layerOfAir = outline.voxels.every((voxel) => {
        const [nx, ny, nz] = built.grid.size;
        const [x, y, z] = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / nx / ny)];
        return x > 0 && x < nx - 1 && y > 0 && y < ny - 1 && z > 0 && z < nz - 1;
      });
      expect(layerOfAir).toBe(true);
    });
  }

  it.each([
    'tg119-c-shape',
    'tg119-multi-target',
    'tg119-head-and-neck-like',
    'lung-slab',
    'cylinder-wang',
  ])('%s has disjoint structures within its outline', (name) => {
    const inner = phantomByName(name)
      .build(3)
      .structures.filter(({ kind }) => kind !== 'external');
    inner.forEach((a, k) => {
      for (const b of inner.slice(k + 1)) {
        expect(intersectionOf(a.voxels, b.voxels).length, `${a.name}, ${b.name}`).toBe(0);
      }
    });
  });

  it('the c-shape is open to posterior', () => {
    const built = phantomByName('tg119-c-shape').build(2);
    const { grid } = built;
    const angles = Array.from(structureOf(built, 'Target').voxels, (voxel) => {
      const x = grid.originMm[0] + (voxel % grid.size[0]) * 2;
      const y = grid.originMm[1] + (Math.floor(voxel / grid.size[0]) % grid.size[1]) * 2;
      return Math.abs(Math.atan2(x, y)) * (180 / Math.PI);
    });
    const least = angles.reduce((a, b) => Math.min(a, b));
    const most = angles.reduce((a, b) => Math.max(a, b));
    expect(least).toBeGreaterThan(50);
    expect(least).toBeLessThan(55);
    expect(most).toBeGreaterThan(175);
  });

  it('a third of the rectum of the prostate lies in the target, in its middle', () => {
    const built = phantomByName('tg119-prostate-like').build();
    const perSlice = built.grid.size[0] * built.grid.size[1];
    const middle = built.grid.size[2] / 2;
    const inMiddle = (voxels: Uint32Array) =>
      voxels.filter((voxel) => Math.floor(voxel / perSlice) === middle);
    const rectum = inMiddle(structureOf(built, 'Rectum').voxels);
    const target = inMiddle(structureOf(built, 'PTV').voxels);
    const share = intersectionOf(rectum, target).length / rectum.length;
    expect(Math.abs(share - 1 / 3)).toBeLessThan(0.05);
  });

  it('the neck target keeps 15 mm from the cord', () => {
    const built = phantomByName('tg119-head-and-neck-like').build(3);
    const position = (voxel: number) => [
      voxel % built.grid.size[0],
      Math.floor(voxel / built.grid.size[0]) % built.grid.size[1],
    ];
    // Target and cord are the same in all slices where both are.
    const cord = structureOf(built, 'SpinalCord').voxels;
    const perSlice = built.grid.size[0] * built.grid.size[1];
    const slice = Math.floor(cord[0] / perSlice);
    const profile = Array.from(cord).filter((voxel) => Math.floor(voxel / perSlice) === slice);
    const closest = Array.from(structureOf(built, 'PTV').voxels, (voxel) => {
      const [x, y] = position(voxel);
      return Math.min(
        ...profile.map((other) => {
          const [u, v] = position(other);
          return 3 * Math.hypot(x - u, y - v);
        }),
      );
    });
    expect(closest.reduce((a, b) => Math.min(a, b))).toBeGreaterThanOrEqual(15);
  });

  it('water is 0, lung -700, bone 300', () => {
    const materials = (name: string) => new Set(phantomByName(name).build(5).hu);
    expect(materials('water-box')).toEqual(new Set([-1000, 0]));
    expect(materials('lung-slab')).toEqual(new Set([-1000, -700, 0]));
    expect(materials('tg119-prostate-like')).toEqual(new Set([-1000, 0, 300]));
    const slab = phantomByName('lung-slab').build(5);
    expect(structureOf(slab, 'Lung').voxels.every((voxel) => slab.hu[voxel] === -700)).toBe(true);
    expect(structureOf(slab, 'Target').voxels.every((voxel) => slab.hu[voxel] === 0)).toBe(true);
  });

  it('refuses unknown names and voxel sizes', () => {
    expect(() => phantomByName('c-shape')).toThrow("case: there is no phantom 'c-shape'");
    expect(() => phantoms[0].build(0.1)).toThrow('case.voxelMm: is 0.1; it must be from 0.5 to 10');
    expect(() => phantoms[0].build(Number.NaN)).toThrow('case.voxelMm');
  });
});
