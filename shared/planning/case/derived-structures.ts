/** Structures made from others for planning: margins, rings, unions, differences. */
import { InputError } from '@isola/optimizers/problem';
import type { Case, Structure, StructureKind } from './case.js';
import { contract, expand } from './margin.js';
import { parseStructureExpression, type StructureExpression } from './structure-expression.js';
import { findStructure } from './structures.js';
import { differenceOf, intersectionOf, unionOf } from './voxel-sets.js';

/** How a structure is made. An expression (structure-expression.ts) is short for its `from`. */
export type StructureRule = string | RingRule;

export interface RingRule {
  /** A structure's name or an expression. */
  readonly from: string;
  /** A ring around `from`: voxels beyond the first and not beyond the second margin. */
  readonly marginMm?: readonly [number, number];
  /** By default `other`. */
  readonly kind?: StructureKind;
}

/**
 * The case with a structure more for each rule, in the order of the rules; a rule may use
 * structures of earlier ones. Nothing is cut to the patient's outline: write `(PTV+20) & Body`.
 * @throws InputError at `structures.<name>`, for a name that is taken or unknown (with the known
 *   ones), a bad expression or margin, an empty result
 */
export function withDerivedStructures(
  given: Case,
  rules: Readonly<Record<string, StructureRule>>,
): Case {
  const structures = [...given.structures];
  for (const [name, rule] of Object.entries(rules)) {
    const place = `structures.${name}`;
    if (structures.some((structure) => structure.name === name)) {
      throw new InputError(place, 'the case has a structure of that name; choose another');
    }
    structures.push(derive({ ...given, structures }, name, rule, place));
  }
  return { ...given, structures };
}

function derive(given: Case, name: string, rule: StructureRule, place: string): Structure {
  const { from, marginMm, kind = 'other' } = typeof rule === 'string' ? { from: rule } : rule;
  const inner = evaluate(parseStructureExpression(from, place), given, place);
  const voxels = marginMm === undefined ? inner : ring(given, inner, marginMm, place);
  if (voxels.length === 0) throw new InputError(place, `'${from}' holds no voxel of the grid`);
  return { name, kind, voxels };
}

function ring(
  { grid }: Case,
  inner: Uint32Array,
  [nearMm, farMm]: readonly [number, number],
  place: string,
): Uint32Array {
  if (!(nearMm >= 0 && nearMm < farMm && farMm < Number.POSITIVE_INFINITY)) {
    throw new InputError(
      `${place}.marginMm`,
      `is [${nearMm}, ${farMm}]; a ring needs two margins, 0 <= first < second`,
    );
  }
  return differenceOf(expand(grid, inner, farMm), expand(grid, inner, nearMm));
}

function evaluate(expression: StructureExpression, given: Case, place: string): Uint32Array {
  switch (expression.kind) {
    case 'name':
      return findStructure(given, expression.name, place).voxels;
    case 'margin': {
      const inner = evaluate(expression.of, given, place);
      const { marginMm } = expression;
      return marginMm < 0
        ? contract(given.grid, inner, -marginMm)
        : expand(given.grid, inner, marginMm);
    }
    case 'union':
    case 'intersection':
    case 'difference': {
      const left = evaluate(expression.left, given, place);
      return operators[expression.kind](left, evaluate(expression.right, given, place));
    }
  }
}

const operators = { union: unionOf, intersection: intersectionOf, difference: differenceOf };
