import { expect, test } from "vitest";
import { environmentDifferences, refuseOtherPlace } from "../../src/compare/environment-differences.ts";
import type { Environment } from "../../src/core/result-lines.ts";
import { sampleResults } from "../report/sample-results.ts";

const { environment } = sampleResults({ variants: 1, lengths: [256] }).run;

function between(change: Partial<Environment>, other: Partial<Environment> = {}) {
  return environmentDifferences({ ...environment, ...other }, { ...environment, ...change });
}

test("an environment does not differ from itself, nor by what every run finds anew", () => {
  expect(between({})).toEqual([]);
  const anew = { load: 3, steal: 0.5, timer_resolution_s: 1, ceilings: [], read_bandwidth_bytes_per_s: 1 };
  expect(between(anew)).toEqual([]);
  expect(between({ caches: { L3: 31_457_280, L2: 2_097_152, L1d: 49_152 } })).toEqual([]);
});

const places: readonly (readonly [string, Partial<Environment>])[] = [
  ["cpu", { cpu: "Other" }],
  ["cores", { cores: 4 }],
  ["caches", { caches: { L1d: 1024 } }],
  ["memory_bytes", { memory_bytes: 2 ** 30 }],
  ["cpu_features", { cpu_features: { avx2: false, fma: true, avx512f: false } }],
  ["governor", { governor: "powersave" }],
  ["on_battery", { on_battery: true }],
  ["os", { os: "Darwin" }],
  ["node", { node: "v24.0.0" }],
  ["v8", { v8: "13" }],
  ["flags", { flags: [] }],
];

test.each(places)("another %s is another place, and refused by name", (field, change) => {
  const differences = between(change);
  expect(differences).toMatchObject([{ field, kind: "place" }]);
  expect(() => refuseOtherPlace(differences)).toThrow(
    new RegExp(`^compare: both files must come from the same machine and runtime, got ${field} .* against `),
  );
});

const codes: readonly (readonly [string, Partial<Environment>])[] = [
  ["attnbench", { attnbench: "0.2.0" }],
  ["commit", { commit: "f".repeat(40) }],
  ["changes_sha256", { dirty: false }],
  ["lockfile_sha256", { lockfile_sha256: null }],
];

test.each(codes)("another %s is what one compares for: told, not refused", (field, change) => {
  const differences = between(change);
  expect(differences).toMatchObject([{ field, kind: "code" }]);
  expect(() => refuseOtherPlace(differences)).not.toThrow();
});

test("another build of a kernel is another place, the same build of other code is not", () => {
  const wide = { kernels: { wasm: "wide e56ff6f6eecc, V8 --flag" } };
  expect(between({ kernels: { wasm: "wide 0123456789ab, V8 --flag" } }, wide)).toMatchObject([
    { field: "kernels.wasm", kind: "code" },
  ]);
  const plain = between({ kernels: { wasm: "plain 0123456789ab" } }, wide);
  expect(plain).toMatchObject([{ field: "kernels.wasm", kind: "place" }]);
  expect(() => refuseOtherPlace(plain)).toThrow(/got kernels\.wasm wide/);
});

test("what one side does not know is told and not refused", () => {
  const { cpu_features: _, ...older } = environment;
  const differences = [
    ...environmentDifferences(older, environment),
    ...between({ governor: null }),
    ...between({}, { kernels: { wasm: "wide e56ff6f6eecc" } }),
  ];
  expect(differences.map(({ field }) => field)).toEqual(["cpu_features", "governor", "kernels.wasm"]);
  expect(() => refuseOtherPlace(differences)).not.toThrow();
});

test("of many differences the first are named and the rest are counted, and nothing of a file is obeyed", () => {
  const other = { cpu: "\u001b[31m\n", cores: 4, os: "x", node: "y", v8: "z", flags: [] };
  expect(() => refuseOtherPlace(between(other))).toThrow(
    /against \\u\{1b\}\[31m\\u\{a\};.*; 2 more; measure/,
  );
});
