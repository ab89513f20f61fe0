import { describe, expect, it } from 'vitest';
import { parseStructureExpression, type StructureExpression } from './structure-expression.js';

/** The expression with every pair of parentheses written out. */
function written(e: StructureExpression): string {
  if (e.kind === 'name') return e.name;
  if (e.kind === 'margin') return `(${written(e.of)}${e.marginMm < 0 ? '' : '+'}${e.marginMm})`;
  const operator = { union: '|', intersection: '&', difference: '-' }[e.kind];
  return `(${written(e.left)} ${operator} ${written(e.right)})`;
}
const parsed = (text: string) => written(parseStructureExpression(text, 'structures.x'));

describe('parseStructureExpression', () => {
  it.each([
    ['PTV', 'PTV'],
    ['PTV+5', '(PTV+5)'],
    [' PTV - 3.5 ', '(PTV-3.5)'],
    ['(PTV+5) - PTV', '((PTV+5) - PTV)'],
    ['PTV+5 - PTV', '((PTV+5) - PTV)'],
    ['Body - PTV+5', '(Body - (PTV+5))'],
    ['(LUNG_L | LUNG_R) - GTV', '((LUNG_L | LUNG_R) - GTV)'],
    ['A | B | C', '((A | B) | C)'],
    ['A - B - C', '((A - B) - C)'],
    ['A & (B|C)', '(A & (B | C))'],
    ['((A))', 'A'],
    ['PTV+5-2', '((PTV+5)-2)'],
    ['\'Parotid left\' & "PTV-70"', '(Parotid left & PTV-70)'],
    ['Öst_1.a', 'Öst_1.a'],
    ["'|' | A", '(| | A)'],
  ])('reads %s', (text, expected) => {
    expect(parsed(text)).toBe(expected);
  });

  it.each([
    ['', "structures.x: column 1: found the end, expected a structure's name or ("],
    ['PTV +', 'column 6: found the end, expected a margin'],
    ['PTV + GTV', "column 7: found 'GTV', expected a margin in mm; | joins structures"],
    ['(PTV', 'column 5: found the end, expected )'],
    ['PTV)', "column 4: found ')'"],
    ['A B', "column 3: found 'B'"],
    ['A | B & C', "column 7: found '&', expected |, or parentheses"],
    ['5 + A', "column 1: found '5'"],
    ['A % B', "column 3: cannot read '% B'"],
    ["'A", "column 1: cannot read ''A'"],
  ])('refuses %j with the column', (text, message) => {
    expect(() => parsed(text)).toThrow(message);
    expect(() => parsed(text)).toThrow(expect.objectContaining({ name: 'InputError' }));
  });
});
