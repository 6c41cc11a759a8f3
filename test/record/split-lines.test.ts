import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lineSplitter, type TextLine } from "../../src/record/split-lines.ts";
import { refusal } from "../input/refusal.ts";

function split(pieces: readonly Buffer[]): {
  lines: TextLine[];
  rest: ReturnType<ReturnType<typeof lineSplitter>["end"]>;
} {
  const splitter = lineSplitter("results", "mine.jsonl");
  const lines = pieces.flatMap((piece) => [...splitter.push(piece)]);
  return { lines, rest: splitter.end() };
}

const text = fc
  .array(fc.constantFrom('{"a":"é猫🐈"}\n', "", "  ", "\n", "\r\n", "\n\n", "{", "x", "[1]\r\n", "7"), {
    maxLength: 30,
  })
  .map((parts) => parts.join(""));
const marked = fc
  .tuple(fc.constantFrom("", "\ufeff"), text, fc.constantFrom("", "{}", '{"a":[1]} '))
  .map((parts) => parts.join(""));

test("a file has the same lines in whatever pieces it comes", () => {
  fc.assert(
    fc.property(marked, fc.array(fc.nat(200)), (content, cuts) => {
      const bytes = Buffer.from(content);
      const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
      const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      expect(split(pieces)).toEqual(split([bytes]));
    }),
  );
});

test("its lines are those of the text, with their numbers and their bytes", () => {
  fc.assert(
    fc.property(marked, (content) => {
      const bytes = Buffer.from(content);
      const expected = content.replace(/^\ufeff/, "").split("\n");
      // A last line without its end counts where it is closed.
      const last = expected[expected.length - 1];
      if (!/^\s*(\{"a":.*\}|\{\}|\[1\])\s*$/.test(last)) expected.pop();
      const { lines, rest } = split([bytes]);
      const all = [...lines, ...rest.lines];
      expect(all.map(({ text: one, number }) => [number, one])).toEqual(
        expected.map((one, index) => [index + 1, one] as const).filter(([, one]) => one.trim() !== ""),
      );
      for (const { text: one, from, to } of all) {
        expect(bytes.toString("utf8", from, to)).toBe(
          one + (to === bytes.length && !content.endsWith("\n") ? "" : "\n"),
        );
      }
      expect(rest.bytes).toBe(bytes.length);
    }),
  );
});

test("a line that no text can be is refused before it is read whole", () => {
  const splitter = lineSplitter("results", "mine.jsonl");
  const piece = Buffer.alloc(2 ** 24, "x");
  const said = refusal(() => {
    for (let count = 0; count < 20; count++) for (const _ of splitter.push(piece));
  });
  expect(said).toMatch(/^results: mine\.jsonl line 1: a line must have at most 268435456 bytes, got more/);
});
