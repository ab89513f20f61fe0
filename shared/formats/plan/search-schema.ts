/** What a plan searches for, and how. */
import * as z from 'zod';
import { angleRangeSchema, anglesInRange } from './angle-range.js';
import { integer, map, number, oneOf, problemIn, refusal } from './fields.js';

/** More would not fit into the memory of one computer. */
const MAX_CANDIDATES = 4096;

const probability = number({ min: 0, max: 1 });

const fluenceSearch = map({ method: z.literal('fluence') });

const angleSearch = map({
  method: z.literal('beam-angles'),
  candidatesDeg: angleRangeSchema
    .default({ from: 0, to: 355, step: 5 })
    .describe('Gantry angles to choose from, { from, to, step } or a list.'),
  couchDeg: angleRangeSchema
    .default([0])
    .describe('Couch angles, each with every gantry angle, { from, to, step } or a list.'),
  collimatorDeg: number({ min: 0, below: 360 }).default(0).describe('Of all candidates.'),
  clearance: oneOf(['head', 'trunk'])
    .exactOptional()
    .describe(
      'Where the isocentre is: leaves out candidates that would collide. Needed off couch 0.',
    ),
  islands: integer({ min: 1, max: 1024 }).default(4).describe('Searches side by side.'),
  epochs: integer({ min: 1, max: 100_000 }).default(20).describe('How often islands exchange.'),
  population: integer({ min: 2, max: 1000 }).default(4).describe('Sets of beams on an island.'),
  generations: integer({ min: 1, max: 1000 }).default(4).describe('In an epoch.'),
  proposals: integer({ min: 1, max: 1000 })
    .default(8)
    .describe('Sets made for each that is judged: the one that promises most.'),
  crossover: probability.default(0.6).describe('Probability that a child has two parents.'),
  mutation: probability.default(0.1).describe('Probability that a beam of a child is moved.'),
  temperature: number({ min: 0 })
    .default(0.01)
    .describe('Of the annealing at the start, as a part of the cost.'),
  cooling: number({ above: 0, below: 1 })
    .default(0.8)
    .describe('What the temperature is multiplied with every epoch.'),
  seeding: oneOf(['none', 'group-sparsity'])
    .default('none')
    .describe('Whether islands begin with the beams that group sparsity picks of all.'),
  topology: oneOf(['ring', 'torus', 'complete', 'broadcast-best'])
    .default('broadcast-best')
    .describe('Which islands send their best to which.'),
  lag: integer({ min: 1, max: 1000 })
    .default(1)
    .describe('Epochs that what is sent is under way; more lets slow islands fall behind.'),
}).superRefine(checkAngleSearch);

const methods = ['fluence', 'beam-angles'];
const later = ['isocenters', 'apertures', 'pareto'];

export const searchSchema = z
  .discriminatedUnion('method', [fluenceSearch, angleSearch], {
    error: ({ input }) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        return refusal(input, 'a map with the key method');
      }
      const { method } = input as { method?: unknown };
      if (typeof method !== 'string' || !later.includes(method)) {
        return refusal(method, methods.join(', '), methods);
      }
      return `"${method}" is not available yet; allowed: ${methods.join(', ')}`;
    },
  })
  .default({ method: 'fluence' })
  .describe('What is searched for: fluence, the weights of the beamlets, or beam-angles as well.');

/** A search for beam angles, completed. */
export type AngleSearchEntry = z.output<typeof angleSearch>;

/** How many candidates a search names, whether or not they collide. */
export function candidateCount({
  candidatesDeg,
  couchDeg,
}: Pick<AngleSearchEntry, 'candidatesDeg' | 'couchDeg'>): number {
  return anglesInRange(candidatesDeg).length * anglesInRange(couchDeg).length;
}

function checkAngleSearch(
  search: Pick<AngleSearchEntry, 'candidatesDeg' | 'couchDeg' | 'clearance'>,
  context: z.core.$RefinementCtx,
): void {
  const problem = problemIn(context);
  const count = candidateCount(search);
  if (count > MAX_CANDIDATES) {
    problem(['candidatesDeg'], `makes ${count} candidates; allowed: at most ${MAX_CANDIDATES}`);
  }
  const turned = anglesInRange(search.couchDeg).find((deg) => deg !== 0);
  if (turned === undefined || search.clearance !== undefined) return;
  problem(['clearance'], `is missing, with a couch angle of ${turned}; allowed: head, trunk`);
}
