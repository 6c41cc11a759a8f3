import type { RandomStream } from "../core/random.ts";

/** The values of expressions are 0 … 9. */
export const DIGITS = 10;

/** MIN, MAX, MED and SM, in the order of their symbols, which follow the digits. */
const OPERATORS: readonly ((operands: readonly number[]) => number)[] = [
  (operands) => Math.min(...operands),
  (operands) => Math.max(...operands),
  median,
  (operands) => operands.reduce((sum, one) => sum + one, 0) % DIGITS,
];

const CLOSE = DIGITS + OPERATORS.length;

/** The symbol after the last that an expression has. */
export const FILL = CLOSE + 1;

/** How likely an operand is an expression of its own: as in Long Range Arena. */
const NESTED = 0.25;

/**
 * What is seen of an expression without looking within those that it has: its operator over its own digits, and how many
 * expressions there are beside them, of which more than three are as three.
 */
export function shallowReading(tokens: ArrayLike<number>): string {
  const digits: number[] = [];
  let depth = 0;
  let within = 0;
  for (let at = 0; at < tokens.length && tokens[at] !== FILL; at++) {
    const symbol = tokens[at];
    if (symbol === CLOSE) depth--;
    else if (symbol >= DIGITS) within += ++depth === 2 ? 1 : 0;
    else if (depth === 1) digits.push(symbol);
  }
  const value = digits.length === 0 ? "none" : OPERATORS[tokens[0] - DIGITS](digits);
  return `${tokens[0]} ${value} ${Math.min(within, 3)}`;
}

/** Of an even number of operands the mean of the middle two, without its fraction. */
function median(operands: readonly number[]): number {
  const sorted = operands.toSorted((a, b) => a - b);
  return Math.floor((sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2);
}

/** How large an expression may be. */
export interface ExpressionSizes {
  /** Tokens. */
  readonly length: number;
  /** The most operands of an operator, from 2. */
  readonly operands: number;
  /** The most operators within one another, from 1. */
  readonly depth: number;
}

/**
 * Draws an operator with operands into `symbols` from its beginning: digits, opening operators, and for each the closing
 * bracket. Returns its value and its tokens; null if it is longer than it may be.
 */
export function drawExpression(
  { length, operands, depth }: ExpressionSizes,
  symbols: Int32Array,
  random: RandomStream,
): { readonly value: number; readonly tokens: number } | null {
  let tokens = 0;
  // Past the end nothing is written, and the length alone is counted.
  const write = (symbol: number): void => {
    symbols[tokens++] = symbol;
  };
  const operation = (left: number): number => {
    const operator = random.below(OPERATORS.length);
    write(DIGITS + operator);
    const values: number[] = [];
    for (let missing = 2 + random.below(operands - 1); missing > 0 && tokens < length; missing--) {
      values.push(operand(left - 1));
    }
    write(CLOSE);
    return OPERATORS[operator](values);
  };
  const operand = (left: number): number => {
    if (left > 0 && random.uniform() < NESTED) return operation(left);
    const digit = random.below(DIGITS);
    write(digit);
    return digit;
  };
  const value = operation(depth);
  return tokens <= length ? { value, tokens } : null;
}
