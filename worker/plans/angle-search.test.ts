import { readPlan } from '@isola/formats/plan';
import { InputError } from '@isola/optimizers/problem';
import { HEAD_CLEARANCE, isClear } from '@isola/planning/beams';
import { DEFAULT_ANGLE_SETTINGS } from '@isola/planning/searches';
import { describe, expect, it } from 'vitest';
import { type LoadedPlan, loadPlanFile } from './load-plan.js';

/** A plan of beams that are searched for. */
function load(keys: string, count = 2): Promise<LoadedPlan> {
  const text = `case: phantom:cylinder-wang
machine: generic-6mv
prescription: { structure: PTV, doseGy: 60 }
beams: { count: ${count}, bixelMm: 10 }
doseGridMm: 10
fractions: 30
objectives:
  - { structure: PTV, type: squared-deviation, doseGy: 60, weight: 1000 }
search: { method: beam-angles, ${keys} }
seed: 7
`;
  return loadPlanFile(readPlan(text, 'plan.yaml'), 'plan.yaml');
}

describe('the search of a plan file', () => {
  it('has the defaults of planning, all candidates, and the seed of the plan', async () => {
    const { search, spec } = await load('topology: torus, lag: 2');
    expect(search).toMatchObject({ islands: 4, epochs: 20, lag: 2, seed: 7 });
    expect(search?.topology.name).toBe('torus');
    expect(search?.spec).toMatchObject({ count: 2, settings: DEFAULT_ANGLE_SETTINGS });
    expect(search?.spec.fluence).toBe(spec);
    expect(spec.angles).toEqual([]);
    const gantries = search?.spec.candidates.map(({ gantryDeg }) => gantryDeg);
    expect(gantries).toEqual(Array.from({ length: 72 }, (_, i) => 5 * i));
  });

  it.each(['ring', 'torus', 'complete', 'broadcast-best'])('knows %s', async (name) => {
    expect((await load(`topology: ${name}`)).search?.topology.name).toBe(name);
  });

  it('leaves out what collides, and nothing else', async () => {
    const couch = 'couchDeg: { from: -30, to: 30, step: 30 }, collimatorDeg: 45';
    const { search } = await load(`${couch}, clearance: head`);
    const candidates = search?.spec.candidates ?? [];
    const clear = [330, 0, 30].flatMap((couchDeg) =>
      Array.from({ length: 72 }, (_, i) => ({ gantryDeg: 5 * i, couchDeg, collimatorDeg: 45 })),
    );
    expect(candidates).toEqual(clear.filter((each) => isClear(each, HEAD_CLEARANCE)));
    expect(candidates.length).toBeGreaterThan(72);
    expect(candidates.length).toBeLessThan(3 * 72);
  });

  it.each([
    [
      'candidatesDeg: [180, 200], couchDeg: [30], clearance: trunk',
      2,
      /^plan\.yaml:9:\d+ search\.candidatesDeg: all 2 candidates collide; gantry 180, couch 30: /,
    ],
    [
      'candidatesDeg: [0, 5, 180], couchDeg: [30], clearance: trunk',
      3,
      /^plan\.yaml:4:17 beams\.count: 3 beams, but 2 of 3 candidates clear .*; allowed: at most 2/,
    ],
  ])('is refused where too few are clear: %s', async (keys, count, message) => {
    await expect(load(keys, count)).rejects.toThrow(InputError);
    await expect(load(keys, count)).rejects.toThrow(message);
  });
});
