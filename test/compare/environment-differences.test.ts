import { expect, test } from "vitest";
import { environmentDifferences, refuseOtherPlace } from "../../src/compare/environment-differences.ts";
import type { Environment } from "../../src/record/schema/result-lines.ts";
import { sampleResults } from "../report/sample-results.ts";

const code = { "src/core": "a".repeat(64), "variants/local.ts": "b".repeat(64), "npm:zod": "4.6.7" };
const plugins = [{ name: "mine.ts", code: { "mine.ts": "c".repeat(64), "lib/x.ts": "d".repeat(64) } }];
const environment: Environment = {
  ...sampleResults({ variants: 1, lengths: [256] }).run.environment,
  cores_allowed: null,
  code,
  plugins,
};

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
  ["cores_allowed", { cores_allowed: "0-1" }],
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
  ["code", { code: { ...code, "npm:zod": "4.6.8" } }],
  ["plugins", { plugins: [] }],
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

test.each([
  [64 * 1024, []],
  [0.02 * 2 ** 34, []],
  [0.1 * 2 ** 34, ["memory_bytes"]],
])(
  "memory that differs by %d of 16 GiB is another machine's where more than an update takes is gone",
  (less, fields) => {
    const [memory_bytes, other] = [2 ** 34, 2 ** 34 - less];
    for (const differences of [
      between({ memory_bytes: other }, { memory_bytes }),
      between({ memory_bytes }, { memory_bytes: other }),
    ]) {
      expect(differences.map(({ field }) => field)).toEqual(fields);
    }
  },
);

test("of code the files that differ are named, those of plug-ins after their plug-in", () => {
  const { "variants/local.ts": _, ...less } = code;
  const [{ name, code: files }] = plugins;
  const changed = between({
    code: { ...less, "variants/new.ts": "e".repeat(64) },
    plugins: [{ name, code: { ...files, "lib/x.ts": "f".repeat(64) } }],
  });
  expect(changed).toEqual([
    {
      field: "code",
      kind: "code",
      base: "variants/local.ts bbbbbbbbbbbb, variants/new.ts missing",
      head: "variants/local.ts missing, variants/new.ts eeeeeeeeeeee",
    },
    {
      field: "plugins",
      kind: "code",
      base: "mine.ts: lib/x.ts dddddddddddd",
      head: "mine.ts: lib/x.ts ffffffffffff",
    },
  ]);
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, file) => [`src/${file}`, "1"]));
  expect(between({ code: { ...code, ...many } })[0].head).toBe("src/0 1, src/1 1, src/2 1, 6 more");
});

test("plug-ins are the same in whatever order they were given, and two of one name are told apart", () => {
  const other = { name: "mine.ts", code: { "mine.ts": "1" } };
  const last = { name: "z.ts", code: { "z.ts": "2" } };
  expect(between({ plugins: [last, ...plugins, other] }, { plugins: [...plugins, other, last] })).toEqual([]);
  const [difference] = between(
    { plugins: [...plugins, { ...other, code: { "mine.ts": "3" } }] },
    { plugins: [...plugins, other] },
  );
  expect(difference).toMatchObject({ base: "mine.ts (1) 1", head: "mine.ts (1) 3" });
});

test("a file from before code was recorded has one difference of it, and is refused by none", () => {
  const { code: _, plugins: __, cores_allowed: ___, ...older } = environment;
  const differences = environmentDifferences(older, { ...environment, plugins: [] });
  expect(differences).toMatchObject([
    { field: "cores_allowed", base: "not known" },
    { field: "code", base: "not known" },
  ]);
  expect(() => refuseOtherPlace(differences)).not.toThrow();
});
