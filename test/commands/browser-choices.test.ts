import { expect, test } from "vitest";
import { browserChoices } from "../../src/commands/browser-choices.ts";

test("the words of the command line become the page's choices, each under its own name", () => {
  expect(
    browserChoices({
      variants: "@sparse, full",
      lengths: "256..1k",
      kernel: "js,wasm",
      batch: "2",
      heads: "4",
      kvHeads: "2",
      headDim: "32",
      valueDim: "16",
      causal: true,
      mode: "forward",
      threads: "2",
      dtype: "float16",
      set: ["local.window=8"],
      input: "peaked",
      seed: "0",
      rounds: "7",
      budget: "5m",
      curve: [],
      plugins: [],
    }),
  ).toEqual({
    variants: ["@sparse", "full"],
    lengths: "256..1k",
    kernels: ["js", "wasm"],
    batch: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 32,
    valueDim: 16,
    causal: true,
    mode: "forward",
    threads: 2,
    dtype: "float16",
    set: ["local.window=8"],
    input: "peaked",
    seed: 0,
    rounds: 7,
    budget: "5m",
  });
});

test("what was not typed is not chosen, and auto is no kernel", () => {
  expect(browserChoices({ kernel: "auto" })).toEqual({});
});

test.for([
  [
    { plugins: ["./mine.ts"] },
    "--plugin: has no meaning with --browser, as the page loads no module; omit it",
  ],
  [{ simd: "plain" }, "--simd: has no meaning with --browser"],
  [{ workloads: "" }, "--workloads: has no meaning with --browser, as the page reads no file; omit it"],
  [{ layer: true }, "--layer: has no meaning with --browser"],
  [{ scale: "0.5" }, "--scale: has no meaning with --browser"],
  [{ curve: ["local.window=1..8"] }, "--curve: has no meaning with --browser"],
  [{ heads: "many" }, "--heads: must be an integer from 1"],
  [{ seed: "-1" }, "--seed: must be an integer from 0"],
  [{ mode: "sideways" }, "unknown mode 'sideways'"],
  [{ dtype: "int8" }, "unknown dtype 'int8'"],
] as const)("%j is refused in one line", ([typed, why]) => {
  expect(() => browserChoices(typed)).toThrow(why);
});
