import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BoundPattern, Pattern } from "../../../src/core/pattern.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { compileDecode, type DecodeSchedule } from "../../../src/kernels/decode/compile-decode.ts";
import { isSoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { causal } from "../../../src/pattern/causal.ts";
import { union } from "../../../src/pattern/union.ts";
import { variants } from "../../../variants/index.ts";
import { algebraWithDraws, combs, lengths, type Stated } from "../../pattern/arbitrary-patterns.ts";
import { patternOf } from "../../variants/bound-variant.ts";
import { attendsNothing, everyThirdRow, strictPast } from "../hand-written-patterns.ts";

/** Causal patterns at one length and head: any of the algebra, unions of combs, and some as plug-ins write them. */
const boundPatterns = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: algebraWithDraws },
      { weight: 1, arbitrary: combs.map(({ pattern }) => pattern) },
      { weight: 2, arbitrary: fc.array(combs, { minLength: 2, maxLength: 4 }).map(unionOf) },
      { weight: 1, arbitrary: fc.constantFrom(attendsNothing, everyThirdRow, strictPast) },
    ),
    lengths,
    fc.nat(3),
  )
  .map(([pattern, length, head]) => causal(pattern).bind({ length, head }));

function unionOf(parts: readonly Stated[]): Pattern {
  return union(...parts.map(({ pattern }) => pattern));
}

/** The slots of one row in the order of its pieces. */
function slotsOfRow({ pieces, rowAt, lastCount }: DecodeSchedule, row: number): number[] {
  const at = rowAt[row];
  const slots: number[] = [];
  for (let piece = 0; piece < pieces[at]; piece++) {
    const count = piece === pieces[at] - 1 ? lastCount[row] : pieces[at + 3 + 3 * piece];
    expect(count).toBeGreaterThan(0);
    for (let n = 0; n < count; n++) slots.push(pieces[at + 1 + 3 * piece] + n * pieces[at + 2 + 3 * piece]);
  }
  return slots;
}

function attended(pattern: BoundPattern, query: number): number[] {
  return Array.from({ length: pattern.length }, (_, key) => key).filter((key) => pattern.attends(query, key));
}

describe("a decoding schedule", () => {
  it("finds each attended key in its slot, once, and no other, whatever the pattern", () => {
    fc.assert(
      fc.property(boundPatterns, (pattern) => {
        const schedule = compileDecode(pattern);
        /** Which key lies in each slot. */
        const cache: number[] = [];
        for (let query = 0; query < pattern.length; query++) {
          if (schedule.slotOf[query] >= 0) cache[schedule.slotOf[query]] = query;
          const keys = slotsOfRow(schedule, query).map((slot) => cache[slot]);
          expect(keys.sort((a, b) => a - b)).toEqual(attended(pattern, query));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("knows the last query of each key, and keeps every key through that and no longer", () => {
    fc.assert(
      fc.property(boundPatterns, (pattern) => {
        const { length } = pattern;
        const schedule = compileDecode(pattern);
        const last = Array.from({ length }, (_, key) => {
          let query = length - 1;
          while (query >= 0 && !pattern.attends(query, key)) query--;
          return query;
        });
        expect([...schedule.lastQuery]).toEqual(last);
        for (let position = 0; position <= length; position++) {
          const kept = last.filter((query, key) => key < position && query >= Math.max(key, position - 1));
          expect(schedule.keptKeys[position]).toBe(kept.length);
        }
      }),
    );
  });

  it("has slots for no more keys than one step needs, and at most a third or a stride on top", () => {
    fc.assert(
      fc.property(boundPatterns, (pattern) => {
        const { capacity, slots, lastQuery, slotOf } = compileDecode(pattern);
        let most = 0;
        for (let query = 0; query < capacity; query++) {
          most = Math.max(most, lastQuery.filter((last, key) => key <= query && last >= query).length);
        }
        const stride = Math.min(capacity, pattern.combs[0]?.stride ?? 0);
        expect(slots).toBeGreaterThanOrEqual(most);
        expect(slots).toBeLessThanOrEqual(Math.max(most * (4 / 3), most + stride));
        for (const slot of slotOf) expect(slot).toBeLessThan(slots);
      }),
    );
  });

  it("knows the longest row", () => {
    fc.assert(
      fc.property(boundPatterns, (pattern) => {
        const rows = Array.from({ length: pattern.length }, (_, query) => attended(pattern, query).length);
        expect(compileDecode(pattern).mostKeys).toBe(Math.max(...rows));
      }),
    );
  });

  it("keeps of each variant what its pattern asks for, and no more", () => {
    const length = 4096;
    const slots = (id: string, overrides = {}): number => {
      const variant = variants.find((one) => one.id === id) as (typeof variants)[number];
      return compileDecode(causal(patternOf(variant, overrides)).bind({ length, head: 0 })).slots;
    };
    expect(slots("full")).toBe(length);
    expect(slots("local")).toBe(129);
    expect(slots("local", { left: 3 })).toBe(4);
    expect(slots("global")).toBe(16);
    expect(slots("longformer", { stride: 0 })).toBe(16 + 129);
    expect(slots("stride")).toBe(length);
    // Ten teeth before the query's own: a ring of eleven in each residue class.
    expect(slots("stride", { stride: 64, reach: 640 })).toBe(64 * 11);
    // The last block of queries attends all.
    expect(slots("bigbird")).toBe(length);
    expect(slots("bigbird", { global: 0, random: 0 })).toBe(128);
  });

  it("is a few words a row at most where rows repeat or only grow", () => {
    for (const [id, most] of [
      ["full", 3],
      ["local", 1000],
      ["global", 10],
      ["stride", 200],
      ["bigbird", 20_000],
    ] as const) {
      const variant = variants.find((one) => one.id === id) as (typeof variants)[number];
      const { mechanism } = parameterize(variant, {});
      if (!isSoftmaxPattern(mechanism)) continue;
      const { pieces } = compileDecode(causal(mechanism.pattern).bind({ length: 65_536, head: 0 }));
      expect(pieces.length).toBeLessThanOrEqual(most);
    }
  });
});
