/** fluence.json: the beamlets of every beam and their weights, for other programs and for us. */
import { InputError } from '@isola/optimizers/problem';
import type { Beam } from '@isola/planning/beams';
import { z } from 'zod';
import { readJson } from '../files/index.js';

const numbers = z.array(z.number());

const schema = z.object({
  format: z.literal('isola-fluence/1'),
  monitorUnitsPerWeight: z.number(),
  beams: z
    .array(
      z.object({
        gantryDeg: z.number(),
        couchDeg: z.number(),
        collimatorDeg: z.number(),
        isocenterMm: z.tuple([z.number(), z.number(), z.number()]),
        beamletMm: z.number().positive(),
        xMm: numbers,
        zMm: numbers,
        weights: z.array(z.number().min(0)),
      }),
    )
    .min(1),
});

export interface Fluence {
  readonly beams: readonly Beam[];
  /** Of all beams, in order. */
  readonly weights: Float64Array;
  /** Monitor units of a beamlet with weight 1. */
  readonly monitorUnitsPerWeight: number;
}

/** The text of a fluence.json; `notes` are for who reads it. */
export function fluenceJson(fluence: Fluence, notes: readonly string[]): string {
  let first = 0;
  const content: z.input<typeof schema> & { notes: readonly string[] } = {
    format: 'isola-fluence/1',
    notes,
    monitorUnitsPerWeight: fluence.monitorUnitsPerWeight,
    beams: fluence.beams.map(({ isocenterMm: [x, y, z], xMm, zMm, ...rest }) => {
      const weights = fluence.weights.subarray(first, first + xMm.length);
      first += xMm.length;
      return {
        ...rest,
        isocenterMm: [x, y, z],
        xMm: Array.from(xMm),
        zMm: Array.from(zMm),
        weights: Array.from(weights),
      };
    }),
  };
  return `${JSON.stringify(content)}\n`;
}

/** @throws InputError for what is not a fluence.json, and for lists of unequal lengths */
export function readFluence(path: string): Fluence {
  const { beams, monitorUnitsPerWeight } = readJson(path, schema);
  beams.forEach(({ xMm, zMm, weights }, b) => {
    const lengths = [xMm.length, zMm.length, weights.length];
    if (lengths[0] === lengths[1] && lengths[0] === lengths[2]) return;
    const problem = `has ${lengths} numbers xMm, zMm, weights; allowed: equally many`;
    throw new InputError(`${path}: beams.${b}`, problem);
  });
  return {
    beams: beams.map(({ xMm, zMm, weights: _weights, ...rest }) => ({
      ...rest,
      xMm: Float64Array.from(xMm),
      zMm: Float64Array.from(zMm),
    })),
    weights: Float64Array.from(beams.flatMap(({ weights }) => weights)),
    monitorUnitsPerWeight,
  };
}
