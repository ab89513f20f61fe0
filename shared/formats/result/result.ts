/** result.json: how a plan came about and what it is worth, complete enough to report it again. */
import { z } from 'zod';
import { readJson } from '../files/index.js';
import { planSchema } from '../plan/schema.js';

/** JSON has no NaN and no infinity: they are written as null. */
const measured = z.number().nullable();
const count = z.number().int().min(0);

const numbers = z.array(z.number()).readonly();
const anglesDeg = z
  .object({ gantryDeg: numbers, couchDeg: numbers, collimatorDeg: numbers })
  .refine(
    ({ gantryDeg, couchDeg, collimatorDeg }) =>
      gantryDeg.length === couchDeg.length && gantryDeg.length === collimatorDeg.length,
    'lists of equal length are needed',
  );

/** A `SearchSummary` of planning/searches. */
const search = z.object({
  method: z.literal('beam-angles'),
  candidatesDeg: anglesDeg,
  sets: z.object({ optimised: count, screened: count }),
  best: z.object({ value: z.number(), anglesDeg }),
  trace: numbers,
});

const schema = z.object({
  format: z.literal('isola-result/1'),
  notes: z.array(z.string()),
  planHash: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal digits'),
  status: z.string(),
  advice: z.string(),
  objective: measured,
  iterations: count,
  evaluations: count,
  trace: z.array(z.number()),
  terms: z.array(
    z.object({ structure: z.string(), type: z.string(), weight: z.number(), value: measured }),
  ),
  sampling: z.object({ rows: count, costOnAllVoxels: measured }).nullable(),
  normalisationFactor: z.number(),
  /** Only of a plan whose beam angles were searched for. */
  search: search.exactOptional(),
  goals: z.array(
    z.object({
      goal: z.string(),
      value: measured,
      unit: z.string(),
      limit: z.number(),
      met: z.boolean(),
    }),
  ),
  metrics: z.array(
    z.object({
      structure: z.string(),
      volumeCc: z.number(),
      meanGy: z.number(),
      maxGy: z.number(),
      minGy: z.number(),
      d95Gy: z.number(),
      d2Gy: z.number(),
      d50Gy: z.number(),
      d98Gy: z.number(),
    }),
  ),
  indices: z.array(z.object({ name: z.string(), formula: z.string(), value: measured })),
  beams: z.array(
    z.object({
      gantryDeg: z.number(),
      couchDeg: z.number(),
      beamlets: count,
      monitorUnits: z.number(),
      complexity: z.number(),
    }),
  ),
  influence: z.object({ rows: count, columns: count, nonzeros: count, byteLength: count }),
  timings: z.array(z.object({ phase: z.string(), seconds: z.number() })),
  versions: z.record(z.string(), z.string()),
  /** The plan file from the result's folder; relative paths in `plan` start at its folder. */
  planFile: z.string(),
  plan: planSchema,
});

export type ResultJson = z.output<typeof schema>;

/** @throws InputError for what is not a result.json */
export function readResult(path: string): ResultJson {
  return readJson(path, schema);
}
