import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';
import { readPlan } from './read-plan.js';
import { errorOf, smallestPlan, toyPlan } from './toy-plan.js';

/** Every key set to something that is not its default. */
const fullest = `case: { source: 'openkbp:patients/pt_1', ctOffset: 1024 }
machine: machines/photons.mat
prescription: { structure: PTV, doseGy: 70 }
normalize: { metric: D95%, toGy: 66.5 }
beams:
  gantryDeg: [0, 120]
  couchDeg: [0, 10]
  collimatorDeg: 45
  isocenter: [1, -2, 3.5]
  bixelMm: 10
doseGridMm: [3, 3, 2.5]
fractions: 35
structures:
  Cord: { kind: organ }
  Ring: { from: 'PTV | Cord', marginMm: [5, 20] }
priorities: { PTV: 1, Cord: 2 }
objectives:
  - { structure: PTV, type: squared-deviation, doseGy: 70, weight: 100 }
  - { structure: Ring, type: squared-overdosing, doseGy: 40, weight: 10 }
  - { structure: PTV, type: squared-underdosing, doseGy: 70, weight: 100 }
  - { structure: Cord, type: mean, weight: 1 }
  - { structure: Cord, type: mean, doseGy: 5, quadratic: true, weight: 1 }
  - { structure: Cord, type: geud, doseGy: 20, a: 8, weight: 1 }
  - { structure: Cord, type: max-dvh, doseGy: 45, volumePercent: 1, weight: 1 }
  - { structure: PTV, type: min-dvh, doseGy: 66.5, volumePercent: 99, weight: 1 }
constraints: []
goals: ['PTV D95% >= 66.5 Gy', 'Cord Dmax < 45 Gy']
search: { method: fluence }
optimizer: { method: projected-gradient, maxIterations: 20, tolerance: 1e-3 }
sampling: { stride: 3 }
seed: 42
`;

describe('a plan file that is right', () => {
  it('is completed with the defaults', () => {
    expect(readPlan(smallestPlan, 'plan.yaml').plan).toEqual({
      case: { source: 'phantom:tg119-c-shape' },
      machine: 'generic-6mv',
      prescription: { structure: 'Target', doseGy: 50 },
      normalize: 'none',
      beams: {
        gantryDeg: [0, 120, 240],
        couchDeg: [0, 0, 0],
        collimatorDeg: [0, 0, 0],
        isocenter: 'target-centroid',
        bixelMm: 5,
      },
      doseGridMm: [3, 3, 3],
      fractions: 25,
      structures: {},
      priorities: {},
      objectives: [{ structure: 'Target', type: 'squared-deviation', doseGy: 50, weight: 1000 }],
      constraints: [],
      goals: [],
      search: { method: 'fluence' },
      optimizer: { method: 'lbfgsb', maxIterations: 200, tolerance: 2e-3, shards: 1 },
      sampling: 'default',
      seed: 1,
    });
  });

  it('keeps what it says', () => {
    const read = readPlan(fullest, 'plan.yaml').plan;
    expect(read.case).toEqual({ source: 'openkbp:patients/pt_1', ctOffset: 1024 });
    expect(read.beams).toEqual({
      gantryDeg: [0, 120],
      couchDeg: [0, 10],
      collimatorDeg: [45, 45],
      isocenter: [1, -2, 3.5],
      bixelMm: 10,
    });
    expect(read.objectives[3]).toEqual({
      structure: 'Cord',
      type: 'mean',
      doseGy: 0,
      quadratic: false,
      weight: 1,
    });
    expect(read.objectives).toHaveLength(8);
    expect(read.sampling).toEqual({ stride: 3, boundaryMm: 8 });
    expect(read.seed).toBe(42);
  });

  it.each([
    ['smallest', smallestPlan],
    ['fullest', fullest],
  ])('the canonical form of the %s is a plan file of the same meaning', (_name, text) => {
    const { plan: read } = readPlan(text, 'plan.yaml');
    const canonical = canonicalJson(read);
    expect(readPlan(canonical, 'canonical').plan).toEqual(read);
    expect(canonicalJson(readPlan(canonical, 'canonical').plan)).toBe(canonical);
  });

  it('may use anchors', () => {
    const text = toyPlan(
      'beams: &all { gantryDeg: [0, 90], bixelMm: 5, couchDeg: &zero 0 }',
      'seed: *zero',
    );
    expect(readPlan(text, 'plan.yaml').plan.seed).toBe(0);
  });

  it('names the place of any of its parts for later checks', () => {
    const file = readPlan(fullest, 'my/plan.yaml');
    expect(file.place(['goals', 1])).toBe('my/plan.yaml:27:32 goals[1]');
    expect(file.place(['objectives', 1, 'structure'])).toBe(
      'my/plan.yaml:19:18 objectives[1].structure',
    );
    expect(file.place(['priorities', 'Cord'])).toBe('my/plan.yaml:16:29 priorities.Cord');
    expect(file.place([])).toBe('my/plan.yaml:1:1');
  });
});

describe('a plan file that is not YAML', () => {
  it.each([
    ['an empty file', '', 'plan.yaml', 'the plan file is empty'],
    ['only a comment', '# nothing\n', 'plan.yaml', 'the plan file is empty'],
    [
      'a list',
      '- 1\n',
      'plan.yaml:1:1',
      /^a list of 1 is not allowed; allowed: a map with the keys /,
    ],
    ['two documents', `${smallestPlan}---\n${smallestPlan}`, 'plan.yaml:9:1', /^a second document/],
    ['a key set twice', `${smallestPlan}machine: x\n`, 'plan.yaml:9:1', /^this key is set twice/],
    ['a broken line', toyPlan('goals: ['), /^plan\.yaml:\d+:\d+$/, /^not valid YAML: /],
    ['a tag of its own', toyPlan('seed: !!js/function 1'), /^plan\.yaml:9:7$/, /^not valid YAML: /],
    ['an alias to nothing', toyPlan('seed: *nothing'), /^plan\.yaml:\d+:\d+$/, /^not valid YAML: /],
  ])('%s is refused', (_name, text, place, problem) => {
    const error = errorOf(text);
    expect(error.place).toMatch(typeof place === 'string' ? new RegExp(`^${place}$`) : place);
    expect(error.problem).toMatch(problem);
    expect(error.message).not.toContain('\n');
  });
});

describe('a plan file with a wrong value', () => {
  it('is refused in one line: where, what, and what was probably meant', () => {
    const text = toyPlan().replace('squared-deviation', 'square-deviation');
    expect(errorOf(text).message).toBe(
      'plan.yaml:8:32 objectives[0].type: "square-deviation" is not known; ' +
        'did you mean "squared-deviation"? allowed: squared-deviation, squared-overdosing, ' +
        'squared-underdosing, mean, geud, max-dvh, min-dvh',
    );
  });

  it.each([
    // Keys.
    [
      'sead: 3',
      'plan.yaml:9:1 sead',
      /^"sead" is not known; did you mean "seed"\? allowed: case, /,
    ],
    ['flavour: 3', 'plan.yaml:9:1 flavour', /^"flavour" is not known; allowed: case, machine/],
    [
      'prescription: { structure: T, dosGy: 5 }',
      '3:31 prescription.dosGy',
      /did you mean "doseGy"\?/,
    ],
    ['prescription: { structure: T }', '3:15 prescription.doseGy', /^is missing; .*number > 0$/],
    ['sampling: { strid: 2 }', '9:13 sampling.strid', /did you mean "stride"\?/],
    // Words.
    ['normalize: non', '9:12 normalize', /^"non" is not allowed; allowed: none, or/],
    ['optimizer: { shards: 3 }', '9:22 optimizer.shards', /^3 is not allowed; .*1, 2, 4, 8, /],
    ['optimizer: { method: two-level, shards: 4 }', 'optimizer.shards', /^is 4; .*two-level: 1$/],
    ['optimizer: { method: lbfgs }', '9:22 optimizer.method', /did you mean "lbfgsb"\?/],
    [
      'search: { method: pareto }',
      '9:19 search.method',
      /^"pareto" is not available yet; .*fluence, beam-angles$/,
    ],
    ['structures: { A: { kind: tumour } }', '9:26 structures.A.kind', /target, organ, external/],
    ['case: tg119', '1:7 case', /^"tg119" is not allowed; allowed: phantom:NAME, openkbp:FOLDER/],
    ['case: { source: tg119 }', '1:17 case.source', /^"tg119" is not allowed/],
    ['machine: generic 6mv', '2:10 machine', /allowed: the name of a built-in machine/],
    // Structures.
    ['structures: { A: {} }', '9:18 structures.A.kind', /^is missing; allowed: kind, or from/],
    ['structures: { A: { marginMm: [0, 5] } }', 'structures.A.from', /^is missing/],
    ['structures: { A: { from: B, marginMm: [5, 5] } }', 'A.marginMm', /^is \[5, 5\]; .*nearer </],
    ['structures: { A: { from: B, marginMm: 5 } }', 'A.marginMm', /^5 is not allowed; .*two/],
    ['structures: { A: B }', '9:18 structures.A', /^"B" is not allowed; .* kind, from, marginMm/],
    // Numbers.
    ['prescription: { structure: T, doseGy: 0 }', 'doseGy', /^0 is not allowed; .*a number > 0$/],
    ['prescription: { structure: T, doseGy: .inf }', 'doseGy', /^Infinity is not allowed/],
    ['prescription: { structure: T, doseGy: .nan }', 'doseGy', /^NaN is not allowed/],
    ['prescription: { structure: T, doseGy: 50 Gy }', 'doseGy', /^"50 Gy" is not allowed/],
    ['prescription: { structure: T, doseGy: }', 'doseGy', /^an empty value is not allowed/],
    ['fractions: 2.5', '6:12 fractions', /^2\.5 is not allowed; .*whole number >= 1 and <= 100$/],
    ['seed: -1', 'seed', /^-1 is not allowed; .*whole number >= 0 and <= 4294967295$/],
    ['sampling: { stride: 0 }', '9:21 sampling.stride', /^0 is not allowed/],
    ['doseGridMm: 0.1', '5:13 doseGridMm', /^0\.1 is not allowed/],
    ['doseGridMm: [3, 3]', '5:13 doseGridMm', /^a list of 2 is not allowed; .*three spacings/],
    ['doseGridMm: [3, 3, 0]', '5:20 doseGridMm[2]', /^0 is not allowed/],
    ['priorities: { PTV: 0 }', '9:20 priorities.PTV', /^0 is not allowed; .*whole number >= 1$/],
    // Beams.
    ['beams: { gantryDeg: [], bixelMm: 5 }', '4:21 beams.gantryDeg', /^a list of 0 is not allowed/],
    ['beams: { gantryDeg: [0, 360], bixelMm: 5 }', '4:25 beams.gantryDeg[1]', />= 0 and < 360$/],
    ['beams: { gantryDeg: 0, bixelMm: 5 }', 'beams.gantryDeg', /^0 is not allowed; .*a list of/],
    ['beams: { gantryDeg: [0], couchDeg: -20, bixelMm: 5 }', 'couchDeg', /^-20 is not allowed/],
    ['beams: { gantryDeg: [0], couchDeg: [0, x], bixelMm: 5 }', 'couchDeg[1]', /^"x" is not allo/],
    ['beams: { gantryDeg: [0], couchDeg: [0, 1], bixelMm: 5 }', 'couchDeg', /^has 2 .* 1 beams/],
    ['beams: { gantryDeg: [5, 9, 5], bixelMm: 5 }', 'beams.gantryDeg[2]', /^5 repeats beam 0/],
    ['beams: { gantryDeg: [0], isocenter: [0, 0], bixelMm: 5 }', 'isocenter', /^a list of 2/],
    ['beams: { gantryDeg: [0], isocenter: center, bixelMm: 5 }', 'isocenter', /target-centroid/],
    ['beams: { bixelMm: 5 }', '4:8 beams.gantryDeg', /^is missing; .*angles.*, or count and a /],
    // Lists.
    ['constraints: [1]', '9:14 constraints', /^constraints are not supported yet; allowed: \[\]$/],
    ['goals: PTV D95% >= 50 Gy', '9:8 goals', /^"PTV D95% >= 50 Gy" is not allowed; .*a list/],
    ["goals: ['']", '9:9 goals[0]', /^"" is not allowed/],
  ])('%s', (line, place, problem) => {
    const error = errorOf(toyPlan(line));
    expect(error.place.endsWith(place), error.message).toBe(true);
    expect(error.problem).toMatch(problem);
  });

  it.each([
    ['{ structure: T, type: mean, weight: 0 }', 'weight', /^0 is not allowed; .*> 0$/],
    ['{ structure: T, type: mean, weight: 1, quadratic: 1 }', 'quadratic', /allowed: true, false$/],
    [
      '{ structure: T, type: geud, doseGy: 1, a: 0.5, weight: 1 }',
      'a',
      /^0.5 is not allowed; .*>= 1 for organs, < 0 for targets$/,
    ],
    ['{ structure: T, type: max-dvh, doseGy: 1, weight: 1 }', 'volumePercent', /^is missing/],
    ['{ structure: T, type: squared-deviation, doseGy: 1, a: 2, weight: 1 }', 'a', /^"a" is not/],
    ['{ structure: T, doseGy: 1, weight: 1 }', 'type', /^is missing; allowed: squared-dev/],
    ['7', 'objectives[0]', /^7 is not allowed; allowed: a map with the keys/],
  ])('objective %s', (entry, place, problem) => {
    const text = smallestPlan.replace(/^ {2}- .*$/m, `  - ${entry}`);
    const error = errorOf(text);
    expect(error.place.endsWith(place), error.message).toBe(true);
    expect(error.problem).toMatch(problem);
  });

  it('tells the first of several problems, and wrong keys before missing ones', () => {
    const text = toyPlan('fractions: 0', 'prescription: { structure: T, dosGy: 5 }', 'seed: x');
    expect(errorOf(text).place).toBe('plan.yaml:3:31 prescription.dosGy');
  });

  it.each([
    ['['.repeat(9_000), 'plan.yaml:1:1', /too deep/],
    [`${'- '.repeat(60)}x`, 'plan.yaml:1:1', /too deep/],
    [Array.from({ length: 150 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /:102:1$/, /too deep/],
    ['# \n'.repeat(2_000), 'plan.yaml', /lines; allowed: 1000/],
    ['x'.repeat(20_000), 'plan.yaml', /characters; allowed: 16384/],
  ])('is refused before it is read where it would take long: case %#', (text, place, problem) => {
    const error = errorOf(text);
    expect(error.place).toMatch(place);
    expect(error.problem).toMatch(problem);
  });
});
