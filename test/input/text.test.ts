import { createHash } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { layoutOf, offsetIn, overTokens, rowOffset, type Shape, shapeOf } from "../../src/core/shape.ts";
import type { AttentionInputs } from "../../src/core/tensors.ts";
import { textSource } from "../../src/input/text.ts";
import { refusal, thrownBy } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { takePrefix } from "./take-prefix.ts";

const folder = scratchFolder();
const words = (count: number) =>
  Array.from({ length: count }, (_, index) => `w${"abcdefg"[index % 7]}${"xyz"[index % 3]}`);
const path = folder.write("words.txt", words(300).join(" "));

const shapes = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    heads: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 100 }),
    headDim: fc.integer({ min: 1, max: 5 }),
  })
  .map(shapeOf);

describe("a text as input", () => {
  it("is a prefix of itself at any greater length", () => {
    fc.assert(
      fc.property(shapes, fc.integer(), fc.nat(99), (shape, seed, less) => {
        const source = textSource(path, seed);
        const length = Math.max(1, shape.length - less);
        expect(source.inputs(overTokens(shape, length))).toEqual(takePrefix(source.inputs(shape), length));
      }),
      { numRuns: 30 },
    );
  });

  it("says in its name that nothing was trained", () => {
    const source = textSource(path, 0);
    expect(source.name).toBe(`text:${path} (untrained projections)`);
    expect(source.maxLength).toBe(300);
    expect(source.fixed).toBeUndefined();
  });

  it("takes batch entries from sections of the text, which begin at the same place at any length", () => {
    const shape: Shape = shapeOf({ batch: 3, heads: 2, length: 7, headDim: 3 });
    const { q } = textSource(path, 9).inputs(shape);
    for (let entry = 0; entry < 3; entry++) {
      const section = folder.write(
        "section.txt",
        words(300)
          .slice(entry * 100)
          .join("\n"),
      );
      const alone = textSource(section, 9).inputs({ ...shape, batch: 1 });
      expect(q.subarray(entry * 42, (entry + 1) * 42)).toEqual(alone.q);
    }
  });

  it("embeds a word by its letters: equal words at equal places are equal, whatever stands around them", () => {
    const shape: Shape = shapeOf({ batch: 1, heads: 1, length: 3, headDim: 8 });
    const one = textSource(folder.write("one.txt", "red green blue"), 4).inputs(shape);
    const other = textSource(folder.write("other.txt", "Blue, Green!"), 4).inputs(shape);
    const third = textSource(folder.write("third.txt", "blue green red"), 4).inputs(shape);
    expect(one.k.subarray(8, 16)).toEqual(third.k.subarray(8, 16));
    expect(other.k.subarray(0, 8)).toEqual(third.k.subarray(0, 8));
    expect(one.k.subarray(0, 8)).not.toEqual(third.k.subarray(0, 8));
  });

  it("adds the position to a word, however far into the text", () => {
    // In one dimension a row is w (e + sin p), so that of one word repeated the differences are those of the sines.
    const repeated = folder.write("same.txt", "the ".repeat(200));
    const { q } = textSource(repeated, 4).inputs(shapeOf({ batch: 1, heads: 1, length: 200, headDim: 1 }));
    for (const at of [2, 63, 64, 65, 199]) {
      expect((q[at] - q[0]) / (q[1] - q[0])).toBeCloseTo(Math.sin(at) / Math.sin(1), 4);
    }
  });

  it("has coordinates of variance about 1 in q, k and v, which differ", () => {
    const varied = Array.from({ length: 600 }, (_, index) => `n${String.fromCharCode(0x4e00 + index)}`).join(
      " ",
    );
    const inputs = textSource(folder.write("varied.txt", varied), 11).inputs(
      shapeOf({
        batch: 1,
        heads: 4,
        length: 1000,
        headDim: 16,
      }),
    );
    for (const tensor of [inputs.q, inputs.k, inputs.v]) {
      const meanSquare = tensor.reduce((sum, value) => sum + value * value, 0) / tensor.length;
      expect(meanSquare).toBeGreaterThan(0.8);
      expect(meanSquare).toBeLessThan(1.2);
    }
    expect(inputs.q).not.toEqual(inputs.k);
    expect(inputs.k).not.toEqual(inputs.v);
  });

  it("depends on the seed alone", () => {
    const shape: Shape = shapeOf({ batch: 1, heads: 2, length: 5, headDim: 4 });
    const inputs = textSource(path, 1).inputs(shape);
    expect(textSource(path, 1).inputs(shape)).toEqual(inputs);
    expect(textSource(path, 2).inputs(shape).q).not.toEqual(inputs.q);
  });

  it("skips a byte order mark", () => {
    expect(textSource(folder.write("bom.txt", "\ufeffone two"), 0).maxLength).toBe(2);
  });

  it("refuses a text that is not UTF-8, empty or missing", () => {
    const latin = folder.write("latin.txt", Buffer.from("caf\xe9 noir", "latin1"));
    expect(refusal(() => textSource(latin, 0))).toContain(
      "must be a text in UTF-8, got text in another encoding; convert it, such as with iconv",
    );
    // Without a mark it is UTF-8 as well, of letters and zeros.
    for (const mark of ["", "\ufeff"]) {
      const wide = folder.write("wide.txt", Buffer.from(`${mark}some words\n`, "utf16le"));
      expect(refusal(() => textSource(wide, 0))).toContain(
        "must be a text in UTF-8, got text in UTF-16; convert it",
      );
    }
    const picture = folder.write("picture.txt", Buffer.from("\x89PNG\r\n\x1a\n\0", "latin1"));
    expect(refusal(() => textSource(picture, 0))).toContain("got a PNG picture; write image:FILE");
    expect(thrownBy(() => textSource(latin, 0))).toBeInstanceOf(UsageError);
    expect(refusal(() => textSource(folder.write("empty.txt", " \n"), 0))).toContain(
      "a text must hold at least one word, got nothing but white space; save it again, or name another",
    );
    expect(refusal(() => textSource(folder.write("nothing.txt", ""), 0))).toContain(
      "a text must hold at least one word, got an empty file; save it again, or name another",
    );
    expect(refusal(() => textSource(join(folder.path, "no.txt"), 0))).toContain("no such file or folder");
    expect(refusal(() => textSource(folder.path, 0))).toContain("got a folder");
  });

  it("refuses a shape that needs more tokens than there are", () => {
    const source = textSource(path, 0);
    const shape: Shape = shapeOf({ batch: 2, heads: 1, length: 150, headDim: 2 });
    expect(source.inputs(shape).q).toHaveLength(600);
    const message = refusal(() => source.inputs(overTokens(shape, 151)));
    expect(message).toContain("batch × length must be at most the text's 300 tokens, got 2 × 151");
    expect(() => source.inputs(overTokens(shape, 0))).toThrow(UsageError);
    expect(refusal(() => source.inputs(shapeOf({ batch: 2, heads: 64, length: 1, headDim: 65 })))).toContain(
      "heads × head dimension must be at most 4096 for a text, got 4160",
    );
  });

  it("has the first heads of k and v if they are fewer, values as wide as asked for, and the last queries", () => {
    const shape = shapeOf({ batch: 2, heads: 4, length: 130, headDim: 3 });
    const source = textSource(path, 5);
    const usual = source.inputs(shape);
    const unlike = { ...shape, kvHeads: 2, queries: 70, valueDim: 2 };
    const inputs = source.inputs(unlike);
    for (const [batch, head] of [0, 1].flatMap((entry) => [0, 1, 2, 3].map((one) => [entry, one]))) {
      const q = (of: AttentionInputs, row: number) => rowOffset(of.shape, batch, head, row);
      // The rows of the last 70 tokens, of which the first is in the middle of a block.
      expect(inputs.q.subarray(q(inputs, 0), q(inputs, 69) + 3)).toEqual(
        usual.q.subarray(q(usual, 60), q(usual, 129) + 3),
      );
      if (head >= 2) continue;
      const k = (of: Shape) => offsetIn(layoutOf(of, "k"), batch, head, 0);
      expect(inputs.k.subarray(k(unlike), k(unlike) + 390)).toEqual(
        usual.k.subarray(k(shape), k(shape) + 390),
      );
    }
    expect(inputs.v).toHaveLength(2 * 2 * 130 * 2);
    // Coordinates of v are as many rows of the same weights, two by two instead of three by three.
    expect(inputs.v.subarray(0, 2)).toEqual(usual.v.subarray(0, 2));
    expect(inputs.v[offsetIn(layoutOf(unlike, "v"), 0, 1, 0)]).toBe(usual.v[2]);
  });

  it("refuses more queries than keys, and values too wide to project", () => {
    const source = textSource(path, 0);
    const shape = shapeOf({ batch: 1, heads: 2, length: 4, headDim: 2 });
    expect(refusal(() => source.inputs({ ...shape, queries: 5 }))).toContain(
      "queries are the text's last tokens and must be at most as many as keys, got 5 for 4",
    );
    expect(refusal(() => source.inputs({ ...shape, valueDim: 2049 }))).toContain(
      "at most 4096 for a text, got 4098",
    );
  });

  it("is pinned: the same at the usual shape on every machine", () => {
    const { q, k, v } = textSource(folder.write("pinned.txt", "red green blue"), 7).inputs(
      shapeOf({ batch: 1, heads: 2, length: 3, headDim: 5 }),
    );
    const hash = createHash("sha256");
    for (const tensor of [q, k, v]) hash.update(tensor);
    expect(hash.digest("hex")).toBe("068f55d6b0f35ca5006ddb84448e6e8456a452c0450dccb3a22626650ffab177");
  });
});
