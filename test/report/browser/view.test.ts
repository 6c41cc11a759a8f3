import { expect, test } from "vitest";
import {
  countIf,
  reachOf,
  type Shown,
  shownOf,
  startOf,
  type View,
} from "../../../src/report/browser/view.ts";
import { turned, viewStore } from "../../../src/report/browser/view-store.ts";
import { sampleEntry } from "../ranking/sample-entry.ts";
import { sampleFile } from "./sample-file.ts";

const file = sampleFile();
const start = startOf(file) as View;
const asking = (conditions: Partial<View["conditions"]>) => ({
  ...start,
  conditions: { ...start.conditions, ...conditions },
});
const labels = ({ ranking }: Shown) => ranking.ranked.map(({ entry }) => entry.variant);

test("what is seen first is everything, at the longest length that most have", () => {
  const shown = shownOf(file, start);
  expect(start.n).toBe(4096);
  expect(reachOf(file)).toEqual([256, 4096]);
  expect([labels(shown), [...shown.hidden]]).toEqual([["quick", "full", "odd"], []]);
});

test("a file without a time has no view", () => {
  expect(startOf({ ...file, entries: [sampleEntry(0, [])] })).toBeNull();
});

test("the ranking is that at the length asked for, between those measured too", () => {
  expect(labels(shownOf(file, { ...start, n: 600 }))).toEqual(["full", "quick", "odd"]);
  expect(labels(shownOf(file, { ...start, n: 800 }))).toEqual(["quick", "full", "odd"]);
});

test("what does not meet the conditions is hidden everywhere, steps as well as passes", () => {
  const dense = shownOf(file, asking({ chosen: new Map([["family", new Set(["dense"])]]) }));
  expect([labels(dense), [...dense.hidden]]).toEqual([["full"], [1, 2, 3]]);
});

test("bounds are asked at the length of the ranking, of what the first screen is about alone", () => {
  const within = (n: number) => shownOf(file, { ...asking({ memory: 64 * 1024 }), n });
  expect([...within(1024).hidden]).toEqual([2]);
  // The baseline, which takes more, is not ranked, and yet seen: others are compared with it.
  expect([...within(4096).hidden]).toEqual([2]);
  expect(labels(within(4096))).toEqual(["quick"]);
  expect(within(4096).lit[0]).toBe(0);
});

test("if only what is lit is shown, so are the steps of its variants", () => {
  const shown = shownOf(file, { ...start, chosen: new Set([1]), only: true });
  expect([labels(shown), [...shown.hidden]]).toEqual([["quick"], [2]]);
});

test("beside a value stands how many would be shown if it alone were chosen of its condition", () => {
  const view = asking({ memory: 64 * 1024, chosen: new Map([["state", new Set(["grows"])]]) });
  expect(
    ["grows", "constant"].map((value) => countIf(shownOf(file, { ...view, n: 1024 }), "state", value)),
  ).toEqual([1, 1]);
  expect(countIf(shownOf(file, view), "state", "grows")).toBe(0);
});

test("the baseline and what is chosen are lit before what is faster, and in its place what is searched for", () => {
  const many = {
    ...file,
    entries: Array.from({ length: 20 }, (_, place) =>
      sampleEntry(
        place,
        [{ ...sampleFile().entries[0].points[0], time: { value: 1 + place, low: null, high: null } }],
        {
          baseline: 19,
        },
      ),
    ),
  };
  const { lit } = shownOf(many, { ...start, n: 256, chosen: new Set([15]) });
  expect(lit).toEqual([15, 19, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const sought = { ...start, n: 256, chosen: new Set([15]), found: new Set([3, 7]) };
  expect(shownOf(many, sought).lit).toEqual([15, 19, 3, 7]);
});

test("followers hear every change, and see at once what did not change", () => {
  const store = viewStore(file, start, (tell) => tell());
  const heard: Shown[] = [];
  store.add({ follow: (shown) => heard.push(shown) });
  store.hover(1);
  store.hover(1);
  store.choose([2]);
  store.change({ n: 512 });
  const [first, hovered, chosen, other] = heard;
  expect(heard).toHaveLength(4);
  expect(hovered.view.hovered).toBe(1);
  expect([hovered.ranking, chosen.ranking]).toEqual([first.ranking, first.ranking]);
  expect(chosen.ranking).toBe(first.ranking);
  expect(other.hidden).toBe(first.hidden);
  expect(other.ranking.length).toBe(512);
});

test("choosing what is chosen undoes it, and of several the rest is chosen first", () => {
  expect(turned(new Set([1]), [1])).toEqual(new Set());
  expect(turned(new Set([1]), [1, 2])).toEqual(new Set([1, 2]));
});
