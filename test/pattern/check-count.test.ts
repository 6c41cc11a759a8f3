import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { band } from "../../src/pattern/band.ts";
import { blockBand } from "../../src/pattern/block-band.ts";
import { comb } from "../../src/pattern/comb.ts";
import { globalBlocks } from "../../src/pattern/global-blocks.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";

/** Every parameter of every primitive, with the least that it may be. */
const parameters: readonly [where: string, name: string, least: number, build: (value: number) => unknown][] =
  [
    ["band", "left", 0, (value) => band(value, 1)],
    ["band", "right", 0, (value) => band(1, value)],
    ["comb", "stride", 1, (value) => comb(value)],
    ["comb", "reach", 0, (value) => comb(2, value)],
    ["globalTokens", "tokens", 1, (value) => globalTokens(value)],
    ["blockBand", "block", 1, (value) => blockBand(value, 3)],
    ["blockBand", "window", 1, (value) => blockBand(4, value)],
    ["globalBlocks", "block", 1, (value) => globalBlocks(value, 1)],
    ["globalBlocks", "count", 1, (value) => globalBlocks(4, value)],
    ["randomBlocks", "block", 1, (value) => randomBlocks(value, 1, 0)],
    ["randomBlocks", "count", 1, (value) => randomBlocks(4, value, 0)],
  ];

describe.each(parameters)("%s's %s", (where, name, least, build) => {
  it(`is refused unless it is an integer of at least ${least}`, () => {
    for (const value of [Number.NaN, -1, least - 1, least + 0.5, Number.NEGATIVE_INFINITY]) {
      const rule = `${where}: ${name} must be an integer of at least ${least}, got ${value}`;
      expect(() => build(value)).toThrow(new UsageError(rule));
    }
    expect(() => build(least)).not.toThrow();
  });
});

describe("a length without limit", () => {
  it("is a reach, a width or a count", () => {
    const limitless = Number.POSITIVE_INFINITY;
    const full = [band(limitless, limitless), comb(1, limitless), globalTokens(limitless)];
    full.push(blockBand(4, limitless), globalBlocks(4, limitless), randomBlocks(4, limitless, 0));
    for (const pattern of full) expect(pattern.bind({ length: 30, head: 0 }).pairs()).toBe(900);
  });

  it("is no block and no stride, which are sizes", () => {
    const limitless = Number.POSITIVE_INFINITY;
    expect(() => comb(limitless)).toThrow(UsageError);
    expect(() => blockBand(limitless, 1)).toThrow(UsageError);
    expect(() => globalBlocks(limitless, 1)).toThrow(UsageError);
    expect(() => randomBlocks(limitless, 1, 0)).toThrow(UsageError);
  });
});
