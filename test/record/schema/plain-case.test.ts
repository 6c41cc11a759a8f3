import fc from "fast-check";
import { expect, test } from "vitest";
import { WRITTEN } from "../../../src/core/parameters.ts";
import { caseName } from "../../../src/record/schema/identity.ts";
import { plainCaseOf } from "../../../src/record/schema/plain-case.ts";

const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,9}$/);
const written = fc.stringMatching(/^[a-z][a-z0-9:,.-]{0,20}$/).filter((text) => WRITTEN.form.test(text));
const positive = fc.integer({ min: 1, max: 1e9 });
const plain = fc.record({
  variant: id,
  kernel: id,
  length: positive,
  batch: positive,
  heads: positive,
  head_dim: positive,
  causal: fc.boolean(),
  threads: positive,
  mode: fc.constantFrom(undefined, "decode", "recompute", "backward", "train"),
  params: fc.dictionary(
    fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,8}$/),
    fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), written),
  ),
});

test("a plain case is read back from its name, which is its name again", () => {
  fc.assert(
    fc.property(plain, ({ mode, ...fields }) => {
      const one = { ...fields, ...(mode !== undefined && { mode }) };
      const read = plainCaseOf(caseName(one));
      if (read === null) throw new Error(`not read: ${caseName(one)}`);
      const isCausal = one.causal || mode === "decode" || mode === "recompute";
      const params = Object.fromEntries(
        Object.entries(one.params).map(([name, value]) => [name, `${value}`]),
      );
      expect(read).toEqual({ ...one, causal: isCausal, params });
      expect(caseName(read)).toBe(caseName(one));
    }),
  );
});

test.each([
  { scale: 0.5 },
  { mask: { left: 3, right: null, from: 0, to: null } },
  { given_edges: 400 },
  { given_gates: ["g"] as const },
  { kv_heads: 2 },
  { queries: 1 },
  { value_dim: 16 },
  { model_dim: 512 },
  { dtype: "float16" as const },
])("of %j no plain case is read", (rare) => {
  const one = { variant: "full", kernel: "js", length: 8, batch: 1, heads: 4, head_dim: 8 };
  expect(plainCaseOf(caseName({ ...one, causal: true, threads: 2, params: {}, ...rare }))).toBeNull();
});

test.each([
  "cell-0/wasm",
  "full/js/b1h1n08d8",
  "full/js/b1h1n8d8/t1",
  "full/js/b1h1n8d8/forward",
  "full/js/b1h1n8d8/causal/decode",
  "full/js/b1h1n8d8/input=text:",
  "full()/js/b1h1n8d8",
  "local(window=8,window=9)/js/b1h1n8d8",
  "<b>/js/b1h1n8d8",
  "",
])("%j is the name of no plain case", (name) => {
  expect(plainCaseOf(name)).toBeNull();
});
