import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { CaseRow, Results } from "../../src/record/case-row.ts";
import { readResults } from "../../src/record/read.ts";
import { checks } from "../../src/report/lint/index.ts";
import { lint } from "../../src/report/lint.ts";
import { warningsOf } from "../../src/report/warnings.ts";
import { hostileResults } from "./hostile-results.ts";
import { sampleResults } from "./sample-results.ts";

const lengths = [256, 512, 1024, 2048];
const steady = sampleResults({ variants: 2, lengths, noise: 0.001 });

/** What the lint says of results whose rows were changed, as `check: places`. */
function found(change: (row: CaseRow) => CaseRow | null, results: Results = steady): readonly string[] {
  const rows = results.rows.map(change).filter((row) => row !== null);
  return lint({ ...results, rows }).map(({ check, places }) => `${check}: ${places}`);
}

/** Changes the one case. */
function at(variant: string, length: number, change: Partial<CaseRow>): (row: CaseRow) => CaseRow {
  return (row) => (row.variant === variant && row.length === length ? { ...row, ...change } : row);
}

/** The rounds of one case replaced by rounds of these seconds. */
function withRounds(seconds: readonly number[], calls = 1): Results {
  const [first] = steady.rounds;
  const others = steady.rounds.filter((round) => round.case !== first.case);
  const own = seconds.map((one, round) => ({ ...first, round, samples: [one, one, one], calls }));
  return { ...steady, rounds: [...own, ...others] };
}

test("a steady run by the book is not spoken of, nor is one with nothing in it", () => {
  expect(found((row) => row)).toEqual([]);
  expect(found(() => null)).toEqual([]);
  expect(found((row) => row, sampleResults())).toEqual([]);
});

test("of an honest run on a shared machine only the far-off rounds are told", () => {
  const example = readResults(
    join(resolve(import.meta.dirname, "../.."), "results/example.jsonl"),
    "example",
  );
  expect([...new Set(lint(example).map(({ check }) => check))]).toEqual(["far-off-round"]);
});

test("checks have a name each, and every finding says what to do after the colon", () => {
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  const odd = lint(withRounds([9, 1, 1, 1, 1, 1, 1, 9]));
  expect(odd.map(({ check }) => check)).toEqual(["first-round", "far-off-round"]);
  for (const { text } of odd) expect(text).toMatch(/: (ask|something else was running, run)/);
});

test("what is found joins the warnings, behind its rows", () => {
  const rows = steady.rows.map(at("local", 512, { percent_of_ceiling: 101 }));
  expect(warningsOf({ ...steady, rows }).at(-1)).toMatch(
    /^local at 512: kernel js computes faster than .*; run again/,
  );
});

test("hostile strings come out printable", () => {
  for (const { text, places } of lint(hostileResults())) expect(text + places).toMatch(/^\P{Cc}*$/u);
});

describe("not monotone", () => {
  const times = (median_s: number, low_s: number | null, high_s: number | null) => ({
    median_s,
    low_s,
    high_s,
  });
  const short = times(0.0042, 0.0041, 0.0043);

  test("a longer case with less time is told, where the intervals do not meet", () => {
    const longer = at("local", 512, times(0.004, 0.0039, 0.0041));
    const change = (row: CaseRow) => longer(at("local", 256, short)(row));
    expect(
      found((row) => at("local", 512, times(0.003, 0.0029, 0.0031))(at("local", 256, short)(row))),
    ).toContain("not-monotone: local at 512");
    expect(found(change)).not.toContainEqual(expect.stringContaining("not-monotone"));
  });

  test("a longer case that computes less may well take less", () => {
    const change = at("local", 512, { ...times(0.003, 0.0029, 0.0031), executed_flops: 1 });
    expect(found((row) => change(at("local", 256, short)(row)))).not.toContainEqual(
      expect.stringContaining("not-monotone"),
    );
  });
});

describe("identical rows", () => {
  const [full] = steady.rows;

  test("equal times of two variants at one length are told, of one variant at neighbouring lengths too", () => {
    expect(found(at("local", 256, { median_s: full.median_s }))).toContain(
      "identical-rows: full at 256; local at 256",
    );
    const twin = steady.rows.find((row) => row.variant === "local" && row.length === 1024);
    expect(found(at("local", 2048, { median_s: twin?.median_s ?? null }))).toContain(
      "identical-rows: local at 1k, 2k",
    );
  });

  test("samples that agree too are called one measurement", () => {
    const rounds = steady.rounds.map((round) =>
      round.case === "local/js/256"
        ? {
            ...(steady.rounds.find((one) => one.case === full.case && one.round === round.round) ?? round),
            case: round.case,
          }
        : round,
    );
    const rows = steady.rows.map(at("local", 256, { median_s: full.median_s }));
    expect(lint({ ...steady, rows, rounds })[0]?.text).toContain("recorded twice");
  });

  test("equal times of a few steps of the clock are no copies", () => {
    const rows = steady.rows.map(at("local", 256, { median_s: full.median_s }));
    const run = { ...steady.run, environment: { ...steady.run.environment, timer_resolution_s: 1 } };
    const told = lint({ ...steady, run, rows }).map(({ check }) => check);
    expect(told).toContain("coarse-clock");
    expect(told).not.toContain("identical-rows");
  });

  test("equal times of unlike settings are nobody's business", () => {
    expect(found(at("local", 256, { median_s: full.median_s, heads: 2 }))).not.toContainEqual(
      expect.stringContaining("identical-rows"),
    );
  });
});

describe("more work yet faster", () => {
  const slow = { median_s: 9, low_s: 8, high_s: 10, executed_flops: 1000 };

  test("a variant slower than the baseline with less than half of its work is told", () => {
    expect(found(at("local", 2048, slow))).toContain("more-work-yet-faster: local at 2k");
    expect(found(at("local", 2048, { ...slow, executed_flops: 0.6 * 256 * 2048 ** 2 }))).not.toContainEqual(
      expect.stringContaining("more-work"),
    );
    expect(found(at("local", 2048, { ...slow, low_s: 0.001 }))).not.toContainEqual(
      expect.stringContaining("more-work"),
    );
  });

  test("of two unlike variants neither is held against the other, of one variant's settings it is", () => {
    const three = sampleResults({ variants: 3, lengths, noise: 0.001 });
    const bare = { ...three, rows: three.rows.filter((row) => row.variant !== "full") };
    expect(found(at("stride", 2048, slow), bare)).not.toContainEqual(expect.stringContaining("more-work"));
    const wider = bare.rows
      .filter((row) => row.variant === "local")
      .map((row) => ({ ...row, ...slow, case: `${row.case}/narrow`, params: { window: 1 } }));
    const told = lint({ ...bare, rows: [...bare.rows, ...wider] }).map(
      ({ check, places }) => `${check}: ${places}`,
    );
    expect(told).toContain("more-work-yet-faster: local · window=1 at 256, 512, 1k, 2k");
  });
});

test("a case above the ceiling is told, one just at it is not", () => {
  expect(found(at("full", 256, { percent_of_ceiling: 100.1 }))).toEqual(["above-ceiling: full at 256"]);
  expect(found(at("full", 256, { percent_of_ceiling: 100 }))).toEqual([]);
});

test("a cell that is not there is told, unless it was planned or says itself why it is empty", () => {
  const gone = (row: CaseRow) => (row.variant === "local" && row.length === 512 ? null : row);
  const unplanned = { ...steady, run: { ...steady.run, plan: { ...steady.run.plan, cases: [] } } };
  expect(found(gone, unplanned)).toEqual(["missing-cells: local at 512"]);
  expect(found(gone)).toEqual([]);
  expect(found(at("local", 512, { outcome: "skipped", median_s: null }), unplanned)).toEqual([]);
});

test("a cell that was planned in another setting is missing all the same", () => {
  const causal = steady.rows.map((row) => ({ ...row, causal: true, case: `${row.case}/causal` }));
  const rows = [...steady.rows, ...causal.filter((row) => row.variant !== "local" || row.length !== 512)];
  const told = lint({ ...steady, rows }).filter(({ check }) => check === "missing-cells");
  expect(told.map(({ places }) => places)).toEqual(["local · causal at 512"]);
});

describe("rounds", () => {
  const calm = [1, 1.01, 0.99, 1, 1.02, 1, 0.98];
  const told = (seconds: readonly number[], calls?: number) =>
    lint(withRounds(seconds, calls)).map(({ check, places }) => `${check}: ${places}`);

  test("that are steady are not spoken of", () => {
    expect(told(calm)).toEqual([]);
  });

  test("of which the first is slow are told, and it is no outlier besides", () => {
    expect(told([1.3, ...calm])).toEqual(["first-round: full at 256"]);
  });

  test("are sorted by their number first", () => {
    const results = withRounds([1.3, ...calm]);
    expect(lint({ ...results, rounds: results.rounds.toReversed() }).map(({ check }) => check)).toEqual([
      "first-round",
    ]);
  });

  test("of which a later one is far off are told, not one that is a little off however alike the others", () => {
    expect(told([...calm, 1.5])).toEqual(["far-off-round: full at 256"]);
    expect(told([1, 1, 1, 1, 1, 1, 1.05])).toEqual([]);
  });

  test("that are few say nothing about their spread", () => {
    expect(told([9, 1, 1, 1, 1])).toEqual([]);
  });

  test("are held against the clock's step as whole batches, not call by call", () => {
    expect(told([1e-7])).toEqual(["coarse-clock: full at 256"]);
    expect(told([1e-7], 1000)).toEqual([]);
  });
});

test("a kernel that counts nothing is held to its useful work, and where no ceiling is known that is told", () => {
  const uncounted = { percent_of_ceiling: null, executed_flops: null };
  const ceilings = [{ build: "wide", threads: 1, flops_per_s: 1e9 }];
  const results: Results = { ...steady, run: withCeilings(ceilings) };
  const useful = steady.rows.find((row) => row.variant === "full" && row.length === 256)?.useful_flops ?? 0;
  const fast = { ...uncounted, median_s: useful / 1.01e9 };
  expect(found(at("full", 256, fast), results)).toContain("above-ceiling: full at 256");
  expect(found(at("full", 256, { ...fast, median_s: useful / 0.9e9 }), results).join()).not.toMatch(/above/);
  const unknown = found((row) => row, { ...steady, run: withCeilings([]) });
  expect(unknown).toEqual([expect.stringMatching(/^unknown-ceiling: /)]);
});

test("a case on a device is held to that alone, and may be as fast as its products in registers", () => {
  const rates = { clock: "device" as const, tile_flops_per_s: 1e9, read_bytes_per_s: null };
  const of = (register_flops_per_s: number | null) => {
    const run = withCeilings([{ build: "wide", threads: 1, flops_per_s: 1 }]);
    const devices = [{ ...DEVICE, rates: { ...rates, register_flops_per_s } }];
    return { ...steady, run: { ...run, environment: { ...run.environment, devices } } };
  };
  const told = (percent: number, registers: number | null) =>
    found(at("full", 256, { percent_of_ceiling: percent }), of(registers));
  expect(told(150, 2e9)).toEqual([]);
  expect(told(201, 2e9)).toEqual(["above-ceiling: full at 256"]);
  expect(told(101, null)).toEqual(["above-ceiling: full at 256"]);
  const { run } = of(null);
  const unmeasured = { ...run, environment: { ...run.environment, devices: [DEVICE] } };
  const unread = (row: CaseRow) => ({ ...row, percent_of_ceiling: null });
  expect(found(unread, { ...steady, run: unmeasured })).toEqual([
    expect.stringMatching(/^unknown-ceiling: /),
  ]);
});

test("more threads than were asked for are told where most rounds saw them, by the kernel's name", () => {
  const seenBy = (seen: readonly number[]): Results => ({
    ...steady,
    rounds: steady.rounds.map((round) => ({ ...round, threads_seen: seen[round.round % seen.length] })),
  });
  expect(found((row) => row, seenBy([1, 1, 2]))).toEqual([]);
  expect(found((row) => row, seenBy([2, 2, 1]))).toEqual([expect.stringMatching(/^more-threads: /)]);
  expect(found((row) => ({ ...row, threads: 2 }), seenBy([2])).join()).not.toMatch(/more-threads/);
  expect(warningsOf(seenBy([3])).join("\n")).toMatch(/kernel \S+ kept 3 threads busy where 1 was asked for/);
  const { run } = seenBy([3]);
  const known = { ...run, environment: { ...run.environment, devices: [DEVICE] } };
  expect(found((row) => row, { ...seenBy([3]), run: known }).join()).not.toMatch(/more-threads/);
  const once = { ...seenBy([3]), rounds: seenBy([3]).rounds.filter(({ round }) => round === 0) };
  expect(found((row) => row, once).join()).not.toMatch(/more-threads/);
});

/** A device that says nothing of itself. */
const DEVICE = {
  kernel: "js",
  name: "",
  vendor: "",
  architecture: "",
  device: "",
  description: "",
  software: null,
  driver: null,
  implementation: "",
  toggles: [],
  features: [],
  limits: {},
};

function withCeilings(ceilings: Results["run"]["environment"]["ceilings"]): Results["run"] {
  return { ...steady.run, environment: { ...steady.run.environment, ceilings } };
}
