import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import { rowFloats } from "../../decode/fill-cache.ts";
import type { BlockRule } from "./sizes.ts";

/** Sums of blocks under way are float64. */
const SUM_BYTES = 8;

/** Floats of a row that summarises a block: a mean, or what is most and what is least. */
export function summaryFloats(rule: BlockRule, keyWidth: number): number {
  if (rule.id === "top-k") return 0;
  return rule.id === "quest" ? 2 * keyWidth : keyWidth;
}

/** Floats that a head of k and v keeps at most, in rows of whole vectors. */
export function keptFloats(
  rule: BlockRule,
  { length, headDim, valueDim }: Pick<Shape, "length" | "headDim" | "valueDim">,
): number {
  const [keyWidth, width] = [rowFloats(headDim), rowFloats(valueDim)];
  const block = rule.id === "top-k" ? length : rule.id === "quest" ? rule.page : rule.block;
  const summary = summaryFloats(rule, keyWidth) + (rule.id === "nsa" ? width : 0);
  return length * (keyWidth + width) + Math.ceil(length / block) * summary;
}

/** The most keys, or means, that one softmax is over. */
export function mostAttended(rule: BlockRule, length: number): number {
  switch (rule.id) {
    case "top-k":
      return Math.min(rule.keys, length);
    case "moba":
      return Math.min(rule.chosen * rule.block, length);
    case "quest":
      return Math.min(rule.pages * rule.page, length);
    case "nsa":
      return Math.min(Math.max(rule.chosen * rule.block, rule.window), length);
    default:
      return rule satisfies never;
  }
}

/** Bytes that a head of k and v keeps of `position` tokens. */
export function stateBytes(rule: BlockRule, { headDim, valueDim }: Shape, position: number): number {
  const tokens = FLOAT_BYTES * (headDim + valueDim) * position;
  if (rule.id === "top-k") return tokens;
  if (rule.id === "quest") return tokens + 2 * FLOAT_BYTES * headDim * Math.ceil(position / rule.page);
  const numbers = rule.id === "nsa" ? headDim + valueDim : headDim;
  const sums = position % rule.block > 0 ? SUM_BYTES : 0;
  return tokens + numbers * (FLOAT_BYTES * Math.floor(position / rule.block) + sums);
}

/** Bytes of that which the step at `position` reads and writes, those read twice counted twice. */
export function stepBytes(rule: BlockRule, shape: Shape, position: number): number {
  const { headDim, valueDim } = shape;
  const token = FLOAT_BYTES * (headDim + valueDim);
  const keys = position + 1;
  if (rule.id === "top-k") {
    return FLOAT_BYTES * (headDim * keys + valueDim * (Math.min(rule.keys, keys) + 1));
  }
  if (rule.id === "quest") {
    const pages = Math.floor(position / rule.page) + 1;
    const read = (pages > rule.pages ? pages : 0) + (position % rule.page > 0 ? 2 : 1);
    const attended = Math.min(keys, Math.min(pages, rule.pages) * rule.page);
    return token * (attended + 1) + 2 * FLOAT_BYTES * headDim * read;
  }
  const own = Math.floor(position / rule.block);
  const sums = SUM_BYTES * (position % rule.block > 0 ? 2 : 1);
  if (rule.id === "moba") {
    const attended = Math.min(rule.chosen - 1, own) * rule.block + (position % rule.block) + 1;
    const read = own > rule.chosen - 1 ? own : 0;
    return token * (attended + 1) + headDim * (FLOAT_BYTES * read + sums);
  }
  const selected = Math.min(rule.chosen - 1, own) * rule.block + (position % rule.block) + 1;
  const candidates = Math.max(0, own - 2);
  const read = FLOAT_BYTES * headDim * (candidates > rule.chosen - 3 ? candidates : 0);
  const means = token * Math.floor(keys / rule.block);
  return token * (selected + Math.min(rule.window, keys) + 1) + read + means + (headDim + valueDim) * sums;
}
