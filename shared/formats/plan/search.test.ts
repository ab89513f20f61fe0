import { describe, expect, it } from 'vitest';
import { anglesInRange, canonicalJson, readPlan } from './index.js';
import { errorOf, toyPlan } from './toy-plan.js';

const angles = 'search: { method: beam-angles }';

/** A plan of five beams that are searched for; lines replace those with the same key. */
const plan = (...lines: string[]) => toyPlan('beams: { count: 5, bixelMm: 5 }', angles, ...lines);

/** A plan whose search has these keys as well. */
const searching = (keys: string) => plan(`search: { method: beam-angles, ${keys} }`);

describe('a plan with a search for beam angles', () => {
  it('is completed with the defaults', () => {
    const { beams, search } = readPlan(plan(), 'plan.yaml').plan;
    expect(beams).toEqual({ count: 5, isocenter: 'target-centroid', bixelMm: 5 });
    expect(search).toEqual({
      ...{ method: 'beam-angles', candidatesDeg: { from: 0, to: 355, step: 5 }, couchDeg: [0] },
      ...{ collimatorDeg: 0, islands: 4, epochs: 20, population: 4, generations: 4 },
      proposals: 8,
      ...{ crossover: 0.6, mutation: 0.1, temperature: 0.01, cooling: 0.8, seeding: 'none' },
      ...{ topology: 'broadcast-best', lag: 1 },
    });
  });

  it.each([
    plan(),
    searching(
      'candidatesDeg: [0, 90, 1, 2, 3], couchDeg: { from: -30, to: 30, step: 15 }, ' +
        'clearance: head, collimatorDeg: 90, topology: ring, lag: 2',
    ),
  ])('has a canonical form that is a plan file of the same meaning', (text) => {
    const { plan: read } = readPlan(text, 'plan.yaml');
    const canonical = canonicalJson(read);
    expect(readPlan(canonical, 'canonical').plan).toEqual(read);
    expect(canonicalJson(readPlan(canonical, 'canonical').plan)).toBe(canonical);
  });

  it.each([
    // Beams and search belong together.
    ['beams: { gantryDeg: [0, 90], bixelMm: 5 }', '4:21 beams.gantryDeg', /^gives angles that /],
    ['search: { method: fluence }', '4:17 beams.count', /^5 beams are not searched for; allowed: /],
    ['beams: { bixelMm: 5 }', '4:8 beams.gantryDeg', /^is missing; .* or count and a search$/],
    ['beams: { count: 5, gantryDeg: [0], bixelMm: 5 }', '4:17 beams.count', /^is for beams with/],
    ['beams: { count: 5, couchDeg: 0, bixelMm: 5 }', '4:30 beams.couchDeg', /search\.couchDeg$/],
    ['beams: { count: 5, collimatorDeg: 0, bixelMm: 5 }', 'beams.collimatorDeg', /^is for beams/],
    ['beams: { count: 0, bixelMm: 5 }', '4:17 beams.count', /^0 is not allowed; .*whole number >=/],
    ['beams: { count: 2.5, bixelMm: 5 }', '4:17 beams.count', /^2\.5 is not allowed/],
    [
      'search: { method: beam-angle }',
      '9:19 search.method',
      /did you mean "beam-angles"\? allowed/,
    ],
    ['search: {}', '9:9 search.method', /^is missing; allowed: fluence, beam-angles$/],
    ['search: beam-angles', '9:9 search', /^"beam-angles" is not allowed; allowed: a map/],
  ])('%s', (line, place, problem) => {
    const error = errorOf(plan(line));
    expect(error.place.endsWith(place), error.message).toBe(true);
    expect(error.problem).toMatch(problem);
    expect(error.message).not.toContain('\n');
  });

  it('has keys that a search for fluence alone has not', () => {
    const beams = 'beams: { gantryDeg: [0], bixelMm: 5 }';
    const error = errorOf(plan(beams, 'search: { method: fluence, islands: 3 }'));
    expect(error.message).toBe(
      'plan.yaml:9:28 search.islands: "islands" is not known; allowed: method',
    );
  });

  it.each([
    ['population: 1', 'search.population', /^1 is not allowed; .*whole number >= 2/],
    ['cooling: 1', 'search.cooling', /^1 is not allowed; allowed: a number > 0 and < 1$/],
    ['cooling: 0', 'search.cooling', /^0 is not allowed/],
    ['temperature: -1', 'search.temperature', /^-1 is not allowed; allowed: a number >= 0$/],
    ['crossover: 1.5', 'search.crossover', /^1\.5 is not allowed; .*>= 0 and <= 1$/],
    ['mutation: -0.1', 'search.mutation', /^-0\.1 is not allowed; .*>= 0 and <= 1$/],
    ['generations: 0', 'search.generations', /^0 is not allowed/],
    ['islands: 0', 'search.islands', /^0 is not allowed/],
    ['epochs: 0', 'search.epochs', /^0 is not allowed/],
    ['lag: 0', 'search.lag', /^0 is not allowed; .*whole number >= 1/],
    ['topology: star', 'search.topology', /^"star" is not known; allowed: ring, torus, complete, /],
    ['island: 3', 'search.island', /^"island" is not known; did you mean "islands"\?/],
    ['clearance: foot', 'search.clearance', /^"foot" is not known; .*head, trunk$/],
    ['couchDeg: [0, 30]', 'search.clearance', /^is missing, with a couch angle of 30; .*head, tru/],
    ['couchDeg: 30', 'search.couchDeg', /^30 is not allowed; allowed: \{ from, to, step \}, or/],
    ['couchDeg: [0, 0]', 'search.couchDeg[1]', /^0 repeats angle 0; allowed: each angle once$/],
    ['couchDeg: [-30]', 'search.couchDeg[0]', /^-30 is not allowed; allowed: a number >= 0 and </],
    [
      'candidatesDeg: { from: 0, to: 90, step: 0 }',
      'search.candidatesDeg.step',
      /^0 is not allowed; allowed: a number >= 1 and <= 180$/,
    ],
    [
      'candidatesDeg: { from: 90, to: 0, step: 5 }',
      'search.candidatesDeg.from',
      /^is 90, above to 0; allowed: from <= to$/,
    ],
    [
      'candidatesDeg: { from: -180, to: 180, step: 5 }',
      'search.candidatesDeg.to',
      /^is 180, a whole turn after from -180; allowed: less than 180$/,
    ],
    ['candidatesDeg: { from: 0, to: 355 }', 'search.candidatesDeg.step', /^is missing/],
    ['candidatesDeg: [0, 360]', 'search.candidatesDeg[1]', /^360 is not allowed/],
    ['candidatesDeg: []', 'search.candidatesDeg', /^a list of 0 is not allowed/],
    ['candidatesDeg: [0, 1, 2]', 'beams.count', /^5 beams of 3 candidates; allowed: at most 3$/],
    [
      'candidatesDeg: { from: 0, to: 359, step: 1 }, couchDeg: { from: 0, to: 20, step: 1 }, ' +
        'clearance: head',
      'search.candidatesDeg',
      /^makes 7560 candidates; allowed: at most 4096$/,
    ],
  ])('with %s is refused', (keys, place, problem) => {
    const error = errorOf(searching(keys));
    expect(error.place.endsWith(place), error.message).toBe(true);
    expect(error.place).toMatch(/^plan\.yaml:[49]:/);
    expect(error.problem).toMatch(problem);
    expect(error.message).not.toContain('\n');
  });
});

describe('anglesInRange', () => {
  it('has both ends, in [0, 360), and as many angles as steps, and one', () => {
    expect(anglesInRange({ from: -30, to: 30, step: 15 })).toEqual([330, 345, 0, 15, 30]);
    expect(anglesInRange({ from: 0, to: 355, step: 5 })).toHaveLength(72);
    expect(anglesInRange({ from: 10, to: 10, step: 5 })).toEqual([10]);
    expect(anglesInRange({ from: 0, to: 9, step: 5 })).toEqual([0, 5]);
    expect(anglesInRange([20, 10])).toEqual([20, 10]);
    for (let count = 1; count < 200; count++) {
      const to = 1.1 * (count - 1);
      expect(anglesInRange({ from: 0, to, step: 1.1 })).toHaveLength(count);
    }
  });
});
