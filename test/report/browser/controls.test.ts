import { expect, test } from "vitest";
import { nothingTold } from "../../../src/report/browser/answers.ts";
import { conditionsIn, shownText } from "../../../src/report/browser/conditions.ts";
import { isShown } from "../../../src/report/browser/file-choice.ts";
import { lengthAt, lengthBeside, measuredBeside } from "../../../src/report/browser/length-control.ts";
import { namesOf } from "../../../src/report/browser/names.ts";
import { tooltipLines } from "../../../src/report/browser/tooltip.ts";
import { stepAt } from "../../../src/report/ranking/lengths.ts";
import { sampleFile } from "./sample-file.ts";

test("boxes and bounds ask for what is in them, bounds in MiB and percent, and nothing where that is no number", () => {
  const box = (value: string, checked: boolean, name = "family") => ({ name, value, checked });
  const conditionOf = ({ name }: { name: string }) => (name === "family" ? ("family" as const) : null);
  const boxes = [box("sparse", true), box("dense", false), box("image", true), box("x", true, "other")];
  const bounds = (memory: string, error: string) => [
    box(memory, false, "memory"),
    box(error, false, "error"),
  ];
  expect(conditionsIn(boxes, bounds("2", "50"), conditionOf)).toEqual({
    chosen: new Map([["family", new Set(["sparse", "image"])]]),
    memory: 2 * 2 ** 20,
    error: 0.5,
  });
  for (const text of ["", " ", "-1", "many"]) {
    expect(conditionsIn([], bounds(text, text), conditionOf)).toMatchObject({ memory: null, error: null });
  }
  expect([shownText(4, 4, 4), shownText(2, 4, 4)]).toEqual(["all 4 shown", "2 of 4 shown"]);
  expect([shownText(8, 8, 7), shownText(2, 8, 7)]).toEqual(["all 8 curves shown", "2 of 8 curves shown"]);
});

test("the slider reaches every measured length exactly, and between them whole ones that rise", () => {
  const lengths = [256, 300, 1000, 4096];
  expect(lengths.map((length) => lengthAt(stepAt(length, lengths), lengths))).toEqual(lengths);
  const all = Array.from({ length: 1001 }, (_, step) => lengthAt(step, lengths));
  expect(all.every((length, step) => Number.isInteger(length) && length >= (all[step - 1] ?? 256))).toBe(
    true,
  );
  expect([all[0], all[1000]]).toEqual([256, 4096]);
});

test("a key goes from one measured length to the next, or with Shift a little, and never out of them", () => {
  const lengths = [256, 300, 1000, 4096];
  expect([256, 260, 300, 4096].map((n) => measuredBeside(n, 1, lengths))).toEqual([300, 300, 1000, 4096]);
  expect([256, 260, 300, 4096].map((n) => measuredBeside(n, -1, lengths))).toEqual([256, 256, 256, 1000]);
  const steps = [256];
  for (let key = 0; key < 3000; key++) steps.push(lengthBeside(steps[key], 1, lengths));
  expect(steps.every((n, at) => at === 0 || n > steps[at - 1] || n === 4096)).toBe(true);
  expect(lengths.filter((n) => !steps.includes(n))).toEqual([]);
  expect([lengthBeside(4096, 1, lengths), lengthBeside(256, -1, lengths)]).toEqual([4096, 256]);
  expect(lengthBeside(257, -1, lengths)).toBe(256);
});

test("a chart's name of a series or a variant is hidden with the last of its places", () => {
  const names = namesOf(sampleFile().entries);
  expect(names.placesOf("variant-1")).toEqual([1]);
  expect(names.placesOf("nobody")).toEqual([]);
  expect(names.namesOf(2)).toEqual(["variant-2"]);
  expect(names.seriesWithin(new Set([1, 3]))).toEqual(["variant-1", "variant-3"]);
});

test("one file is shown at a time, or all", () => {
  expect(["file-1", "file-2"].map((id) => isShown(id, "file-2"))).toEqual([false, true]);
  expect(["file-1", "file-2"].map((id) => isShown(id, ""))).toEqual([true, true]);
});

test("a tooltip is lines of text, cut where they are long, whatever it is made of", () => {
  expect(tooltipLines({ length: 2048, median: "1 ms", interval: null })).toEqual([
    ["length", "2048"],
    ["median", "1 ms"],
    ["interval", "–"],
  ]);
  expect(tooltipLines("text")).toEqual([["", "text"]]);
  expect([null, undefined, ""].map(tooltipLines)).toEqual([[], [], []]);
  const [[name, text]] = tooltipLines({ ["x".repeat(1000)]: `${"y".repeat(199)}\u{1f600}` });
  expect([name.length, text.length, text.isWellFormed()]).toEqual([201, 201, true]);
});

test("an answer that what is shown does not give is said to be missing", () => {
  expect([nothingTold(0), nothingTold(2)]).toEqual([
    "No variant meets these conditions.",
    "Of what is shown nothing is known.",
  ]);
});
