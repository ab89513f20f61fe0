import type { Vec3 } from '@isola/kernels/grid';
import { describe, expect, it } from 'vitest';
import { externalContour, fillHoles } from './external-contour.js';
import { largestComponent } from './largest-component.js';

const size: Vec3 = [40, 36, 10];
const [nx, ny, nz] = size;

type Solid = (x: number, y: number, z: number) => boolean;

const ellipse =
  (rx: number, ry: number): Solid =>
  (x, y) =>
    ((x - 20) / rx) ** 2 + ((y - 16) / ry) ** 2 <= 1;

function marked(solid: Solid): Uint8Array {
  const mask = new Uint8Array(nx * ny * nz);
  for (let v = 0; v < mask.length; v++) {
    const y = Math.floor(v / nx) % ny;
    mask[v] = solid(v % nx, y, Math.floor(v / (nx * ny))) ? 1 : 0;
  }
  return mask;
}

const ct = (body: Solid, air: Solid): Int16Array =>
  Int16Array.from(
    marked((x, y, z) => body(x, y, z) && !air(x, y, z)),
    (m) => (m ? 20 : -1000),
  );

const none: Solid = () => false;

describe('externalContour', () => {
  const body = ellipse(14, 11);
  const lungs: Solid = (x, y) =>
    (x - 14) ** 2 + (y - 15) ** 2 < 9 || (x - 26) ** 2 + (y - 15) ** 2 < 9;

  it('is the body with its cavities, and nothing of a couch under it', () => {
    const couch: Solid = (x, y) => y === 31 || y === 34 || (y >= 31 && (x === 3 || x === 36));
    const scan = ct((x, y, z) => body(x, y, z) || couch(x, y, z), lungs);
    expect(externalContour(scan, size)).toEqual(marked(body));
  });

  it('cuts a couch plate that touches the body, up to two voxels beside it', () => {
    const plate: Solid = (_x, y) => y === 28;
    const scan = ct((x, y, z) => body(x, y, z) || plate(x, y, z), none);
    const inside = externalContour(scan, size);
    const truth = marked(body);
    let wrong = 0;
    // The plate is one row below the body: only voxels within two steps of the body may remain.
    for (let v = 0; v < inside.length; v++) {
      const x = v % nx;
      const beside = x < 12 || x > 28;
      wrong += (truth[v] === 1 && inside[v] === 0) || (beside && inside[v] > truth[v]) ? 1 : 0;
    }
    expect(wrong).toBe(0);
  });

  it('drops a block on a thin sheet, keeps what meets the body in another slice', () => {
    const block: Solid = (x, y) => x >= 34 && x <= 38 && y >= 28 && y <= 32;
    const sheet: Solid = (x, y) => y === 30 && x >= 20 && x < 34;
    const strut: Solid = (x, y) => x === 20 && y >= 27 && y <= 30;
    const shoulder: Solid = (x, y, z) => x >= 36 && y >= 10 && y <= 14 && z >= 6;
    const arm: Solid = (x, y, z) => x >= 20 && y >= 10 && y <= 14 && z >= 8;
    const solids = [body, block, sheet, strut, shoulder, arm];
    const inside = externalContour(
      ct((x, y, z) => solids.some((s) => s(x, y, z)), none),
      size,
    );
    const at = (x: number, y: number, z: number) => inside[x + nx * (y + ny * z)];
    expect(at(36, 30, 5)).toBe(0);
    expect(at(38, 12, 6)).toBe(1);
    expect(at(38, 12, 5)).toBe(0);
  });

  it('gives back two voxels of a nose one voxel thin', () => {
    const nose: Solid = (x, y, z) => x === 20 && y >= 3 && y <= 5 && z >= 4 && z <= 6;
    const face: Solid = (x, y, z) => body(x, y, z) || nose(x, y, z);
    const inside = externalContour(ct(face, none), size);
    const at = (x: number, y: number, z: number) => inside[x + nx * (y + ny * z)];
    expect([at(20, 4, 5), at(20, 5, 5)]).toEqual([1, 1]);
  });

  it('is empty for air', () => {
    expect(externalContour(new Int16Array(nx * ny * nz).fill(-1000), size).includes(1)).toBe(false);
  });
});

describe('fillHoles', () => {
  it('fills what is closed in its slice only', () => {
    const ring: Solid = (x, y) => {
      const r = (x - 20) ** 2 + (y - 16) ** 2;
      return r <= 100 && r > 64;
    };
    const mask = marked((x, y, z) => ring(x, y, z) && !(z === 3 && y === 16 && x > 20));
    fillHoles(mask, size);
    const disc = marked(
      (x, y, z) => ring(x, y, z) || (z !== 3 && (x - 20) ** 2 + (y - 16) ** 2 <= 64),
    );
    const others = (m: Uint8Array) => m.filter((_, v) => Math.floor(v / (nx * ny)) !== 3);
    expect(others(mask)).toEqual(others(disc));
    expect(mask[20 + nx * (16 + ny * 3)]).toBe(0);
  });
});

describe('largestComponent', () => {
  it('keeps the larger of two bodies that touch by an edge only', () => {
    const small: Solid = (x, y, z) => x < 4 && y < 4 && z < 4;
    const large: Solid = (x, y, z) => x >= 4 && x < 9 && y >= 4 && y < 9 && z < 5;
    const found = largestComponent(
      marked((x, y, z) => small(x, y, z) || large(x, y, z)),
      size,
    );
    expect(found).toEqual(marked(large));
  });
});
