import { describe, expect, test } from "vitest";
import { goBenchmarks } from "../../../src/report/comparison/go-benchmark.ts";
import { unprintables } from "../hostile-results.ts";
import { attacks, hostileComparison } from "./hostile-comparison.ts";
import { calmComparison, manyCells, sampleCell, sampleComparison, slower } from "./sample-comparison.ts";

interface Line {
  readonly name: string;
  readonly iterations: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * Reads the format as https://golang.org/design/14313-benchmark-format has it, and refuses what benchstat would pass over
 * without a word: only benchmarks, configuration, empty lines, and lines that begin with a hash are let through.
 */
function parsed(text: string): {
  readonly configuration: readonly string[];
  readonly lines: readonly Line[];
} {
  const configuration: string[] = [];
  const lines: Line[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    if (/^\p{Ll}[^\s\p{Lu}:]*:([ \t]+.*)?$/u.test(line)) {
      configuration.push(line);
      continue;
    }
    const [name, iterations, ...pairs] = line.split(/[\s\u0085]+/u);
    expect(name).toMatch(/^Benchmark\p{Lu}/u);
    expect(iterations).toMatch(/^[1-9]\d*$/);
    expect(pairs.length).toBeGreaterThan(0);
    expect(pairs.length % 2).toBe(0);
    const values: Record<string, number> = {};
    for (let at = 0; at < pairs.length; at += 2) {
      expect(Number.isFinite(Number(pairs[at]))).toBe(true);
      values[pairs[at + 1]] = Number(pairs[at]);
    }
    lines.push({ name, iterations: Number(iterations), values });
  }
  return { configuration, lines };
}

/** The parts of a name: each after the first a key and a value, and the number of threads at the end. */
function partsOf(name: string): {
  readonly keys: Readonly<Record<string, string>>;
  readonly threads: string;
} {
  const [, whole, threads] = /^(.*)-(\d+)$/.exec(name) ?? [];
  const entries = whole
    .split("/")
    .slice(1)
    .map((part) => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(part) ?? [];
      expect(key, part).toBeDefined();
      return [key, value] as const;
    });
  return { keys: Object.fromEntries(entries), threads };
}

test("both sides have a line a cell with its median, and nothing that differs between them as configuration", () => {
  const { base, head } = goBenchmarks(sampleComparison({ cells: [slower] }));
  expect({ base, head }).toMatchInlineSnapshot(`
    {
      "base": "tool: attnbench
    # base: ../main (0123456789ab)

    BenchmarkAttention/variant=stride/kernel=wasm/n=1024/batch=1/heads=4/d=64/causal=false-1 1 1000000 ns/op
    ",
      "head": "tool: attnbench
    # head: . (fedcba987654, with changes)

    BenchmarkAttention/variant=stride/kernel=wasm/n=1024/batch=1/heads=4/d=64/causal=false-1 1 1052300 ns/op
    ",
    }
  `);
  expect(parsed(base).configuration).toEqual(parsed(head).configuration);
});

test("samples are a line each, under one name", () => {
  const samples = [{ case: slower.case, base: [1e-3, 1.1e-3], head: [2e-3, 2.1e-3, 2.2e-3] }];
  const { base, head } = goBenchmarks(sampleComparison({ cells: [sampleCell(), slower] }), samples);
  expect(parsed(base).lines.map(({ values }) => values["ns/op"])).toEqual([1e6, 1e6, 1.1e6]);
  expect(parsed(head).lines.map(({ values }) => values["ns/op"])).toEqual([1.002e6, 2e6, 2.1e6, 2.2e6]);
  expect(new Set(parsed(head).lines.map(({ name }) => name)).size).toBe(2);
});

test("a name has a key for all of the identity, and the threads where Go has its own", () => {
  const cell = sampleCell({ params: { window: 64, stride: null }, threads: 4, causal: true, mode: "decode" });
  const [{ name }] = parsed(goBenchmarks(calmComparison({ cells: [cell] })).base).lines;
  expect(partsOf(name)).toEqual({
    keys: {
      variant: "local",
      kernel: "wasm",
      n: "1024",
      batch: "1",
      heads: "4",
      d: "64",
      causal: "true",
      mode: "decode",
      "param.window": "64",
      "param.stride": "none",
    },
    threads: "4",
  });
});

test("names of three hundred cells differ, and what is no time has no line", () => {
  const { head } = goBenchmarks(calmComparison({ cells: manyCells(300) }));
  expect(new Set(parsed(head).lines.map(({ name }) => name)).size).toBe(300);
  const cells = [sampleCell({ head_s: Number.NaN })];
  expect(parsed(goBenchmarks(calmComparison({ cells })).head).lines).toEqual([]);
  expect(parsed(goBenchmarks(calmComparison()).base).lines).toEqual([]);
});

describe("of a hostile comparison", () => {
  test.each(attacks)("every cell keeps its line and its own name: %j", (attack) => {
    for (const text of Object.values(goBenchmarks(hostileComparison(attack)))) {
      const { configuration, lines } = parsed(text);
      expect(configuration).toEqual(["tool: attnbench"]);
      expect(new Set(lines.map(({ name }) => name)).size).toBe(4);
      for (const { name } of lines) expect(partsOf(name).keys.n).toMatch(/^\d+$/);
      expect(unprintables(text)).toEqual([]);
      // The line that benchstat can hold.
      expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(65_536);
    }
  });
});
