import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenize } from "../../src/input/tokens.ts";

function tokensOf(text: string): string[] {
  const { distinct, ids } = tokenize(text);
  return Array.from(ids, (id) => distinct[id]);
}

describe("tokens", () => {
  it.each<[string, string[]]>([
    ["Attention is all you need.", ["attention", "is", "all", "you", "need", "."]],
    ["Don't stop — l’été!", ["don't", "stop", "—", "l’été", "!"]],
    ["x=3.14", ["x", "=", "3", ".", "14"]],
    ["日本語 ok カナ", ["日", "本", "語", "ok", "カ", "ナ"]],
    ["E\u0301cole ÉCOLE", ["école", "école"]],
    ["हिन्दी Straße", ["हिन्दी", "straße"]],
    ["a\u0000b\tc\r\n😀", ["a", "b", "c", "😀"]],
    [" \n\t\u200b\u0301", []],
    ["", []],
  ])("of %j are words, numbers and marks", (text, expected) => {
    expect(tokensOf(text)).toEqual(expected);
  });

  it("leave no letter, digit or mark out and are each without spaces", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const tokens = tokensOf(text);
        const kept = /[\p{L}\p{N}\p{P}\p{S}]/gu;
        const normal = text.normalize("NFC").toLowerCase();
        expect(tokens.join("").match(kept)).toEqual(normal.match(kept));
        expect(tokens.every((token) => !/\s/u.test(token))).toBe(true);
      }),
    );
  });

  it.each(["a", "9", "a'", "́"])("survive a text of nothing but %j", (unit) => {
    expect(tokensOf(unit.repeat(500_000)).every((token) => token.length <= 256)).toBe(true);
  });
});
