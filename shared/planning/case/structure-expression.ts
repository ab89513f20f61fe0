/**
 * Expressions that make a structure from others:
 *
 *   expression := operand { '|' operand } | operand { '&' operand } | operand { '-' operand }
 *   operand    := ( name | '(' expression ')' ) { ('+' | '-') margin }
 *   margin     := number in mm
 *
 * `|` joins, `&` intersects, `-` removes, from left to right; `PTV+5` grows and `PTV-3` shrinks by
 * a margin, which belongs to the operand before it. Different operators mix only with parentheses.
 * A name is letters, digits, `_` and `.`, not beginning with a digit; any other stands in quotes,
 * 'Parotid left' or "PTV-70".
 */
import { InputError } from '@isola/optimizers/problem';

export type StructureExpression =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'margin'; readonly of: StructureExpression; readonly marginMm: number }
  | {
      readonly kind: SetOperation;
      readonly left: StructureExpression;
      readonly right: StructureExpression;
    };

export type SetOperation = 'union' | 'intersection' | 'difference';

/**
 * @param place where the text stands, for errors
 * @throws InputError with the column of what is wrong
 */
export function parseStructureExpression(text: string, place: string): StructureExpression {
  const reader = new TokenReader(text, place);
  const expression = parseExpression(reader);
  if (reader.peek().kind !== 'end') reader.fail('one of the operators | & - or the end');
  return expression;
}

const operations = { '|': 'union', '&': 'intersection', '-': 'difference' } as const;

function parseExpression(reader: TokenReader): StructureExpression {
  let left = parseOperand(reader);
  let first: keyof typeof operations | undefined;
  for (;;) {
    const operator = reader.peek().kind;
    if (operator !== '|' && operator !== '&' && operator !== '-') return left;
    first ??= operator;
    if (operator !== first) reader.fail(`${first}, or parentheses around what belongs together`);
    reader.advance();
    left = { kind: operations[operator], left, right: parseOperand(reader) };
  }
}

function parseOperand(reader: TokenReader): StructureExpression {
  let operand = parsePrimary(reader);
  while (
    reader.peek().kind === '+' ||
    (reader.peek().kind === '-' && reader.peek(1).kind === 'number')
  ) {
    const sign = reader.peek().kind === '+' ? 1 : -1;
    reader.advance();
    if (reader.peek().kind !== 'number') reader.fail('a margin in mm; | joins structures');
    operand = { kind: 'margin', of: operand, marginMm: sign * Number(reader.peek().text) };
    reader.advance();
  }
  return operand;
}

function parsePrimary(reader: TokenReader): StructureExpression {
  const { kind, text } = reader.peek();
  if (kind === 'name') {
    reader.advance();
    return { kind, name: text };
  }
  if (kind !== '(') reader.fail("a structure's name or (");
  reader.advance();
  const inner = parseExpression(reader);
  if (reader.peek().kind !== ')') reader.fail(')');
  reader.advance();
  return inner;
}

type OperatorOrParenthesis = '|' | '&' | '-' | '+' | '(' | ')';

interface Token {
  readonly kind: OperatorOrParenthesis | 'name' | 'number' | 'end';
  /** As written; of a quoted name what is between the quotes. */
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

const alternatives = [
  String.raw`(?<number>\d+(?:\.\d+)?)`,
  String.raw`(?<bare>[\p{L}_][\p{L}\d_.]*)`,
  "'(?<single>[^']+)'",
  '"(?<double>[^"]+)"',
  String.raw`(?<symbol>[|&\-+()])`,
  '$',
];
const tokenPattern = new RegExp(`^(?:${alternatives.join('|')})`, 'u');

class TokenReader {
  private readonly tokens: Token[] = [];
  private position = 0;

  constructor(
    text: string,
    private readonly place: string,
  ) {
    let start = 0;
    while (this.tokens.at(-1)?.kind !== 'end') {
      start += text.slice(start).search(/\S|$/);
      const match = tokenPattern.exec(text.slice(start));
      if (!match?.groups) {
        throw new InputError(place, `column ${start + 1}: cannot read '${text.slice(start)}'`);
      }
      this.tokens.push(tokenOf(match.groups, start + 1));
      start += match[0].length;
    }
  }

  /** The token `ahead` of the next one; the end where there are no more. */
  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)];
  }

  advance(): void {
    this.position++;
  }

  fail(expected: string): never {
    const { kind, text, column } = this.peek();
    const found = kind === 'end' ? 'the end' : `'${text}'`;
    throw new InputError(this.place, `column ${column}: found ${found}, expected ${expected}`);
  }
}

function tokenOf(groups: Record<string, string | undefined>, column: number): Token {
  const { number, symbol, bare, single, double } = groups;
  if (number !== undefined) return { kind: 'number', text: number, column };
  if (symbol !== undefined) return { kind: symbol as OperatorOrParenthesis, text: symbol, column };
  const name = bare ?? single ?? double;
  if (name !== undefined) return { kind: 'name', text: name, column };
  return { kind: 'end', text: '', column };
}
