import { describe, expect, it, test } from "vitest";
import { cellsOfFile } from "../../../src/compare/cells-of-file.ts";
import { comparisonOf } from "../../../src/compare/compare-results.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { planCase } from "../../../src/plan/plan.ts";
import { type Results, summarize } from "../../../src/record/case-row.ts";
import { casesCsv } from "../../../src/record/csv.ts";
import { readLines } from "../../../src/record/read.ts";
import {
  CASE_FIELDS,
  caseName,
  contestOf,
  IDENTITY,
  type Identified,
  type IdentityName,
  identityKey,
  identityOf,
} from "../../../src/record/schema/identity.ts";
import type { CaseIdentity, CaseLine } from "../../../src/record/schema/result-lines.ts";
import { namedCells } from "../../../src/report/comparison/cell-names.ts";
import { goBenchmarks } from "../../../src/report/comparison/go-benchmark.ts";
import { seriesOf } from "../../../src/report/series.ts";
import { full } from "../../../variants/dense/full.ts";
import { refusal } from "../../input/refusal.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { sampleCell, sampleComparison } from "../../report/comparison/sample-comparison.ts";
import { sampleCase, sampleRun } from "../../report/sample-results.ts";
import { fileOf, sampleRound } from "../sample-lines.ts";

/** Two values of each field; a field that is new needs two, and the compiler asks for them. */
const values: { readonly [Name in IdentityName]: readonly [Identified[Name], Identified[Name]] } = {
  variant: ["full", "local"],
  kernel: ["js", "wasm"],
  length: [256, 512],
  batch: [1, 2],
  heads: [1, 2],
  head_dim: [32, 64],
  causal: [false, true],
  threads: [1, 2],
  params: [{ window: 8 }, { window: 9 }],
  input: ["gaussian", "text"],
  mode: [undefined, "decode"],
  scale: [undefined, 0.5],
  mask: [undefined, { left: 3, right: null, from: 0, to: null }],
  given_edges: [undefined, 400],
  given_gates: [undefined, ["g", "beta"]],
  kv_heads: [undefined, 2],
  queries: [undefined, 1],
  value_dim: [undefined, 16],
  model_dim: [undefined, 512],
  positions: [undefined, "rope:half"],
  dtype: [undefined, "bfloat16"],
};

/** The fields of a case; its input is the file's. */
const ofCase = IDENTITY.map(({ name }) => name).filter((name) => name !== "input");

const folder = scratchFolder();

/** Two cases that were measured alike and are alike but for this field. */
function twins(name: IdentityName): readonly [CaseLine, CaseLine] {
  const [first, second] = values[name].map((value, at) => ({
    ...sampleCase("full", "js", 256, 2, 1e6),
    ...(value !== undefined && { [name]: value }),
    case: `case-${at}`,
  }));
  return [first, second];
}

/** A file of cases, with all of each identity in its plan. */
function resultsOf(cases: readonly CaseLine[]): Results {
  const run = sampleRun(cases, 1);
  const planned = cases.map((one) => ({
    ...identityOf(one),
    useful_flops: 1e6,
    predicted_s: 1e-3,
    unsupported: null,
  }));
  const rounds = cases.map((one) => sampleRound(one.case, 0));
  return summarize("twins", { ...run, plan: { ...run.plan, cases: planned } }, [...cases, ...rounds]);
}

test("the table holds every field of a case in a results file, and its input", () => {
  expect(new Set(IDENTITY.map(({ name }) => name))).toEqual(
    new Set([...CASE_FIELDS.filter((name) => name !== "case"), "input"]),
  );
});

describe.each(IDENTITY.map(({ name }) => name))("cases that differ in %s alone", (name) => {
  const both = twins(name);
  const results = resultsOf(both);

  it("have keys of their own, but where that field is left out", () => {
    const [first, second] = both.map((one) => identityKey(one));
    expect(first).not.toBe(second);
    const [alike, same] = both.map((one) => identityKey(one, [name]));
    expect(alike).toBe(same);
  });

  it("are two cells of a results file", () => {
    const { cells, repeated } = cellsOfFile(results, false);
    expect([...cells.values()].map(({ identity }) => identity.case)).toEqual(["case-0", "case-1"]);
    expect(repeated).toBe(0);
  });

  it("are not compared with one another", () => {
    const [base, head] = both.map((one) => resultsOf([one]));
    const { cells, oneSided } = comparisonOf(base, head);
    expect(cells).toEqual([]);
    expect(oneSided.map(({ side }) => side)).toEqual(["base", "head"]);
  });

  it("both stand in the series of a report", () => {
    const rows = seriesOf(results.rows).flatMap((series) => series.rows);
    expect(rows.map((row) => row.case).sort()).toEqual(["case-0", "case-1"]);
  });

  it("have rows of their own in the CSV", () => {
    const [, ...lines] = casesCsv(results).trimEnd().split("\n");
    expect(new Set(lines).size).toBe(2);
  });
});

describe.each(ofCase)("cells that differ in %s alone", (name) => {
  const [first, second] = twins(name);
  const cells = [first, second].map((one) => sampleCell({ ...identityOf(one) }));

  it("have names of their own, by which a gate and --resume find them", () => {
    expect(caseName(first)).not.toBe(caseName(second));
  });

  it("are called differently by every table, without a number", () => {
    const names = namedCells(cells).map((one) => one.name);
    expect(new Set(names).size).toBe(2);
    expect(names.join()).not.toContain("(2)");
  });

  it("are benchmarks of their own for benchstat", () => {
    const names = goBenchmarks(sampleComparison({ cells })).base.match(/^Benchmark\S+/gm) ?? [];
    expect(new Set(names).size).toBe(2);
    // The number of threads follows the name, as Go writes it.
    if (name !== "threads") expect(names.join()).not.toContain("copy=");
  });

  it("are two cases where one was planned and the other measured, and the file is refused", () => {
    const { run } = resultsOf([first]);
    const line = { ...second, case: first.case };
    const file = folder.write("other.jsonl", fileOf([run, line]));
    expect(refusal(() => readLines(file))).toContain(`${name} of a case must be as planned`);
  });
});

test("a case that is planned again keeps every field, and is called by what it is", () => {
  for (const name of ofCase.filter((one) => !OF_VARIANT.has(one))) {
    const [, value] = values[name];
    // As many heads of q as the heads of k and v divide.
    const sizes = { ...sampleCase("full", "js", 256, 2, 1e6), heads: 4, case: "mine", [name]: value };
    const planned = planCase(parameterize(full, {}), js, sizes, builtInKinds);
    expect(planned[name]).toEqual(value);
    expect(planned.case).toBe(caseName(planned));
  }
});

/** What a variant and a kernel say themselves, and what a variant takes of its input. */
const OF_VARIANT: ReadonlySet<string> = new Set([
  "variant",
  "kernel",
  "params",
  "given_edges",
  "given_gates",
]);

test("the identity of a line is that of the plan: what else the line holds is not in it, nor what it leaves out", () => {
  const line = { ...sampleCase("local", "js", 256, 1, 1e6), mode: undefined };
  const identity: CaseIdentity = identityOf(line);
  const { case: name, variant, kernel, length, batch, heads, head_dim, causal, threads, params } = line;
  const expected = { case: name, variant, kernel, length, batch, heads, head_dim, causal, threads, params };
  expect(JSON.stringify(identity)).toBe(JSON.stringify(expected));
});

test("parameters count by name, and what is not set as if it were not there", () => {
  const [one, other, third] = [{ a: 1, b: 2 }, { b: 2, c: null, a: 1 }, { a: 2 }].map((params) =>
    identityKey({ ...sampleCase("local", "js", 256, 1, 1e6), params }),
  );
  expect(one).toBe(other);
  expect(one).not.toBe(third);
});

test("cases that compete differ in variant, parameters and given edges alone", () => {
  const shared = IDENTITY.map(({ name }) => name).filter((name) => {
    const [first, second] = twins(name).map((one) => contestOf(one));
    return first === second;
  });
  expect(shared).toEqual(["variant", "params", "given_edges", "given_gates"]);
});
