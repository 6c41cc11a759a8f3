import { expect, test } from "vitest";
import type { TimeVerdict } from "../../src/compare/comparison.ts";
import { joinVerdicts } from "../../src/compare/join-verdicts.ts";

const verdicts = ["slower", "faster", "same", "unresolved"] as const satisfies readonly TimeVerdict[];
const join = (median: TimeVerdict, mean: TimeVerdict | null) =>
  joinVerdicts({ verdict: median, note: null }, mean === null ? null : { verdict: mean, note: null });

test.each([
  // The median, and what comes of it where the mean is slower, faster, the same, unresolved, not known.
  ["slower", ["slower", "slower", "slower", "slower", "slower"]],
  ["faster", ["slower", "faster", "faster", "faster", "faster"]],
  ["same", ["slower", "faster", "same", "same-median", "same-median"]],
  ["unresolved", ["slower", "unresolved", "unresolved", "unresolved", "unresolved"]],
] as const)("a median that is %s", (median, joined) => {
  expect([...verdicts, null].map((mean) => join(median, mean).verdict)).toEqual(joined);
});

test("where the two say unlike things that is noted, and else what either has to say", () => {
  expect(join("same", "slower").note).toMatch(
    /^slower in the mean, by costs on few calls: the median is the same$/,
  );
  expect(join("slower", "faster").note).toMatch(/though faster in the mean$/);
  expect(join("same", "same").note).toBeNull();
  const noted = (median: string | null, mean: string | null) =>
    joinVerdicts({ verdict: "unresolved", note: median }, { verdict: "unresolved", note: mean }).note;
  expect([noted("a", "b"), noted("a", null), noted(null, "b"), noted(null, null)]).toEqual([
    "a",
    "a",
    "b",
    null,
  ]);
});
