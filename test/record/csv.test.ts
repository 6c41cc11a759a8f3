import { expect, test } from "vitest";
import { summarize } from "../../src/record/case-row.ts";
import { casesCsv, samplesCsv } from "../../src/record/csv.ts";
import { csvRows } from "./csv-rows.ts";
import { sampleCase, sampleLines, sampleRound } from "./sample-lines.ts";

const [run, ...lines] = sampleLines({ cases: 2, rounds: 6 });
const results = summarize("mine.jsonl", run, lines);

test("the columns that scripts rely on come first, in this order", () => {
  expect(casesCsv(results).split("\n")[0]).toMatch(
    /^variant,kernel,length,batch,heads,head_dim,causal,threads,params,outcome,reason,median_s,low_s,high_s,min_s,samples,rounds,prepare_s,pairs,useful_flops,executed_flops,bytes,workspace_bytes,gate_error,gate_budget,fidelity_error,percent_of_ceiling,ideal_speedup,achieved_over_ideal\b/,
  );
});

test("columns that came later stand behind all others, so that scripts find those where they were", () => {
  const [header] = casesCsv(results).split("\n");
  expect(header).toMatch(
    /,input,warnings,mode,state_bytes,prefill_s,percent_of_bandwidth,resident_bytes,first_prepare_s,remarks$/,
  );
  expect(csvRows(casesCsv(results))[0]).toMatchObject({ mode: "forward", state_bytes: "", prefill_s: "" });
});

test("a row holds what the lines hold, numbers to the last digit", () => {
  const [row] = csvRows(casesCsv(results));
  const [summed] = results.rows;
  expect(row).toMatchObject({
    variant: "local",
    length: "16",
    causal: "false",
    params: '{"window":4,"left":null}',
    outcome: "measured",
    samples: "18",
    rounds: "6",
    warnings: "the machine was busy",
  });
  const numbers = "median_s low_s high_s min_s prepare_s gate_error percent_of_ceiling ideal_speedup";
  for (const column of numbers.split(" ") as (keyof typeof summed)[]) {
    expect(Number(row[column])).toBe(summed[column]);
  }
});

test("what is missing is empty and never 0", () => {
  const skipped = {
    ...sampleCase("case-0", 16),
    outcome: "skipped" as const,
    reason: "too long",
    prepare_s: null,
    pairs: null,
    executed_flops: null,
    bytes: null,
    workspace_bytes: null,
    gate_error: null,
    gate_budget: null,
    fidelity_error: null,
  };
  const [row] = csvRows(casesCsv(summarize("mine.jsonl", run, [skipped])));
  const empty =
    "median_s low_s high_s min_s prepare_s pairs executed_flops bytes workspace_bytes gate_error fidelity_error percent_of_ceiling achieved_over_ideal";
  for (const column of empty.split(" "))
    expect({ column, value: row[column] }).toEqual({ column, value: "" });
  expect(row).toMatchObject({ reason: "too long", samples: "0", rounds: "0" });
});

test("a true zero stays a zero", () => {
  const exact = { ...sampleCase("case-0", 16), gate_error: 0 };
  expect(csvRows(casesCsv(summarize("mine.jsonl", run, [exact, sampleRound("case-0", 0)])))).toMatchObject([
    { gate_error: "0" },
  ]);
});

test.each(["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "\r=1"])(
  "text that a spreadsheet would run, %j, is defused",
  (formula) => {
    const hostile = { ...sampleCase("case-0", 16), variant: formula, reason: formula, input: formula };
    const text = casesCsv(summarize("mine.jsonl", run, [hostile]));
    const [row] = csvRows(text);
    for (const column of ["variant", "input"]) expect(row[column]).toBe(`'${formula}`);
  },
);

test("quotes, commas and line breaks stay within their cell", () => {
  const awkward = 'say "hi",\nthen go';
  const [row, ...more] = csvRows(
    casesCsv(summarize("mine.jsonl", run, [{ ...sampleCase("case-0", 16), input: awkward }])),
  );
  expect(row.input).toBe(awkward);
  expect(more).toEqual([]);
});

test("the samples are all there, a row each, in order", () => {
  const rows = csvRows(samplesCsv(results));
  const samples = lines.flatMap((line) => (line.type === "round" ? line.samples : []));
  expect(rows.map((row) => Number(row.seconds))).toEqual(samples);
  expect(rows[4]).toMatchObject({
    variant: "local",
    length: "16",
    case: "case-0",
    round: "1",
    sample: "1",
    calls: "10",
  });
});
