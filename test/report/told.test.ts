import { describe, expect, it } from "vitest";
import type { Entry, Measured } from "../../src/report/ranking/entry.ts";
import { tellerOf, told } from "../../src/report/told/index.ts";
import { pointOn, sampleEntry } from "./ranking/sample-entry.ts";

const lengths = [256, 512, 1024, 2048];

/** An entry with these seconds at the lengths, each known to a tenth unless said otherwise. */
function timed(place: number, seconds: readonly number[], more: Partial<Entry> = {}): Entry {
  return sampleEntry(
    place,
    seconds.map((value, at) => pointOn(lengths[at], value, { memory: 1024 * (place + 1) * (at + 1) })),
    { baseline: 0, ...more },
  );
}

const asked = (entries: readonly Entry[], all = entries) => ({ entries, all, baseline: "full" });

describe("the fastest by length", () => {
  const full = timed(0, [1, 2, 4, 8]);
  const other = timed(1, [2, 3, 3, 3]);

  it("are told by stretches of measured lengths, and one that is fastest at all of them as such", () => {
    expect(told("fastest", asked([full, other]))).toBe(
      "Fastest by length: variant-0 to 512, variant-1 from 1k on.",
    );
    expect(told("fastest", asked([full]))).toBe("Fastest at every length from 256 to 2k: variant-0.");
    expect(told("fastest", asked([timed(0, [1])]))).toBe("Fastest at 256, the only length: variant-0.");
    expect(told("fastest", asked([]))).toBeNull();
  });

  it("stay in one stretch as long as one of them cannot be told from the best", () => {
    const near = timed(2, [1.1, 2.1, 3.1, 3.1]);
    expect(told("fastest", asked([full, other, near]))).toBe(
      "Fastest at every length from 256 to 2k: variant-2.",
    );
    const sure = [1, 2, 3, 3].map((value): Measured => ({ value, low: value, high: value }));
    const exact = (place: number, factor: number) =>
      sampleEntry(
        place,
        sure.map((time, at) => ({
          ...pointOn(lengths[at], 1),
          time: { ...time, value: time.value * factor },
        })),
      );
    expect(told("fastest", asked([exact(0, 1), exact(1, 1)]))).toMatch(/: variant-0 or variant-1\.$/);
  });

  it("are those at the end if there are more than a sentence holds, and by setting if settings differ", () => {
    const many = Array.from({ length: 6 }, (_, place) =>
      sampleEntry(
        place,
        Array.from({ length: 6 }, (_, at) => pointOn(2 ** (8 + at), at === place ? 1 : 9)),
      ),
    );
    expect(told("fastest", asked(many))).toBe(
      "Fastest at last: variant-2 at 1k, variant-3 at 2k, variant-4 at 4k, variant-5 at 8k.",
    );
    const settings = ["batch 1", "batch 2", "batch 3"].map((setting, place) =>
      timed(place, [1, 1], { setting }),
    );
    expect(told("fastest", asked(settings))).toBe(
      "Fastest by setting, batch 1: variant-0 at every length; batch 2: variant-1 at every length; and 1 more.",
    );
  });
});

describe("an answer about some of the entries", () => {
  const paying = (place: number, kind: Entry["pays"]["kind"], from: number | null) =>
    timed(place, [1, 1], { pays: { kind, text: "", from }, variant: `variant-${place}` });
  const all = [
    timed(0, [4, 4], { label: "full" }),
    paying(1, "always", 0),
    paying(2, "from", 300),
    paying(3, "from", 2000),
    paying(4, "never", null),
  ];

  it("counts these alone", () => {
    expect(told("pays", asked(all))).toBe(
      "Of 4, faster than full: 1 at every length, 2 from 300 to 2.00k on, 1 nowhere yet.",
    );
    expect(told("pays", asked(all.slice(2, 3), all))).toBe("Of 1, faster than full: 1 from 300 on.");
    expect(told("pays", asked(all.slice(0, 1), all))).toBeNull();
  });

  it("names the baseline's memory beside theirs, though it is not among them", () => {
    expect(told("memory", asked(all.slice(2, 4), all))).toBe(
      "At 512 the workspace is 6.00 KiB (variant-2) to 8.00 KiB (variant-3); full 2.00 KiB.",
    );
    expect(told("memory", asked(all.slice(0, 1), all))).toBe("At 512 the workspace is 2.00 KiB.");
  });

  it("is about the longest length that one of them reaches", () => {
    const last = (place: number, length: number, value: number) =>
      timed(place, [1], { last: { ceiling: { length, value } } });
    const known = [last(0, 4096, 0.9), last(1, 2048, 0.2), last(2, 2048, 0.4), last(3, 1024, 0.7)];
    expect(told("limit", asked(known))).toBe(
      "At 2k: 20 % (variant-1) to 40 % (variant-2) of the machine's ceiling.",
    );
    expect(told("limit", asked(known.slice(3)))).toBe("At 1k: 70 % of the machine's ceiling.");
    expect(told("limit", asked(known.slice(0, 1)))).toBe("At 4k: 90 % of the machine's ceiling.");
  });

  it("says whether these grow as theory says", () => {
    const growth = (steep: string | null) => ({ text: "", slope: 1, declared: 1, steep });
    const some = [timed(1, [1], { growth: growth(null) }), timed(2, [1], { growth: growth("N^1.90") })];
    expect(told("growth", asked(some))).toBe(
      "1 of 2 curves grows clearly steeper than declared: variant-2 (N^1.90, declared 1).",
    );
    expect(told("growth", asked(some.slice(0, 1)))).toBe(
      "Yes: of 1 curve none grows clearly steeper than declared.",
    );
  });
});

it("an answer of no name is none", () => {
  const names = [undefined, "", "constructor", "__proto__", "pays"];
  expect(names.map(tellerOf)).toEqual([null, null, null, null, "pays"]);
});
