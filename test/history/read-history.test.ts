import { appendFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptedText } from "../../src/history/accepted.ts";
import { HEAD_LINE, lineOf } from "../../src/history/entry-line.ts";
import { historyOf, readHistory } from "../../src/history/read-history.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { historyText, sampleAccepted, sampleEntry, samplePlace } from "./sample-entries.ts";

const folder = scratchFolder();
const entries = [0, 1, 2].map((index) => sampleEntry(index));
const ids = (paths: readonly string[]) => readHistory(paths).entries.map(({ id }) => id);
const told = entries.map(({ id }) => id);
const read = (content: string) => readHistory([folder.write("h.jsonl", content)]);

describe("a history", () => {
  test("is the same in any order of its lines, with lines twice, blank ones and the head again", () => {
    const accepted = [sampleAccepted(0), sampleAccepted(1), sampleAccepted(1, { cells: ["local*"] })];
    const lines = [HEAD_LINE, ...entries.map(lineOf), ...accepted.map(acceptedText)];
    const some = fc.shuffledSubarray([...lines, ...lines, "\n", "\r\n"], { minLength: 12, maxLength: 16 });
    fc.assert(
      fc.property(some, (chosen) => {
        fc.pre(lines.every((line) => chosen.includes(line)));
        const path = folder.write("any.jsonl", chosen.join(""));
        expect(readHistory([path])).toEqual({
          ...historyOf(entries),
          accepted: accepted
            .toSorted((a, b) => (acceptedText(a) < acceptedText(b) ? -1 : 1))
            .toSorted((a, b) => (a.accepted < b.accepted ? -1 : a.accepted > b.accepted ? 1 : 0)),
          truncated: [],
        });
      }),
    );
  });

  test("may be several files, of which each entry counts once", () => {
    const a = folder.write("a.jsonl", historyText(entries.slice(0, 2)));
    const b = folder.write("b.jsonl", historyText(entries.slice(1)));
    expect(ids([a, b])).toEqual(told);
    expect(ids([b, a])).toEqual(told);
    expect(ids([a, a])).toEqual(told.slice(0, 2));
  });

  test("that a kill or a full disk cut off anywhere holds the entries that are whole", () => {
    const text = historyText(entries);
    const path = join(folder.path, "cut.jsonl");
    const starts = [...text.matchAll(/^/gm)].map(({ index }) => index);
    for (let size = text.length; size >= HEAD_LINE.length; size -= 17) {
      writeFileSync(path, text);
      truncateSync(path, size);
      const whole = starts
        .filter((start) => start + 1 < size)
        .filter((_, at) => {
          const next = starts[at + 1] ?? text.length;
          return next - 1 <= size && at > 0;
        });
      const found = readHistory([path]);
      expect(found.entries.length, `${size}`).toBe(whole.length);
      expect(found.truncated.length, `${size}`).toBe(
        starts.some((start) => start === size || start === size + 1) ? 0 : 1,
      );
    }
  });

  test("that is empty has no entries, and one that begins with a byte-order mark is read", () => {
    expect(read("").entries).toEqual([]);
    expect(read(HEAD_LINE).entries).toEqual([]);
    expect(read(`\ufeff${historyText(entries)}`).entries.length).toBe(3);
  });
});

const line = lineOf(entries[0]);
const changed = (from: string | RegExp, to: string) => HEAD_LINE + line.replace(from, to);

describe("what is no history is refused in one line:", () => {
  test.each([
    [
      "a conflict of git",
      `${HEAD_LINE}<<<<<<< HEAD\n${line}=======\n>>>>>>> b\n`,
      /line 2: must be an entry, got a mark of a conflict of git; remove the lines that begin .* merge=union' into \.gitattributes$/,
    ],
    ["its middle", `${HEAD_LINE}${line}=======\n`, /line 3: must be an entry, got a mark of a conflict/],
    ["no head", line, /must hold the line \{"type":"history","schema":1\}, got none; add it$/],
    [
      "a later version",
      '{"type":"history","schema":2}\n',
      /line 1: the schema must be 1, got 2; use the version/,
    ],
    ["no JSON", `${HEAD_LINE}hello\n`, /line 2 must be JSON, got hello; restore the line, or remove it$/],
    [
      "another id",
      changed(/"id":"\w+"/, '"id":"0123456789abcdef"'),
      /line 2: id must be [0-9a-f]{16}, by its content, got 0123456789abcdef; restore/,
    ],
    ["a changed time", changed("[0.001]", "[0.002]"), /line 2: id must be/],
    [
      "a short commit",
      changed(/"commit":"\w+"/, '"commit":"abc"'),
      /line 2: commit: must be 40 or 64 hexadecimal digits/,
    ],
    [
      "a year of five digits",
      changed(/"committed":"[^"]*"/, '"committed":"+010000-01-01T00:00:00Z"'),
      /line 2: committed: must be a time in UTC/,
    ],
    [
      "a day that is none",
      changed(/"committed":"[^"]*"/, '"committed":"2026-02-31T25:00:00Z"'),
      /line 2: committed: must be a time/,
    ],
    [
      "a local time",
      changed(/"measured":"[^"]*"/, '"measured":"2026-01-01T00:00:00+02:00"'),
      /line 2: measured: must be a time in UTC/,
    ],
    ["a time of nothing", changed("[0.001]", "[0]"), /line 2: cells: must hold the median of each cell/],
    ["an interval elsewhere", changed("[0.001]", "[0.001,0.002,0.003]"), /line 2: cells: must hold/],
    ["no cells", changed(/"cells":\{.*\}/, '"cells":{}}'), /line 2: cells: must hold/],
    [
      "a name that a terminal obeys",
      changed("full/", "\\u001b[2Jfull/"),
      /line 2: cells: must hold .* control character/,
    ],
    ["a field of tomorrow", changed('"source"', '"colour":"red","source"'), /line 2: must not have colour/],
    ["an unknown line", `${HEAD_LINE}{"type":"note"}\n`, /line 2: type: must be of a known kind/],
    [
      "results",
      '{"type":"run"}\n',
      /line 1: the file is a results file of attnbench run, .* reads; give a file that attnbench history add wrote$/,
    ],
  ])("%s", (_, content, says) => {
    const refused = () => read(content);
    expect(refused).toThrow(says);
    expect(refused).toThrow(/^history: \S+h\.jsonl/);
  });

  test("a line without an end, of which no more than a piece is held", () => {
    const path = folder.write("long.jsonl", HEAD_LINE);
    for (let mebibytes = 0; mebibytes < 20; mebibytes++) appendFileSync(path, " ".repeat(2 ** 20));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => readHistory([path])).toThrow(
      /line 2: a line must have at most 16777216 bytes, got more; remove the line$/,
    );
    expect(statSync(path).size).toBeGreaterThan(2 ** 24);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27);
  });

  test("one of more entries than memory holds, before they are all read", () => {
    const path = folder.write("many.jsonl", `${historyText(entries)}no entry`);
    expect(() => readHistory([path], 30)).toThrow(
      /^history: must hold at most 30 times to be read at once, got more; name fewer files, such as the years that matter$/,
    );
    expect(() => readHistory([path], 36)).not.toThrow();
  });

  test("one of more machines than can be held against each other", () => {
    const many = Array.from({ length: 1001 }, (_, at) =>
      sampleEntry(at, { place: samplePlace({ cpu: `${at}` }) }),
    );
    const path = folder.write("machines.jsonl", historyText(many));
    expect(() => readHistory([path])).toThrow(
      /must be of at most 1000 machines and runtimes to be read at once, got more/,
    );
    expect(historyOf(many.slice(1)).machines).toHaveLength(1000);
  });

  test("a path that leads nowhere", () => {
    expect(() => readHistory([join(folder.path, "none.jsonl")])).toThrow(
      /none\.jsonl: no such file or folder$/,
    );
    expect(() => readHistory([folder.path])).toThrow(/must be a regular file, got a folder/);
  });
});
