import fc from "fast-check";
import { expect, test } from "vitest";
import type { HistoryCell, StoredEntry } from "../../src/history/entry.ts";
import { entryOf, idOf, lineOf, storedEntry } from "../../src/history/entry-line.ts";
import { historyLine, isName } from "../../src/history/schema.ts";
import { commitHash, dayOf, sampleEntry, samplePlace } from "./sample-entries.ts";

function read(line: string): StoredEntry {
  const parsed = historyLine.parse(JSON.parse(line));
  if (parsed.type !== "entry") throw new Error("the line must be an entry");
  return entryOf(parsed);
}

const times = fc.double({ min: 1e-12, max: 1e9, noNaN: true });
const cell: fc.Arbitrary<HistoryCell> = fc.oneof(
  times.map((median_s) => ({ median_s })),
  fc.tuple(times, times, times).map((three) => {
    const [low_s, median_s, high_s] = three.toSorted((a, b) => a - b);
    return { median_s, low_s, high_s };
  }),
);
/** Also those that objects have anyway, and digits, which objects move to their front. */
const name = fc
  .oneof(
    fc.constantFrom("__proto__", "constructor", "toString", "7", "<b>", "a|b", "'; rm -rf ~"),
    fc.string({ minLength: 1, maxLength: 20, unit: "binary" }),
  )
  .filter(isName);
const entry = fc
  .record({
    cells: fc.uniqueArray(fc.tuple(name, cell), { minLength: 1, maxLength: 6, selector: ([key]) => key }),
    index: fc.nat(1000),
    source: fc.constantFrom("run", "gate", "sweep"),
    dirty: fc.constantFrom(true as const, undefined),
    class: fc.constantFrom("epyc", undefined),
    place: fc.constantFrom(samplePlace(), samplePlace({ caches: { constructor: 1, L1d: 2 } })),
  })
  .map(({ cells, index, ...fields }): Omit<StoredEntry, "id"> => {
    const moments = { committed: dayOf(index), measured: dayOf(index + 1) };
    return { commit: commitHash(index), ...moments, ...fields, cells: new Map(cells) };
  });

test("an entry is read from its line as it was written, whatever its cells are called", () => {
  fc.assert(
    fc.property(entry, (one) => {
      const stored = storedEntry(one);
      const back = read(lineOf(stored));
      expect(back.id).toBe(idOf(back));
      expect(lineOf(back)).toBe(lineOf(stored));
      expect([...back.cells].sort()).toEqual([...stored.cells].sort());
      expect(back.cells.size).toBe(one.cells.size);
    }),
  );
});

test("the order of cells and of fields makes no other entry, and any other content does", () => {
  fc.assert(
    fc.property(entry, entry, (a, b) => {
      const turned = { ...a, cells: new Map([...a.cells].reverse()) };
      expect(lineOf(storedEntry(turned))).toBe(lineOf(storedEntry(a)));
      const same =
        JSON.stringify(read(lineOf(storedEntry(a)))) === JSON.stringify(read(lineOf(storedEntry(b))));
      const alike = [a, b].map((one) => lineOf(storedEntry(one)).replace(/"id":"\w+",/, ""));
      if (!same) expect(storedEntry(a).id === storedEntry(b).id).toBe(alike[0] === alike[1]);
    }),
  );
});

test("times are kept to five significant digits", () => {
  const { cells } = sampleEntry(0, { cells: { a: 1.234567e-6, b: 0.99999949, c: 5e-324 + 1e-12 } });
  expect([...cells.values()].map(({ median_s }) => median_s)).toEqual([1.2346e-6, 1, 1e-12]);
});

test("a line is compact, says what it is first, and has the same bytes each time", () => {
  const line = lineOf(sampleEntry(0, { cells: { b: 1e-3, a: 2e-3 } }));
  expect(line).toBe(lineOf(sampleEntry(0, { cells: { a: 2e-3, b: 1e-3 } })));
  expect(line).toMatch(
    /^\{"type":"entry","id":"[0-9a-f]{16}","commit":"[0-9a-f]{40}","committed":"2026-01-01T00:00:00Z",.*,"cells":\{"a":\[0\.002\],"b":\[0\.001\]\}\}\n$/,
  );
});
