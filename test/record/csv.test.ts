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

test("what kernels say of choosing stands behind all else, the median over rounds", () => {
  const rounds = [3e-3, 1e-3, 2e-3].map((select_s, round) => ({
    ...sampleRound("case-1", round),
    samples: [4e-3, 4e-3],
    select_s,
  }));
  const chosen = { ...sampleCase("case-1", 32), select_flops: 4096 };
  const text = casesCsv(
    summarize("mine.jsonl", run, [sampleCase("case-0", 16), sampleRound("case-0", 0), chosen, ...rounds]),
  );
  expect(text.split("\n")[0]).toMatch(/,select_s,select_flops$/);
  expect(csvRows(text)).toMatchObject([
    { select_s: "", select_flops: "" },
    { select_s: "0.002", select_flops: "4096" },
  ]);
});

test("what only some cases have stands behind all else, if one has it: fields of its shape, and times of waiting", () => {
  const header = (text: string) => text.split("\n")[0].split(",");
  const [usual] = [header(casesCsv(results))];
  const unlike = { ...sampleCase("case-0", 16), causal: true, queries: 4, alignment: "end" as const };
  const waited = [
    { ...sampleRound("case-1", 0), transfer_s: 1e-3, device_s: 2e-6 },
    { ...sampleRound("case-1", 1), transfer_s: 3e-3 },
    { ...sampleRound("case-1", 2), transfer_s: 2e-3, device_s: 4e-6 },
  ];
  const mixed = summarize("mine.jsonl", run, [
    unlike,
    sampleRound("case-0", 0),
    sampleCase("case-1", 32),
    ...waited,
  ]);
  const text = casesCsv(mixed);
  expect(header(text)).toEqual([...usual, "queries", "alignment", "transfer_s", "device_s"]);
  expect(csvRows(text)).toMatchObject([
    { queries: "4", alignment: "end", transfer_s: "", device_s: "" },
    { queries: "32", alignment: "", transfer_s: "0.002", device_s: "0.000003" },
  ]);
});
