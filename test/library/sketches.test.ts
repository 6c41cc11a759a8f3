import { expect, test } from "vitest";
import { withSketches } from "../../src/library/sketches.ts";
import { sampleResults } from "../report/sample-results.ts";

test("each built-in variant of a file is sketched once, in their usual order, and plug-ins are not", () => {
  const { sketches = [] } = withSketches(sampleResults({ variants: 12, kernels: ["js", "wasm"] }));
  expect(sketches.map(({ variant }) => variant)).toEqual([
    "full",
    "local",
    "stride",
    "global",
    "longformer",
    "bigbird",
    "linear",
  ]);
});

test("parameters are made small, but a part that is left out stays out", () => {
  const params = { window: 512, stride: 0, tokens: 1, unheard: 3 };
  const { sketches = [] } = withSketches(
    sampleResults({ variants: 5, alter: (line) => ({ ...line, params }) }),
  );
  const longformer = sketches.find(({ variant }) => variant === "longformer");
  expect(longformer?.params).toEqual({ window: 5, stride: 0, tokens: 1 });
  expect(new Set(longformer?.areas.map(({ role }) => role))).toEqual(new Set(["local", "global"]));
});

test("causal and not causal are two sketches, and so are parameters that stay different", () => {
  const { sketches = [] } = withSketches(
    sampleResults({
      variants: 2,
      alter: (line) => ({
        ...line,
        causal: line.length > 1024,
        params: line.variant === "full" ? {} : { window: line.length > 2048 ? 1 : 99 },
      }),
    }),
  );
  expect(sketches.map(({ variant, causal, params }) => [variant, causal, params.window])).toEqual([
    ["full", false, undefined],
    ["full", true, undefined],
    ["local", false, 5],
    ["local", true, 5],
    ["local", true, 1],
  ]);
});

test.each([-1, 0.5, 1e300, null])("a parameter that no declaration allows does no harm: %s", (value) => {
  const params = { window: value, stride: value, tokens: value, block: value, eps: value, left: value };
  const results = sampleResults({ alter: (line) => ({ ...line, params }) });
  expect(withSketches(results).sketches).toHaveLength(7);
});

test("a pattern that takes only whole rows of an image is sketched at the next number of tokens", () => {
  const params = { width: 5, size: 3 };
  const { sketches = [] } = withSketches(
    sampleResults({ variants: 1, alter: (line) => ({ ...line, variant: "neighbourhood", params }) }),
  );
  expect(sketches.map(({ variant, length }) => [variant, length])).toEqual([["neighbourhood", 35]]);
});

test("all patterns of a report are sketched at one length, which they share as an axis", () => {
  const { sketches = [] } = withSketches(
    sampleResults({
      variants: 2,
      alter: (line) =>
        line.variant === "full" ? line : { ...line, variant: "neighbourhood", params: { width: 5, size: 3 } },
    }),
  );
  expect(sketches.map(({ variant, length }) => [variant, length])).toEqual([
    ["full", 35],
    ["neighbourhood", 35],
  ]);
});

test("a sketch says of which family its variant is, and has an image where tokens are pixels", () => {
  const params = { width: 5, size: 3 };
  const { sketches = [] } = withSketches(
    sampleResults({
      variants: 2,
      alter: (line) => (line.variant === "full" ? line : { ...line, variant: "neighbourhood", params }),
    }),
  );
  expect(sketches.map(({ family }) => family.id)).toEqual(["dense", "image"]);
  expect(sketches.map(({ image }) => image?.width)).toEqual([undefined, 5]);
});
