import fc from "fast-check";
import { expect, test } from "vitest";
import { packedEntries, unpackedEntries } from "../../../src/report/ranking/packed-entries.ts";
import { sampleEntry } from "./sample-entry.ts";

const number = fc.double({ min: 0, max: 1e12, noNaN: true }).map((value) => Number(value.toPrecision(6)));
const known = fc.option(number);
const measured = fc.record({ value: number, low: known, high: known });
const point = fc.record({
  length: fc.integer({ min: 1, max: 2 ** 40 }),
  time: measured,
  gain: fc.option(measured),
  memory: known,
  state: known,
  error: known,
  saved: known,
});

test("what is packed comes back from the page as it was, to six digits", () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 3 }), (points) => {
      const entries = [sampleEntry(0, points)];
      const read = JSON.parse(JSON.stringify(packedEntries(entries)));
      expect(unpackedEntries(read)).toEqual(JSON.parse(JSON.stringify(entries)));
    }),
  );
});

test("a third of a second is a third to six digits, and a whole number stays whole", () => {
  const time = { value: 1 / 3, low: null, high: null };
  const entry = sampleEntry(0, [
    { length: 12345678, time, gain: null, memory: 2 ** 40 + 1, state: null, error: null, saved: null },
  ]);
  expect(packedEntries([entry])[0].points).toEqual([
    [12345678, 0.333333, null, null, null, null, null, 2 ** 40 + 1],
  ]);
});
