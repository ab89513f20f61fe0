/** Angles of candidates, evenly spaced or one by one. */
import * as z from 'zod';
import { list, map, number, problemIn, refuse } from './fields.js';

export type AngleRange = z.output<typeof angleRangeSchema>;

const endDeg = number({ min: -180, below: 360 });
const allowed = '{ from, to, step }, or a list of angles >= 0 and < 360';

/** `{ from, to, step }`, both ends included, or a list; no angle twice. */
export const angleRangeSchema = z
  .union(
    [
      map({ from: endDeg, to: endDeg, step: number({ min: 1, max: 180 }) }).superRefine(checkRange),
      list(number({ min: 0, below: 360 }), allowed).superRefine(checkList),
    ],
    { error: refuse(allowed) },
  )
  .describe('Evenly spaced from `from` to `to`, or a list.');

/** The angles one by one, in [0, 360), in their order. */
export function anglesInRange(range: AngleRange): number[] {
  if (Array.isArray(range)) return range;
  const { from, to, step } = range;
  // A step such as 22.5 is exact; one such as 1.1 must not lose its last angle to rounding.
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, i) => (from + i * step + 360) % 360);
}

function checkRange(
  { from, to }: { from: number; to: number },
  context: z.core.$RefinementCtx,
): void {
  const problem = problemIn(context);
  if (from > to) problem(['from'], `is ${from}, above to ${to}; allowed: from <= to`);
  if (to - from < 360) return;
  problem(['to'], `is ${to}, a whole turn after from ${from}; allowed: less than ${from + 360}`);
}

function checkList(anglesDeg: number[], context: z.core.$RefinementCtx): void {
  const problem = problemIn(context);
  anglesDeg.forEach((deg, i) => {
    const first = anglesDeg.indexOf(deg);
    if (first === i) return;
    problem([i], `${deg} repeats angle ${first}; allowed: each angle once`);
  });
}
