import { describe, expect, it } from "vitest";
import { isMatrixMarket, readMatrixMarket } from "../../../src/input/graph/matrix-market.ts";
import { edgesOf } from "../../../src/input/graph/raw-graph.ts";
import { refusal } from "../refusal.ts";

const file = (kind: string, ...lines: readonly string[]) =>
  [`%%MatrixMarket matrix ${kind}`, ...lines].join("\n");
const rowsOf = (content: string) => {
  const { indptr, indices } = edgesOf(readMatrixMarket(content, "matrix"), "matrix");
  return Array.from({ length: indptr.length - 1 }, (_, node) => [
    ...indices.subarray(indptr[node], indptr[node + 1]),
  ]);
};

describe("a Matrix Market file", () => {
  it("is known by its first words, whatever their case", () => {
    expect(isMatrixMarket("\xef\xbb\xbf%%MatrixMarket matrix coordinate")).toBe(true);
    expect(isMatrixMarket("%%matrixmarket MATRIX")).toBe(true);
    expect(isMatrixMarket("% MatrixMarket")).toBe(false);
  });

  it("has rows that attend columns", () => {
    const expected = [[0, 2], [0, 1], [2]];
    const entries = ["3 3 2", "1 3", "2 1"];
    expect(rowsOf(file("coordinate pattern general", ...entries))).toEqual(expected);
    expect(
      rowsOf(file("coordinate real general", "% a comment", "3 3 2", "1 3 0.5", "", "2 1 -1e3")),
    ).toEqual(expected);
    expect(rowsOf(file("coordinate complex general", "3 3 2", "1 3 0.5 1\r", "2 1 1 1\r"))).toEqual(expected);
    expect(rowsOf(file("COORDINATE Integer General", ...entries.map((line) => ` ${line} `)))).toEqual(
      expected,
    );
  });

  it("has entries both ways if it is symmetric, and any node twice or alone", () => {
    for (const kind of ["symmetric", "skew-symmetric", "hermitian"]) {
      expect(rowsOf(file(`coordinate real ${kind}`, "4 4 4", "2 1 1", "2 1 1", "3 3 1", "3 1 2"))).toEqual([
        [0, 1, 2],
        [0, 1],
        [0, 2],
        [3],
      ]);
    }
    expect(rowsOf(file("coordinate pattern general", "2 2 0"))).toEqual([[0], [1]]);
  });

  it.each<[string, string, string]>([
    [
      "a dense matrix",
      file("array real general", "2 2", "1"),
      "must be a coordinate matrix, got 'matrix array real general'",
    ],
    ["a vector", "%%MatrixMarket vector coordinate", "must be a coordinate matrix, got 'vector coordinate'"],
    [
      "nothing but its first line",
      file("coordinate pattern general"),
      "must say its size, got no line with it",
    ],
    [
      "no square",
      file("coordinate pattern general", "2 3 1", "1 1"),
      "must be square, of 1 to 16777216 nodes, got 2 × 3",
    ],
    ["no nodes", file("coordinate pattern general", "0 0 0"), "got 0 × 0"],
    ["words for sizes", file("coordinate pattern general", "a b c"), "got NaN × NaN"],
    [
      "more than can be kept",
      file("coordinate pattern general", "9 9 1e12"),
      "must have as many entries as it says, got 1000000000000 for a file of 57 bytes",
    ],
    [
      "too few entries",
      file("coordinate pattern general", "2 2 2", "1 1"),
      "must have 2 entries, as it says, got 1; was writing or loading it cut short?",
    ],
    [
      "too many entries",
      file("coordinate pattern general", "2 2 1", "1 1", "1 2"),
      "must have 1 entries, as it says, got more in line 4",
    ],
    [
      "a column that is none",
      file("coordinate pattern general", "2 2 1", "1 3"),
      "rows and columns from 1 to 2, got '1 3' in line 3",
    ],
    ["half an entry", file("coordinate pattern general", "2 2 1", "1"), "got '1' in line 3"],
    [
      "an entry of words",
      file("coordinate pattern general", "2 2 1", "\u001bx 1"),
      "got '\\u{1b}x 1' in line 3",
    ],
  ])("is refused in one line: %s", (_, content, message) => {
    expect(refusal(() => readMatrixMarket(content, "matrix"))).toContain(message);
  });
});
