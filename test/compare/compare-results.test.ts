import { expect, test } from "vitest";
import {
  type CompareSettings,
  compareResults,
  comparisonOf,
  USUAL_SETTINGS,
} from "../../src/compare/compare-results.ts";
import { roundSamples } from "../../src/compare/round-samples.ts";
import { FailureError, UsageError } from "../../src/core/errors.ts";
import { type FileOptions, fileResults } from "./two-files.ts";

function compared(base: FileOptions, head: FileOptions, settings: Partial<CompareSettings> = {}) {
  const [before, after] = [fileResults(base), fileResults({ seed: 2, name: "b.jsonl", ...head })];
  return compareResults(before, after, { ...USUAL_SETTINGS, ...settings });
}

test("a file against itself changed nothing", () => {
  const comparison = compared({}, { seed: 1 });
  expect(comparison.cells.map(({ time, verdict }) => [time.ratio, verdict])).toEqual(
    Array.from({ length: 6 }, () => [1, "same"]),
  );
  expect(comparison).toMatchObject({ outcome: "fine", work: [], oneSided: [], differences: [] });
  expect(comparison.geometricMean?.ratio).toBe(1);
  expect(comparison.headline).toBe("no change seen in 6 cells");
  expect(comparison.remarks[0]).toBe("both files hold the same run");
  expect(comparison.trust).toEqual({ weight: "none", why: "both files hold the same run" });
});

test("cells that were slowed are named, and no others; what was sped up is an improvement", () => {
  const { cells, headline } = compared(
    {},
    {
      slow: ({ variant, length }) => (variant === "local" && length === 512 ? 1.1 : length === 256 ? 0.8 : 1),
    },
  );
  expect(
    Object.fromEntries(cells.map(({ variant, length, verdict }) => [`${variant} ${length}`, verdict])),
  ).toEqual({
    "full 256": "faster",
    "full 512": "same",
    "full 1024": "same",
    "local 256": "faster",
    "local 512": "slower",
    "local 1024": "same",
  });
  for (const { time, base_s, head_s, count } of cells) {
    expect(time.ratio).toBeCloseTo(head_s / base_s, 12);
    expect(time.low).toBeLessThanOrEqual(time.ratio);
    expect(time.high).toBeGreaterThanOrEqual(time.ratio);
    expect(count).toBe(10);
  }
  expect(headline).toBe("1 of 6 cells slower, 2 faster, 3 unchanged");
});

test("the same files say the same to the last digit, whatever order their lines have", () => {
  const [base, head] = [fileResults(), fileResults({ seed: 2 })];
  const settings = { ...USUAL_SETTINGS, groupBy: "variant" } as const;
  const shuffled = { ...head, rows: head.rows.toReversed(), rounds: head.rounds.toReversed() };
  expect(compareResults(base, shuffled, settings)).toEqual(compareResults(base, head, settings));
});

test("cells are the same that measure the same, whatever a file calls them", () => {
  const renamed = compared(
    {},
    { alter: (line) => ({ ...line, params: { left: null, new: null, window: 4 } }) },
  );
  expect(renamed.cells).toHaveLength(6);
  const other = compared(
    {},
    { alter: (line) => (line.length === 256 ? { ...line, params: { window: 5 } } : line) },
  );
  expect(other.cells).toHaveLength(4);
  expect(other.oneSided).toHaveLength(4);
});

test("each part of what a cell is tells it from others", () => {
  const changes = [
    { variant: "x" },
    { kernel: "x" },
    { batch: 7 },
    { heads: 7 },
    { head_dim: 7 },
    { causal: true },
    { threads: 7 },
    { params: { window: 7 } },
    { input: "peaked" },
  ];
  for (const change of changes) {
    const { cells } = compared(
      {},
      { alter: (line) => (line.length === 256 ? { ...line, ...change } : line) },
    );
    expect({ change, cells: cells.length }).toEqual({ change, cells: 4 });
  }
});

test("a cell that one side alone has is listed with why, and is broken where head failed what base measured", () => {
  const { oneSided, cells } = compared(
    { alter: (line) => (line.variant === "x" ? null : line), variants: ["full", "local", "x"] },
    {
      variants: ["full", "local", "x", "y"],
      alter: (line) => {
        const failed = { ...line, outcome: "failed", reason: "verification: row 3" } as const;
        const skipped = { ...line, outcome: "skipped", reason: "too long" } as const;
        if (line.variant === "full")
          return line.length === 256 ? failed : line.length === 512 ? skipped : null;
        return line;
      },
    },
  );
  expect(cells).toHaveLength(3);
  expect(oneSided.map(({ case: name, ...rest }) => [name.split("(")[0], ...Object.values(rest)])).toEqual([
    ["full", "base", "failed: verification: row 3", true],
    ["full", "base", "skipped: too long", false],
    ["full", "base", "the run ended before it", false],
    ["x", "head", "the run ended before it", false],
    ["x", "head", "the run ended before it", false],
    ["x", "head", "the run ended before it", false],
    ["y", "head", "not in that file", false],
    ["y", "head", "not in that file", false],
    ["y", "head", "not in that file", false],
  ]);
  const failedBefore = compared(
    { alter: (line) => (line.length === 256 ? { ...line, outcome: "failed", reason: "gate" } : line) },
    {},
  );
  expect(failedBefore.oneSided.map(({ side, broken }) => [side, broken])).toEqual([
    ["head", false],
    ["head", false],
  ]);
});

test("what neither file could measure is no cell of either side", () => {
  const failing: FileOptions = {
    alter: (line) => (line.length === 256 ? { ...line, outcome: "failed", reason: "x" } : line),
  };
  const { cells, oneSided, work } = compared(failing, failing);
  expect([cells.length, oneSided.length, work.length]).toEqual([4, 0, 0]);
});

test("work that changed is listed exactly, though no time did", () => {
  const { cells, work, headline } = compared(
    {},
    { alter: (line) => (line.length === 512 ? { ...line, executed_flops: 8001, gate_error: 1e-6 } : line) },
  );
  expect(cells.every(({ verdict }) => verdict === "same")).toBe(true);
  expect(work.map(({ quantity, base, head }) => [quantity, base, head])).toEqual([
    ["executed_flops", 8000, 8001],
    ["gate_error", 1e-7, 1e-6],
    ["executed_flops", 8000, 8001],
    ["gate_error", 1e-7, 1e-6],
  ]);
  expect(headline).toBe("no change seen in 6 cells; work changed in 2 cells");
});

test("on other numbers errors are not compared, times and work are, and this is said", () => {
  const worse: FileOptions["alter"] = (line) => ({ ...line, gate_error: 1, bytes: 1 });
  const others: readonly FileOptions[] = [{ plan: { seed: 2 } }, { run: { input_sha256: "b".repeat(64) } }];
  for (const other of others) {
    const { work, remarks, differences, cells } = compared({}, { ...other, alter: worse });
    expect(cells).toHaveLength(6);
    expect(new Set(work.map(({ quantity }) => quantity))).toEqual(new Set(["bytes"]));
    expect(differences).toHaveLength(1);
    expect(remarks[0]).toMatch(/^measured on different numbers \(.*\): errors are not compared$/);
  }
});

test("a captured file is the same input under another path, as its hash tells", () => {
  const at = (path: string): FileOptions => ({
    run: { input_sha256: "a".repeat(64) },
    plan: { input: path },
    alter: (line) => ({ ...line, input: path }),
  });
  expect(compared(at("one/x.safetensors"), at("two/x.safetensors"))).toMatchObject({
    differences: [],
    oneSided: [],
  });
});

test("another machine is refused unless it is wanted, and then said", () => {
  const other: FileOptions = { environment: { cpu: "Other CPU" } };
  expect(() => compared({}, other)).toThrow(UsageError);
  expect(() => compared({}, other)).toThrow(
    /got cpu Example CPU against Other CPU; .* add --across-machines/,
  );
  const { differences, remarks, trust, head } = compared({}, other, { acrossMachines: true });
  expect(trust).toEqual({ weight: "none", why: "measured in two places" });
  expect(head.cpu).toBe("Other CPU");
  expect(differences).toEqual([{ field: "cpu", base: "Example CPU", head: "Other CPU" }]);
  expect(remarks[0]).toMatch(/^measured in two places, whose cpu differ/);
});

test("under six rounds nothing is resolved, and why is said", () => {
  for (const rounds of [1, 5]) {
    const { cells, geometricMean } = compared({}, { rounds, slow: () => 2 });
    for (const { verdict, time, detectable, note, count } of cells) {
      expect({ verdict, detectable, count }).toEqual({
        verdict: "unresolved",
        detectable: null,
        count: rounds,
      });
      expect(time).toMatchObject({ low: null, high: null });
      expect(note).toMatch(new RegExp(`^under six rounds \\(10 and ${rounds}\\)`));
    }
    expect(geometricMean).toMatchObject({ low: null, high: null });
  }
});

test("rounds too few for so many cells are said to be so", () => {
  const many: FileOptions = { rounds: 6, variants: Array.from({ length: 20 }, (_, at) => `v${at}`) };
  const { cells } = compared(many, { ...many, slow: () => 1.02 });
  expect(cells).toHaveLength(60);
  for (const { detectable, note } of cells) {
    expect(detectable).toBeNull();
    expect(note).toMatch(/too few rounds to tell a change from chance among 60 cells|only cell/);
  }
});

test("groups hold the cells that share their name, lengths rising", () => {
  const base: FileOptions = { lengths: [1024, 256] };
  const groups = (groupBy: CompareSettings["groupBy"]) =>
    compared(base, { ...base, slow: ({ variant }) => (variant === "local" ? 2 : 1) }, { groupBy }).groups;
  expect(groups(null)).toEqual([]);
  expect(groups("variant").map(({ name, cells }) => [name, cells])).toEqual([
    ["full", 2],
    ["local", 2],
  ]);
  expect(groups("variant")[1].time.low).toBeGreaterThan(1.9);
  expect(groups("length").map(({ name }) => name)).toEqual(["256", "1k"]);
  expect(groups("kernel").map(({ name, cells }) => [name, cells])).toEqual([["js", 4]]);
});

test("nothing to compare is a failure that says which side lacks what", () => {
  expect(() => compared({}, { variants: ["other"] })).toThrow(FailureError);
  expect(() => compared({}, { variants: ["other"] })).toThrow(
    /measured in a\.jsonl and in b\.jsonl, got 9 that/,
  );
  expect(() => compared({}, { alter: () => null })).toThrow(/must have measured cells, got none in b\.jsonl/);
  expect(() => compared({ alter: () => null }, {})).toThrow(/got none in a\.jsonl/);
  expect(() => compared({}, {}, { filter: { lengths: "64" } })).toThrow(
    /a cell must be left to compare, got none/,
  );
});

test("a cell that stands twice counts once, the later, and this is said", () => {
  const twice = fileResults({ seed: 2 });
  const [cell] = twice.run.plan.cases;
  const plan = { ...twice.run.plan, cases: [...twice.run.plan.cases, { ...cell, case: "again" }] };
  const rows = [...twice.rows, { ...twice.rows[0], case: "again", median_s: 1 }];
  const { cells, remarks } = compareResults(fileResults(), { ...twice, run: { ...twice.run, plan }, rows });
  expect(cells).toHaveLength(6);
  expect(cells[0].head_s).toBe(1);
  expect(remarks).toContain("1 cell of head again under another name: the later counts");
});

test("remarks tell of a cut end, of disturbed rounds, of a machine that changed its pace, and of two files' weakness", () => {
  const ceilings = [{ build: "wide", threads: 1, flops_per_s: 8e9 }];
  const noisy = fileResults({ seed: 2, environment: { ceilings } });
  const rounds = noisy.rounds.map((round, at) => (at % 4 === 0 ? { ...round, warnings: ["busy"] } : round));
  const { remarks, trust } = compareResults(fileResults(), { ...noisy, rounds, truncated: true });
  expect(trust).toEqual({ weight: "weak", why: "weak evidence: measured one after the other" });
  expect(remarks).toEqual([
    "the last line of head was cut off and is ignored",
    "25 % of the rounds of head were disturbed",
    expect.stringMatching(/^the machine's ceiling was 0\.800× in head what it was in base/),
    expect.stringMatching(/^two files measured one after the other are weak evidence: .* attnbench gate/),
    "means cover costs on one call in 16 or more often; rarer ones were not looked for",
  ]);
});

test("a reader who refuses nothing gets a comparison of nothing", () => {
  const empty = fileResults({ alter: () => null, environment: { cpu: "Other" } });
  expect(comparisonOf(fileResults(), empty)).toMatchObject({
    cells: [],
    geometricMean: null,
    headline: "no cell was measured on both sides; 6 missing",
  });
});

test("the samples of a cell are a number a round on each side", () => {
  const [base, head] = [fileResults(), fileResults({ seed: 2, rounds: 7 })];
  const samples = roundSamples(base, head, compareResults(base, head));
  expect(samples.map((one) => [one.base.length, one.head.length])).toEqual(
    Array.from({ length: 6 }, () => [10, 7]),
  );
  expect(samples[0].head[0]).toBe(head.rounds[0].samples[0]);
});
