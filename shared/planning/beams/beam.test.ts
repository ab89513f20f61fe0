import type { Vec3 } from '@isola/kernels/grid';
import { describe, expect, it } from 'vitest';
import { type BeamAngles, beamAxes, dot3, sourcePosition } from './index.js';

const angles = (gantryDeg: number, couchDeg = 0, collimatorDeg = 0): BeamAngles => ({
  gantryDeg,
  couchDeg,
  collimatorDeg,
});

const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

function expectClose(a: Vec3, b: Vec3) {
  for (let axis = 0; axis < 3; axis++) expect(a[axis]).toBeCloseTo(b[axis], 12);
}

const many = [0, 33, 90, 127.5, 180, 255, 270, 359.9].flatMap((gantry) =>
  [0, 30, 90, 270].flatMap((couch) => [0, 45, 90, 200].map((k) => angles(gantry, couch, k))),
);

describe('the axes of a beam', () => {
  it.each(many)('are orthonormal and right-handed: %j', (beam) => {
    const { x, y, z } = beamAxes(beam);
    for (const axis of [x, y, z]) expect(dot3(axis, axis)).toBeCloseTo(1, 12);
    expectClose(cross(x, y), z);
    expectClose(cross(y, z), x);
  });

  it.each(many)('are the columns of Rc Rg of matRad without the collimator: %j', (beam) => {
    const [g, c] = [beam.gantryDeg, beam.couchDeg].map((deg) => (deg * Math.PI) / 180);
    const [sg, cg, sc, cc] = [Math.sin(g), Math.cos(g), Math.sin(c), Math.cos(c)];
    const rg = [
      [cg, -sg, 0],
      [sg, cg, 0],
      [0, 0, 1],
    ];
    const rc = [
      [cc, 0, sc],
      [0, 1, 0],
      [-sc, 0, cc],
    ];
    const { x, y, z } = beamAxes({ ...beam, collimatorDeg: 0 });
    [x, y, z].forEach((axis, column) => {
      const product = rc.map((row) => row.reduce((sum, r, k) => sum + r * rg[k][column], 0));
      expectClose(axis, [product[0], product[1], product[2]]);
    });
  });

  it('turn with the collimator counter-clockwise as seen from the source', () => {
    for (const beam of many) {
      const before = beamAxes({ ...beam, collimatorDeg: 0 });
      const { x, y, z } = beamAxes({ ...beam, collimatorDeg: 90 });
      expectClose(y, before.y);
      expectClose(x, before.z);
      expectClose(z, [-before.x[0], -before.x[1], -before.x[2]]);
    }
    // From the anterior one sees the patient's left, +x, on the right and the head, +z, above.
    const turned = beamAxes(angles(0, 0, 30));
    expectClose(turned.x, [Math.sqrt(3) / 2, 0, 0.5]);
  });
});

describe('the source', () => {
  it.each([
    ['anterior', angles(0), [0, -1000, 0]],
    ['on the left', angles(90), [1000, 0, 0]],
    ['posterior', angles(180), [0, 1000, 0]],
    ['on the right', angles(270), [-1000, 0, 0]],
    ['anterior, whatever the couch', angles(0, 77), [0, -1000, 0]],
    ['inferior, from the left with the couch at 90', angles(90, 90), [0, 0, -1000]],
  ] as const)('is %s', (_name, beam, expected) => {
    const source = sourcePosition([3, -4, 5], beamAxes(beam), 1000);
    [3, -4, 5].forEach((iso, axis) => {
      expect(source[axis]).toBeCloseTo(iso + expected[axis], 9);
    });
  });

  it.each(many)('is SAD (sin g cos c, -cos g, -sin g sin c) off the isocentre: %j', (beam) => {
    const [g, c] = [beam.gantryDeg, beam.couchDeg].map((deg) => (deg * Math.PI) / 180);
    const source = sourcePosition([0, 0, 0], beamAxes(beam), 1000);
    expect(source[0]).toBeCloseTo(1000 * Math.sin(g) * Math.cos(c), 9);
    expect(source[1]).toBeCloseTo(-1000 * Math.cos(g), 9);
    expect(source[2]).toBeCloseTo(-1000 * Math.sin(g) * Math.sin(c), 9);
  });
});
