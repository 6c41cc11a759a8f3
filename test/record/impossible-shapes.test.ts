import { expect, test } from "vitest";
import { readLines } from "../../src/record/read.ts";
import { identityOf } from "../../src/record/schema/identity.ts";
import { refusal } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { sampleCase, sampleRun } from "../report/sample-results.ts";
import { fileOf } from "./sample-lines.ts";

const folder = scratchFolder();

/** A file that plans one case, changed by hand. */
function planning(change: object): string {
  const one = { ...sampleCase("full", "js", 256, 2, 1e6), heads: 8, ...change };
  const run = sampleRun([one], 1);
  const cases = [{ ...identityOf(one), useful_flops: 1, predicted_s: 1, unsupported: null, ...change }];
  return folder.write("changed.jsonl", fileOf([{ ...run, plan: { ...run.plan, cases } }]));
}

test.each([
  [{ kv_heads: 3 }, "shape: heads must be a multiple of the heads of k and v, got 8 and 3"],
  [{ queries: 2 ** 40 }, "shape: batch × heads × length × head dimension must be at most"],
  [{ value_dim: 2 ** 24 }, "shape: batch × heads × length × head dimension must be at most"],
  [
    { mode: "decode", causal: true, queries: 4 },
    "queries must be omitted where tokens are taken in one by one",
  ],
  [
    { queries: 4, causal: false, alignment: "end" },
    "alignment must be omitted unless a causal case has other queries",
  ],
  [{ causal: true, alignment: "end" }, "alignment must be omitted unless a causal case has other queries"],
])("a file that plans a case which cannot be is refused, with its line and the case: %o", (change, rule) => {
  expect(refusal(() => readLines(planning(change)))).toMatch(
    new RegExp(
      `^results: .*changed\\.jsonl line 1: case '.*': ${rule.replaceAll(/[()]/g, "\\$&")}.*; no run plans`,
    ),
  );
});

test("one that may be is read, and whether it says where its queries stand is its own affair", () => {
  for (const change of [
    { kv_heads: 2 },
    { queries: 4, causal: true },
    { queries: 4, causal: true, alignment: "end" },
  ]) {
    expect(readLines(planning(change)).run.plan.cases).toMatchObject([change]);
  }
});
