import { describe, expect, it, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import type { FixedShape, InputSource } from "../../src/core/tensors.ts";
import { dimensionsOf, longestOf, queriesOf } from "../../src/library/shape-options.ts";
import { refusal, thrownBy } from "../input/refusal.ts";

const synthetic: InputSource = {
  name: "any",
  stored: false,
  maxLength: 2 ** 30,
  inputs: () => expect.fail("no numbers are needed"),
};
/** 16 keys, and as many queries unless told otherwise. */
function captured(changes: Partial<FixedShape> = {}): InputSource {
  const fixed = { batch: 2, heads: 8, kvHeads: 2, headDim: 6, valueDim: 4, ...changes };
  return { ...synthetic, stored: true, maxLength: 16, fixed };
}

describe("dimensions", () => {
  it("are usual, those of k and v as those of q", () => {
    const usual = { batch: 1, heads: 1, kvHeads: 1, headDim: 64, valueDim: 64 };
    expect(dimensionsOf({}, synthetic)).toEqual({ heads: usual, layer: null });
    expect(dimensionsOf({ heads: "8", headDim: 32 }, synthetic).heads).toEqual({
      ...usual,
      ...{ heads: 8, kvHeads: 8, headDim: 32, valueDim: 32 },
    });
  });

  it("are as typed", () => {
    const typed = { batch: 3, heads: "8", kvHeads: "2", headDim: "192", valueDim: 128 };
    expect(dimensionsOf(typed, synthetic).heads).toEqual({
      batch: 3,
      heads: 8,
      kvHeads: 2,
      headDim: 192,
      valueDim: 128,
    });
  });

  it("are the input's, which may be repeated", () => {
    const own = { batch: 2, heads: 8, kvHeads: 2, headDim: 6, valueDim: 4 };
    expect(dimensionsOf({}, captured()).heads).toEqual(own);
    expect(dimensionsOf(own, captured()).heads).toEqual(own);
  });

  it.each([
    [{ heads: 8, kvHeads: 3 }, "--kv-heads: must divide the 8 heads of q, got 3"],
    [{ heads: 2, kvHeads: 4 }, "--kv-heads: must divide the 2 heads of q, got 4"],
    [{ kvHeads: 0 }, "--kv-heads: must be an integer from 1 to 1048576, got '0'"],
    [{ valueDim: "wide" }, "--value-dim: must be an integer from 1 to 1048576, got 'wide'"],
  ])("are refused if typed as %o", (typed, message) => {
    expect(thrownBy(() => dimensionsOf(typed, synthetic))).toBeInstanceOf(UsageError);
    expect(refusal(() => dimensionsOf(typed, synthetic))).toContain(message);
  });

  it.each([
    [{ kvHeads: 4 }, "--kv-heads: the input has 2, got 4; omit the option"],
    [{ valueDim: 6 }, "--value-dim: the input has 4, got 6; omit the option"],
    [{ heads: 2 }, "--heads: the input has 8, got 2; omit the option"],
  ])("of an input are not changed to %o", (typed, message) => {
    expect(refusal(() => dimensionsOf(typed, captured()))).toBe(message);
  });
});

describe("dimensions of a layer", () => {
  const tokens = (changes: Partial<FixedShape> = {}) =>
    captured({ heads: 1, kvHeads: 1, headDim: 24, valueDim: 24, ...changes });

  it("are those of its heads, which share the width of the input's tokens", () => {
    const { heads, layer } = dimensionsOf({ layer: true, heads: 4, kvHeads: 2 }, tokens());
    expect(heads).toEqual({ batch: 2, heads: 4, kvHeads: 2, headDim: 6, valueDim: 6 });
    expect(layer).toEqual({
      ...{ modelDim: 24, heads: 4, kvHeads: 2, headDim: 6, valueDim: 6 },
      ...{ positions: null, biases: false },
    });
  });

  it("know whether the input holds biases", () => {
    const { layer } = dimensionsOf({ layer: true }, { ...tokens(), call: { biases: true } });
    expect(layer?.biases).toBe(true);
  });

  it("are refused where heads do not share the width, or the input has other tokens", () => {
    expect(refusal(() => dimensionsOf({ layer: true, heads: 5 }, tokens()))).toContain(
      "--heads: must divide the 24 channels of a token, got 5",
    );
    expect(refusal(() => dimensionsOf({ layer: true, modelDim: 48 }, tokens()))).toBe(
      "--model-dim: the input has 24, got 48; omit the option",
    );
  });
});

describe("queries", () => {
  const of = (typed: number | string | undefined, source = synthetic, lengths = [8, 16]) =>
    queriesOf(typed, lengths, "forward", source);

  it("are the same tokens as the keys unless they were typed or captured", () => {
    expect(of(undefined)).toBeUndefined();
    expect(of(undefined, captured())).toBeUndefined();
    expect(of("1k")).toBe(1024);
    expect(of(1)).toBe(1);
    expect(of(undefined, captured({ queries: 3 }))).toBe(3);
  });

  it("of an input may be repeated and not changed", () => {
    expect(of("3", captured({ queries: 3 }))).toBe(3);
    expect(refusal(() => of(4, captured({ queries: 3 })))).toBe(
      "--queries: the input has 3, got 4; omit the option",
    );
    expect(of(16, captured(), [16])).toBe(16);
    expect(refusal(() => of(16, captured()))).toBe(
      "--queries: the input's queries and keys are the same tokens, 8 of them, got 16; omit the option",
    );
  });

  it("are refused if they are no number", () => {
    expect(refusal(() => of("none"))).toContain("--queries: a length must be a whole number from 1");
    expect(refusal(() => of(0))).toContain("--queries: a length must be");
  });

  it("are not for decoding, typed or captured", () => {
    const decode = (typed: number | undefined, source: InputSource) =>
      queriesOf(typed, [8], "decode", source);
    expect(decode(undefined, captured())).toBeUndefined();
    expect(refusal(() => decode(1, synthetic))).toBe(
      "--queries: tokens are decoded one after the other, each a query and a key, got 1; omit the option",
    );
    expect(refusal(() => decode(undefined, captured({ queries: 3 })))).toBe(
      "--mode decode: the input must have a query for each key, got 3 for 16; omit the option, or capture a call on a whole text",
    );
  });
});

test("a text's tokens are shared among the batch entries, a captured input has as many for each", () => {
  expect(longestOf({ ...synthetic, maxLength: 100 }, 3)).toBe(33);
  expect(longestOf(captured(), 3)).toBe(16);
  expect(refusal(() => longestOf({ ...synthetic, maxLength: 2 }, 3))).toContain(
    "--batch: the input has 2 tokens",
  );
});
