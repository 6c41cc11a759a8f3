import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { preparedOnce, type WrittenHead } from "../../../src/kernels/wasm/prepared-once.ts";

const PREPARING = { from: 0, to: 12 };
const PASS = { from: 12, to: 24 };

const packs = head(true, false);
const checks = head(false, true);
const both = head(true, true);
const neither = head(false, false);

describe("what heads that share k and v prepare", () => {
  it("is prepared by the first of them, and left as it is by the others", () => {
    expect(prepared([both, both, both, both], 2)).toEqual(["pack check", "", "pack check", ""]);
    expect(prepared([packs, packs, packs], 1)).toEqual(["pack", "", ""]);
    expect(prepared([neither, neither], 1)).toEqual(["", ""]);
  });

  it("is prepared by each where none are shared", () => {
    expect(prepared([both, packs, checks, neither], 4)).toEqual(["pack check", "pack", "check", ""]);
  });

  it("is prepared by a later one that needs what the first did not", () => {
    expect(prepared([neither, packs, checks, both], 1)).toEqual(["", "pack", "check", ""]);
    expect(prepared([packs, both, both], 1)).toEqual(["pack", "pack check", ""]);
    expect(prepared([checks, neither, packs, checks], 1)).toEqual(["check", "", "pack", ""]);
  });
});

function head(packsKeys: boolean, checksValues: boolean): WrittenHead {
  return {
    items: { packsKeys, checksValues },
    words: { packsKeys: Number(packsKeys), checksValues: Number(checksValues) },
    phases: packsKeys || checksValues ? [PREPARING, PASS] : [PASS],
  };
}

/** What each head does before its pass; only who checks values may say that they are finite so far. */
function prepared(heads: readonly WrittenHead[], kvHeads: number): string[] {
  const shape = shapeOf({ batch: 1, heads: heads.length, kvHeads, length: 8, headDim: 4 });
  return preparedOnce(heads, shape).map(({ words, phases }) => {
    expect(phases.at(-1)).toBe(PASS);
    const does = phases.includes(PREPARING);
    expect(words.finite).toBe(does && words.checksValues === 1 ? 1 : undefined);
    const names = [words.packsKeys === 1 && "pack", words.checksValues === 1 && "check"];
    return does ? names.filter((name) => name !== false).join(" ") : "";
  });
}
