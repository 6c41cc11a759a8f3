import { expect, test } from "vitest";
import { learnedCsv } from "../../src/record/learned-csv.ts";
import { sampleLearned } from "../report/sample-learned.ts";
import { csvRows } from "./csv-rows.ts";

const learned = sampleLearned();
const rows = csvRows(learnedCsv(learned));

test("there is a row a run, and one for what cannot be trained", () => {
  expect(rows).toHaveLength(learned.runs.length + 1);
  expect(rows.at(-1)).toMatchObject({
    variant: "sinkhorn",
    outcome: "unsupported",
    reason: expect.stringContaining("has no dense twin"),
    accuracy: "",
    rate: "",
  });
});

test("a row says what it is of, to the last digit, and missing values are empty", () => {
  const row = rows.find(({ cell, role, seed }) => cell === "local mqar" && role === "test" && seed === "2");
  expect(row).toMatchObject({
    task: "mqar",
    variant: "local",
    params: '{"window":16}',
    measure: "recall",
    length: "64",
    steps: "800",
    rate: "0.01",
    reported: "true",
    outcome: "trained",
    accuracy: "0.024",
    reach: "0.1",
    direct_reach: "0.05",
    steps_to_99: "",
    still_gaining: "false",
    state_numbers: "1024",
    kernel: "wasm",
    protocol: "full",
  });
  expect(Number(row?.chance)).toBe(1 / 128);
});

test("only test runs by the rate of their cell are reported", () => {
  const reported = rows.filter((row) => row.reported === "true");
  expect(reported).toHaveLength(27);
  expect(new Set(reported.map(({ role }) => role))).toEqual(new Set(["test"]));
  const accuracies = reported.filter(({ variant }) => variant === "linear").map(({ accuracy }) => accuracy);
  expect(accuracies).toEqual(["0.89", "0.9", "0.87"]);
});

test("text that a spreadsheet would take for a formula is defused", () => {
  const { study, runs } = learned;
  const cells = study.cells.map((cell) => ({ ...cell, variant: `=1+1 ${cell.variant}` }));
  for (const { variant } of csvRows(learnedCsv({ study: { ...study, cells }, runs }))) {
    expect(variant).toMatch(/^'=1\+1 /);
  }
});
