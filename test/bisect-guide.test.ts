import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { bisectOptions, gateOptions } from "../src/commands/words/options.ts";

const root = resolve(import.meta.dirname, "..");
const guide = readFileSync(join(root, "docs/bisect.md"), "utf8");

describe("docs/bisect.md", () => {
  test("gives its commands options that they have", () => {
    const lines = [...guide.matchAll(/attnbench (bisect|gate) (.*)/g)];
    expect(lines.length).toBeGreaterThan(3);
    for (const [, command, words] of lines) {
      const known = Object.keys(command === "bisect" ? bisectOptions : gateOptions);
      for (const [, option] of words.matchAll(/(?<!`)--([a-z-]+)/g)) expect(known, words).toContain(option);
    }
  });

  test("names options that there are", () => {
    const named = [...guide.matchAll(/`--([a-z-]+)/g)].map(([, option]) => option);
    for (const option of named) {
      expect({ ...bisectOptions, ...gateOptions }, option).toHaveProperty(option);
    }
  });

  test("links only to what is there", () => {
    for (const [, target] of guide.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(root, "docs", target)), target).toBe(true);
    }
  });
});

test("a bisection hands on every option of a gate but those that it answers for itself", () => {
  const own = ["base", "head", "out", "resume", "from", "report", "format", "annotate", "table", "json"];
  const handedOn = Object.keys(gateOptions).filter((name) => !own.includes(name));
  expect(Object.keys(bisectOptions)).toEqual(expect.arrayContaining(handedOn));
});
