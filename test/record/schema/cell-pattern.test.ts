import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesCell } from "../../../src/record/schema/cell-pattern.ts";

const cell = { case: "local(window=128,left=3)/wasm/b1h1n1024d64/causal", variant: "local" };

test.each([
  "local(window=128,left=3)/wasm/b1h1n1024d64/causal",
  "local",
  "local(window=128,left=3)",
  "wasm",
  "causal",
  "b1h1n1024d64",
  "*",
  "**",
  "local*",
  "*causal",
  "*n1024d*",
  "local*wasm*causal",
  "local(*)/wasm/*/causal",
  "*local(window=128,left=3)/wasm/b1h1n1024d64/causal*",
])("%s means the cell", (pattern) => {
  expect(matchesCell(pattern, cell)).toBe(true);
});

test.each([
  "",
  "loc",
  "window=128",
  "1024",
  "b1h1n1024",
  "wasm/b1h1n1024d64",
  "LOCAL",
  "local.*",
  "loc?l",
  "wasm*",
  "*wasm",
  "*wasm*local*",
  "local*l(*",
  "*causal*causal*",
  "local(window=128,left=3)/wasm/b1h1n1024d64/causal/*",
])("'%s' does not mean the cell", (pattern) => {
  expect(matchesCell(pattern, cell)).toBe(false);
});

test("a pattern with stars fits what the regular expression with anything in their place fits", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "*"), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      fc.pre(pattern.includes("*"));
      const expression = new RegExp(`^${pattern.split("*").join(".*")}$`, "s");
      expect(matchesCell(pattern, { case: name, variant: "" })).toBe(expression.test(name));
    }),
    { numRuns: 2000 },
  );
});

// Tried out star by star, it would take longer than anybody waits.
test("a pattern of many stars is decided over a long name", () => {
  const name = "a".repeat(20_000);
  expect(matchesCell(`${"*a".repeat(200)}*b`, { case: name, variant: "" })).toBe(false);
});
