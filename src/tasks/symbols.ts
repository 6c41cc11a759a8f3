import { type RandomStream, shuffled } from "../core/random.ts";

/** Symbols of one kind: `many` of them, beginning with `first`. */
export interface SymbolRange {
  readonly first: number;
  readonly many: number;
}

/** A symbol of a range, each as likely as any other. */
export function drawSymbol({ first, many }: SymbolRange, random: RandomStream): number {
  return first + random.below(many);
}

/** Fills tokens with symbols of a range, each drawn by itself. */
export function fillSymbols(tokens: Int32Array, range: SymbolRange, random: RandomStream): void {
  for (let token = 0; token < tokens.length; token++) tokens[token] = drawSymbol(range, random);
}

/** `count` distinct integers from 0 … bound-1 in a random order, each such list as likely as any other. */
export function orderedDistinct(bound: number, count: number, random: RandomStream): readonly number[] {
  return shuffled(bound, random).slice(0, count);
}
