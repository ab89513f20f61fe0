/**
 * The plan file: what a user writes and, in its checked and completed form, what a run gets.
 * One schema is the type, the check and the published JSON Schema (`plan.schema.json`).
 * A completed plan is itself a valid plan file: completing it again changes nothing.
 * Doses are Gy for the whole course, lengths mm, angles degrees (IEC 61217).
 * What only the case can tell (does a structure exist, can a goal be read) is checked later, by
 * those who know; they name the place with `PlanFile.place`.
 */
import * as z from 'zod';
import { beamsSchema } from './beams-schema.js';
import {
  integer,
  list,
  map,
  named,
  number,
  oneOf,
  pair,
  problemIn,
  refusal,
  refuse,
  text,
  vector,
} from './fields.js';
import { checkShards, optimizerSchema } from './optimizer-schema.js';
import { candidateCount, searchSchema } from './search-schema.js';
import { CASE_ALLOWED, CASE_FORM, MACHINE_ALLOWED, MACHINE_FORM } from './sources.js';

const positiveDoseGy = number({ above: 0 });
const doseGy = number({ min: 0 });
const weight = number({ above: 0 });
const structure = text('the name of a structure');

const caseSchema = z
  .union(
    [
      text(CASE_ALLOWED, CASE_FORM),
      map({
        source: text(CASE_ALLOWED, CASE_FORM),
        ctOffset: number()
          .exactOptional()
          .describe('What was added to Hounsfield units in the CT.'),
      }),
    ],
    { error: refuse(`${CASE_ALLOWED}, or a map with the keys source, ctOffset`) },
  )
  .transform((value) => (typeof value === 'string' ? { source: value } : value))
  .describe('The patient or phantom: phantom:NAME, openkbp:FOLDER or FILE.mat.');

const spacingMm = number({ min: 0.5, max: 50 });
const gridAllowed = 'a spacing in mm, three spacings [x, y, z], or case';

const doseGridSchema = z
  .union([spacingMm, vector(spacingMm, gridAllowed), oneOf(['case'])], {
    error: refuse(gridAllowed),
  })
  .transform((mm): 'case' | [number, number, number] =>
    typeof mm === 'number' ? [mm, mm, mm] : mm,
  )
  .describe('Spacing of the dose grid used while optimising; case: that of the CT.');

const structuresSchema = named(
  map({
    kind: oneOf(['target', 'organ', 'external', 'other'])
      .exactOptional()
      .describe('What the structure is for, where the case says it wrongly or not at all.'),
    from: text("an expression such as '(PTV+20) - (PTV+5)'")
      .exactOptional()
      .describe('Makes a new structure: + margin in mm, | union, & intersection, - without.'),
    marginMm: pair(number({ min: 0 }), 'two margins [nearer, farther] in mm, each >= 0')
      .exactOptional()
      .describe('Makes the new structure a ring around `from`, between these two margins.'),
  }).superRefine(checkStructure),
  'a map from names of structures to { kind, from, marginMm }',
);

function objective<T extends string, S extends z.ZodRawShape>(type: T, parameters: S) {
  return map({ structure, type: z.literal(type), ...parameters, weight });
}

const squared = { doseGy };
const volumePercent = number({ min: 0, max: 100 });
const exponent = number().refine((a) => a >= 1 || a < 0, {
  error: refuse('a number >= 1 for organs, < 0 for targets'),
});

const objectiveTypes = [
  objective('squared-deviation', squared),
  objective('squared-overdosing', squared),
  objective('squared-underdosing', squared),
  objective('mean', {
    doseGy: doseGy.default(0),
    quadratic: z.boolean({ error: refuse('true, false') }).default(false),
  }),
  objective('geud', { doseGy: doseGy.default(0), a: exponent }),
  objective('max-dvh', { doseGy, volumePercent }),
  objective('min-dvh', { doseGy, volumePercent }),
] as const;

const objectiveTypeNames = objectiveTypes.map((entry) => entry.shape.type.value);

const objectiveSchema = z.discriminatedUnion('type', objectiveTypes, {
  error: ({ input }) =>
    typeof input === 'object' && input !== null && !Array.isArray(input)
      ? refusal(
          (input as { type?: unknown }).type,
          objectiveTypeNames.join(', '),
          objectiveTypeNames,
        )
      : refusal(input, 'a map with the keys structure, type, doseGy, weight'),
});

const normalizeAllowed = "none, or { metric: 'D95%', toGy: 50 }";

/** Strict schema of a plan file; its output is a `Plan`. */
export const planSchema = map({
  case: caseSchema,
  machine: text(MACHINE_ALLOWED, MACHINE_FORM).describe(
    'The treatment machine: generic-6mv, or a matRad machine FILE.mat.',
  ),
  prescription: map({ structure, doseGy: positiveDoseGy }).describe(
    'The target and its dose; goals in % refer to it.',
  ),
  normalize: z
    .union(
      [
        oneOf(['none']),
        map({ metric: text("a dose metric such as 'D95%'"), toGy: positiveDoseGy }),
      ],
      {
        error: refuse(normalizeAllowed),
      },
    )
    .default('none')
    .describe('Scales the weights once, at the end, so that the metric of the target is met.'),
  beams: beamsSchema,
  doseGridMm: doseGridSchema,
  fractions: integer({ min: 1, max: 100 }).describe('Number of fractions of the course.'),
  structures: structuresSchema.default({}).describe('Kinds of structures, and derived structures.'),
  priorities: named(integer({ min: 1 }), 'a map from names of structures to whole numbers >= 1')
    .default({})
    .describe('Who owns a voxel of several structures, in objectives only: the lowest number.'),
  objectives: list(objectiveSchema, 'a list of objectives').describe(
    'Terms of the cost; each is a function of dose times its weight.',
  ),
  constraints: z
    .array(z.never(), { error: refuse('[]') })
    .max(0, { error: 'constraints are not supported yet; allowed: []' })
    .default([])
    .describe('Not supported yet: an empty list.'),
  goals: z
    .array(text("a goal such as 'PTV D95% >= 50 Gy'"), { error: refuse('a list of goals') })
    .default([])
    .describe('Clinical goals, judged on the final dose; they do not steer the optimisation.'),
  search: searchSchema,
  optimizer: optimizerSchema,
  sampling: z
    .union(
      [
        oneOf(['default', 'none']),
        map({
          stride: integer({ min: 1, max: 16 }),
          boundaryMm: number({ min: 0, max: 100 }).default(8),
        }),
      ],
      { error: refuse('default, none, or { stride: N, boundaryMm: MM }') },
    )
    .default('default')
    .describe(
      'Fewer voxels while optimising: one in stride^3 (of targets half as sparse), all within ' +
        'boundaryMm of a target surface. ' +
        'default: { stride: 3, boundaryMm: 8 } for the coarse level of two-level, none for others.',
    ),
  seed: integer({ min: 0, max: 4_294_967_295 }).default(1).describe('Key of all random draws.'),
})
  .superRefine(checkSearch)
  .superRefine(checkShards);

/** A checked and completed plan. */
export type Plan = z.output<typeof planSchema>;

/** One term of the cost. */
export type ObjectiveEntry = Plan['objectives'][number];

/** The JSON Schema of a plan file, for editors. */
export function planJsonSchema(): object {
  return { title: 'Isola plan file', ...z.toJSONSchema(planSchema, { io: 'input' }) };
}

function checkStructure(
  entry: { kind?: string; from?: string; marginMm?: [number, number] },
  context: z.RefinementCtx,
): void {
  const problem = (key: string, message: string) =>
    context.addIssue({ code: 'custom', path: [key], message });
  const { kind, from, marginMm } = entry;
  if (kind === undefined && from === undefined && marginMm === undefined) {
    problem('kind', 'is missing; allowed: kind, or from, or both');
  }
  if (marginMm === undefined) return;
  if (from === undefined) problem('from', 'is missing; marginMm makes a ring around it');
  const [nearer, farther] = marginMm;
  if (nearer < farther) return;
  problem('marginMm', `is [${nearer}, ${farther}]; allowed: nearer < farther`);
}

function checkSearch(
  { beams, search }: { beams: z.output<typeof beamsSchema>; search: z.output<typeof searchSchema> },
  context: z.RefinementCtx,
): void {
  const problem = problemIn(context);
  if (search.method === 'fluence') {
    if (!('count' in beams)) return;
    const allowed = 'search: { method: beam-angles }, or gantryDeg instead of count';
    problem(['beams', 'count'], `${beams.count} beams are not searched for; allowed: ${allowed}`);
    return;
  }
  if (!('count' in beams)) {
    const message = 'gives angles that search looks for; allowed: count instead, or no search';
    problem(['beams', 'gantryDeg'], message);
    return;
  }
  const candidates = candidateCount(search);
  if (beams.count <= candidates) return;
  const allowed = `at most ${candidates}`;
  problem(
    ['beams', 'count'],
    `${beams.count} beams of ${candidates} candidates; allowed: ${allowed}`,
  );
}
