import { expect, test } from "vitest";
import { historyOf } from "../../src/history/read-history.ts";
import { seriesOf } from "../../src/history/series.ts";
import { commitHash, dayOf, sampleEntry, samplePlace } from "./sample-entries.ts";

const commits = [0, 1, 2].map(commitHash);
const numbers = (entries: Parameters<typeof historyOf>[0], order = commits) =>
  seriesOf(historyOf(entries).entries, { commits: order }).map(({ cell, points }) => {
    return [cell, ...points.map(({ commit, median_s }) => [commits.indexOf(commit), median_s])];
  });

test("a series has a point for each commit that measured its cell, in the order given", () => {
  const entries = [
    sampleEntry(2, { cells: { a: 3 } }),
    sampleEntry(0, { cells: { a: 1, b: 10 } }),
    sampleEntry(1, { cells: { a: 2 } }),
  ];
  expect(numbers(entries)).toEqual([
    ["a", [0, 1], [1, 2], [2, 3]],
    ["b", [0, 10]],
  ]);
  expect(numbers(entries, commits.toReversed())[0]).toEqual(["a", [2, 3], [1, 2], [0, 1]]);
  expect(numbers(entries, commits.slice(0, 1))).toEqual([
    ["a", [0, 1]],
    ["b", [0, 10]],
  ]);
});

test("a commit measured several times is the median of its entries, of the clean ones if there are any", () => {
  const again = (median_s: number, at: number, dirty?: true) =>
    sampleEntry(0, { cells: { a: median_s }, measured: dayOf(at), dirty });
  expect(numbers([again(1, 1), again(9, 2), again(2, 3)])).toEqual([["a", [0, 2]]]);
  expect(numbers([again(1, 1), again(9, 2, true)])).toEqual([["a", [0, 1]]]);
  expect(numbers([again(8, 1, true), again(9, 2, true)])).toEqual([["a", [0, 8.5]]]);
});

test("each machine has series of its own, the one that measured first before the others", () => {
  const old = samplePlace({ cpu: "Z" });
  const entries = [
    sampleEntry(0, { cells: { a: 1 }, place: old }),
    sampleEntry(1, { cells: { a: 2 } }),
    sampleEntry(2, { cells: { a: 3 }, place: old }),
  ];
  expect(numbers(entries)).toEqual([
    ["a", [0, 1], [2, 3]],
    ["a", [1, 2]],
  ]);
});

test("cells are told apart by whatever they are called", () => {
  const cells = JSON.parse('{"__proto__":1,"constructor":2,"a\\",\\"b":3}');
  expect(numbers([sampleEntry(0, { cells })])).toEqual([
    ["__proto__", [0, 1]],
    ['a","b', [0, 3]],
    ["constructor", [0, 2]],
  ]);
});
