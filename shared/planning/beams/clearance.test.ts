import type { Vec3 } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import {
  beamAxes,
  type ClearanceSpec,
  checkClearance,
  clearCandidates,
  dot3,
  firstCollision,
  HEAD_CLEARANCE,
  isClear,
  TRUNK_CLEARANCE,
} from './index.js';

const tables = [
  ['head', HEAD_CLEARANCE, 150],
  ['trunk', TRUNK_CLEARANCE, 800],
] as const;
const circle = (stepDeg: number) => Array.from({ length: 360 / stepDeg }, (_, k) => k * stepDeg);
const turned = (deg: number) => ((deg % 360) + 360) % 360;

type Range = readonly [number, number];

/** The points of a lattice that fills a box, its faces included. */
function box(x: Range, y: Range, z: Range): Vec3[] {
  const axis = ([from, to]: Range, count: number) =>
    Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));
  return axis(x, 5).flatMap((px) =>
    axis(y, 3).flatMap((py) => axis(z, 40).map((pz): Vec3 => [px, py, pz])),
  );
}

/** Whether the model of the module's header lets the head come within the margin. */
function collides(gantryDeg: number, couchDeg: number, parts: readonly Vec3[], marginMm: number) {
  const { y } = beamAxes({ gantryDeg, couchDeg, collimatorDeg: 0 });
  return parts.some((p) => {
    const towardsSource = -dot3(p, y);
    const offAxis = Math.sqrt(Math.max(0, dot3(p, p) - towardsSource * towardsSource));
    return towardsSource >= 415 - marginMm && offAxis <= 380 + marginMm;
  });
}

describe.each(tables)('the table for the %s', (_name, spec, superiorMm) => {
  it('is well formed', () => {
    expect(() => checkClearance('table', spec)).not.toThrow();
  });

  it('clears every coplanar beam', () => {
    for (const gantryDeg of circle(1)) expect(isClear({ gantryDeg, couchDeg: 0 }, spec)).toBe(true);
  });

  it('is the mirror image of itself in the median plane', () => {
    for (const couchDeg of circle(2)) {
      for (const gantryDeg of circle(5)) {
        const mirrored = { gantryDeg: turned(-gantryDeg), couchDeg: turned(-couchDeg) };
        expect(isClear(mirrored, spec)).toBe(isClear({ gantryDeg, couchDeg }, spec));
      }
    }
  });

  it('lets beams from above through at every couch angle, and the couch turn by 90', () => {
    for (const couchDeg of circle(1)) {
      const isReached = couchDeg <= 90 || couchDeg >= 270;
      expect(isClear({ gantryDeg: 0, couchDeg }, spec)).toBe(isReached);
    }
  });

  it('holds every collision of the model that it was made from, with its margin', () => {
    const parts = [
      ...box([-265, 265], [125, 200], [-1500, superiorMm]),
      ...box([-200, 200], [-125, 125], [-1500, superiorMm]),
    ];
    let collisions = 0;
    for (const couchDeg of [...circle(5).filter((c) => c <= 90 || c >= 270), 7, 8, 9, 19, 21]) {
      for (const gantryDeg of circle(5)) {
        if (!collides(gantryDeg, couchDeg, parts, 30)) continue;
        collisions++;
        expect(isClear({ gantryDeg, couchDeg }, spec), `${gantryDeg}/${couchDeg}`).toBe(false);
      }
    }
    expect(collisions).toBeGreaterThan(500);
  });
});

describe('the table for the head', () => {
  it('keeps the usual half arcs of radiosurgery on the far side of the couch', () => {
    // Couch 45 and 90 with gantry 181 to 360, couch 315 and 270 with gantry 0 to 179.
    for (const couchDeg of [45, 90]) {
      for (let gantryDeg = 181; gantryDeg <= 360; gantryDeg++) {
        expect(isClear({ gantryDeg, couchDeg }, HEAD_CLEARANCE)).toBe(true);
        const mirrored = { gantryDeg: 360 - gantryDeg, couchDeg: 360 - couchDeg };
        expect(isClear(mirrored, HEAD_CLEARANCE)).toBe(true);
      }
    }
  });

  it('forbids beams from the side of the feet', () => {
    // There the source is inferior of the isocentre, above the patient's body.
    expect(isClear({ gantryDeg: 90, couchDeg: 90 }, HEAD_CLEARANCE)).toBe(false);
    expect(isClear({ gantryDeg: 270, couchDeg: 270 }, HEAD_CLEARANCE)).toBe(false);
  });

  it('forbids no beam that the table for the trunk lets through', () => {
    for (const couchDeg of circle(2)) {
      for (const gantryDeg of circle(5)) {
        if (isClear({ gantryDeg, couchDeg }, HEAD_CLEARANCE)) continue;
        expect(isClear({ gantryDeg, couchDeg }, TRUNK_CLEARANCE)).toBe(false);
      }
    }
  });
});

describe('sectors', () => {
  const spec: ClearanceSpec = {
    couchRangeDeg: [0, 360],
    forbidden: [{ couchDeg: [350, 10], gantryDeg: [300, 40], reason: 'a wall' }],
  };

  it.each([
    [300, 0, false],
    [40, 0, false],
    [299.9, 0, true],
    [40.1, 0, true],
    [0, 350, false],
    [0, 10, false],
    [0, 10.1, true],
    [0, 349.9, true],
    [180, 0, true],
    [-1e-20, 0, false],
  ])('hold their ends and wrap: gantry %d, couch %d is clear: %s', (gantryDeg, couchDeg, clear) => {
    for (const turns of [-720, -360, 0, 360]) {
      const angles = { gantryDeg: gantryDeg + turns, couchDeg: couchDeg - turns };
      expect(isClear(angles, spec)).toBe(clear);
    }
  });

  it('may be all angles, or one', () => {
    const all = { ...spec, forbidden: [{ ...spec.forbidden[0], gantryDeg: [0, 360] as const }] };
    const one = { ...spec, forbidden: [{ ...spec.forbidden[0], gantryDeg: [7, 7] as const }] };
    for (const gantryDeg of circle(1)) {
      expect(isClear({ gantryDeg, couchDeg: 0 }, all)).toBe(false);
      expect(isClear({ gantryDeg, couchDeg: 0 }, one)).toBe(gantryDeg !== 7);
    }
  });

  it.each([
    [{ couchRangeDeg: [Number.NaN, 90] as const }, 'table.couchRangeDeg: holds NaN'],
    [{ couchRangeDeg: [-360, 90] as const }, 'table.couchRangeDeg: spans 450 degrees'],
    [
      { forbidden: [{ ...spec.forbidden[0], gantryDeg: [0, 400] as const }] },
      'table.forbidden[0].gantryDeg: holds 400',
    ],
  ])('of bad input are refused: %j', (bad, message) => {
    expect(() => checkClearance('table', { ...spec, ...bad })).toThrow(InputError);
    expect(() => checkClearance('table', { ...spec, ...bad })).toThrow(message);
  });
});

describe('a collision', () => {
  it('has a reason in one line, and none where the beam is clear', () => {
    expect(firstCollision({ gantryDeg: 120, couchDeg: 45 }, HEAD_CLEARANCE)).toBe(
      'gantry 120, couch 45: the gantry head comes too close to couch or patient ' +
        '(couch from 20 to 90 with gantry from 30 to 180)',
    );
    expect(firstCollision({ gantryDeg: 0, couchDeg: 180 }, HEAD_CLEARANCE)).toBe(
      'gantry 0, couch 180: the couch turns from 270 to 90 only',
    );
    expect(firstCollision({ gantryDeg: 240, couchDeg: 45 }, HEAD_CLEARANCE)).toBeNull();
  });

  it('drops a candidate and leaves the others in order', () => {
    const pool = [0, 120, 240, 300].map((gantryDeg) => ({ gantryDeg, couchDeg: 45 }));
    expect(clearCandidates('beams', pool, HEAD_CLEARANCE)).toEqual([pool[0], pool[2], pool[3]]);
  });

  it('of all candidates is bad input', () => {
    const pool = [90, 120].map((gantryDeg) => ({ gantryDeg, couchDeg: 45 }));
    const filter = () => clearCandidates('beams.couchDeg', pool, HEAD_CLEARANCE);
    expect(filter).toThrow(InputError);
    expect(filter).toThrow('beams.couchDeg: all 2 candidates collide; gantry 90, couch 45');
  });
});
