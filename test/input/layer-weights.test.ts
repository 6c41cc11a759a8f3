import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { sizesBy } from "../../src/core/tensor-spec.ts";
import type { InputSource } from "../../src/core/tensors.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { capturedFile } from "../../src/input/captured.ts";
import { type FloatTensor, writeSafetensors } from "../../src/input/write-safetensors.ts";
import type { Judged } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { variants } from "../../variants/index.ts";
import { rawSafetensors } from "./raw-files.ts";
import { refusal, thrownBy } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const path = join(folder.path, "layer.safetensors");

/** The widths of a layer, its tokens' first. */
interface Widths {
  readonly modelDim: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly valueDim: number;
}

const USUAL: Widths = { modelDim: 6, heads: 3, kvHeads: 3, headDim: 2, valueDim: 2 };
const LENGTH = 4;

function layer(widths: Widths, { biases = false, positions = null as string | null } = {}): Judged {
  const { mechanism, kind } = builtInKinds.under(parameterize(findVariant(variants, "full"), {}), {
    layer: { ...widths, positions, biases },
  });
  return { mechanism, kind };
}

/** A file of tokens and of these tensors. */
function open(tensors: Readonly<Record<string, FloatTensor>>, { modelDim } = USUAL, names?: string) {
  writeSafetensors(path, { x: counting([LENGTH, modelDim]), ...tensors });
  return capturedFile(path, names, { tokens: true });
}

/** What a layer reads of a source besides its tokens; null where that holds nothing. */
function read(judged: Judged, source: InputSource, { modelDim } = USUAL): Record<string, number[] | null> {
  const shape = shapeOf({ batch: 1, heads: 1, length: LENGTH, headDim: modelDim });
  const specs = Object.entries(judged.kind.inputs?.(judged.mechanism) ?? {});
  return Object.fromEntries(
    specs.map(([name, spec]) => {
      const values = source.named?.(name, spec, shape) ?? null;
      if (values !== null) expect(values.length).toBe(sizesBy(shape, spec).reduce((a, b) => a * b));
      return [name, values === null ? null : [...values]];
    }),
  );
}

function counting(shape: readonly number[], start = 0): FloatTensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, at) => start + at) };
}

/** `[rows, columns]` as `[columns, rows]`, element by element. */
function turned({ shape: [rows, columns], data }: FloatTensor): FloatTensor {
  return {
    shape: [columns, rows],
    data: Float32Array.from(
      { length: data.length },
      (_, at) => data[(at % rows) * columns + Math.floor(at / rows)],
    ),
  };
}

function row({ data }: FloatTensor): FloatTensor {
  return { shape: [data.length], data };
}

/** One below the other. */
function stacked(tensors: readonly FloatTensor[]): FloatTensor {
  const data = Float32Array.from(tensors.flatMap((one) => [...one.data]));
  const [, ...rest] = tensors[0].shape;
  return { shape: [tensors.reduce((sum, { shape }) => sum + shape[0], 0), ...rest], data };
}

/** A layer's weights in each way in which a file may hold them. */
function everyWay(widths: Widths): Record<string, Record<string, FloatTensor>> {
  const { modelDim, heads, kvHeads, headDim, valueDim } = widths;
  const wide = { q: heads * headDim, k: kvHeads * headDim, v: kvHeads * valueDim };
  const [wq, wk, wv] = [wide.q, wide.k, wide.v].map((one, at) => counting([modelDim, one], 1000 * at));
  const [bq, bk, bv] = [wide.q, wide.k, wide.v].map((one, at) => counting([1, one], -100 * (at + 1)));
  const [wo, bo] = [counting([heads * valueDim, modelDim], 5000), counting([1, modelDim], -900)];
  const of = { wq, wk, wv, wo, bq, bk, bv, bo };
  const own = Object.fromEntries(Object.entries(of).map(([name, tensor]) => [`layer.${name}`, tensor]));
  const out = { "out_proj.weight": turned(wo), "out_proj.bias": row(bo) };
  return {
    own,
    packed: {
      in_proj_weight: stacked([wq, wk, wv].map(turned)),
      in_proj_bias: stacked([bq, bk, bv].map(row)),
      ...out,
    },
    unpacked: {
      q_proj_weight: turned(wq),
      k_proj_weight: turned(wk),
      v_proj_weight: turned(wv),
      in_proj_bias: stacked([bq, bk, bv].map(row)),
      ...out,
    },
    alone: {
      "q_proj.weight": turned(wq),
      "k_proj.weight": turned(wk),
      "v_proj.weight": turned(wv),
      "q_proj.bias": row(bq),
      "k_proj.bias": row(bk),
      "v_proj.bias": row(bv),
      "o_proj.weight": turned(wo),
      "o_proj.bias": row(bo),
    },
    mixed: {
      "layer.wq": wq,
      "k_proj.weight": turned(wk),
      in_proj_bias: stacked([bq, bk, bv].map(row)),
      v_proj_weight: turned(wv),
      "layer.bk": bk,
      ...out,
    },
  };
}

const small = fc.integer({ min: 1, max: 4 });
const anyWidths = fc
  .record({ modelDim: small, kvHeads: small, shared: small, headDim: small, valueDim: small })
  .map(({ shared, ...widths }) => ({ ...widths, heads: shared * widths.kvHeads }));

describe("the weights of a layer in a file", () => {
  it("are the same numbers packed, alone, under their own names, and under a layer's prefix", () => {
    fc.assert(
      fc.property(anyWidths, (widths) => {
        const judged = layer(widths, { biases: true });
        const ways = everyWay(widths);
        const expected = Object.fromEntries(
          Object.entries(ways.own).map(([name, { data }]) => [name, [...data]]),
        );
        for (const tensors of Object.values(ways)) {
          const source = open(tensors, widths);
          expect(source.call?.biases).toBe(true);
          expect(read(judged, source, widths)).toEqual(expected);
          const within = Object.entries(tensors).map(
            ([name, one]) => [`layers.3.self_attn.${name}`, one] as const,
          );
          const other = { "layers.30.self_attn.in_proj_weight": counting([2, 2]) };
          const named = open({ ...Object.fromEntries(within), ...other }, widths, "x,layers.3.self_attn.*");
          expect(read(judged, named, widths)).toEqual(expected);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("are found under the prefix of the only layer there is", () => {
    const { packed, own } = everyWay(USUAL);
    const within = Object.fromEntries(
      Object.entries(packed).map(([name, one]) => [`encoder.layers.3.self_attn.${name}`, one]),
    );
    const source = open({ ...within, "encoder.layers.3.linear1.weight": counting([2, 2]) });
    expect(read(layer(USUAL), source)["layer.wv"]).toEqual([...own["layer.wv"].data]);
    expect(source.name).toBe(`file:${path}`);
    expect(source.namesBeside).toContain("in_proj_weight");
  });

  it("are those with plain names where some have them, and never of two layers", () => {
    const { packed, own } = everyWay(USUAL);
    const source = open({
      "a.out_proj.weight": counting([2, 2]),
      ...packed,
      "b.in_proj_weight": counting([2, 2]),
    });
    expect(read(layer(USUAL), source)["layer.wo"]).toEqual([...own["layer.wo"].data]);
    const halves = {
      "a.in_proj_weight": packed.in_proj_weight,
      "b.out_proj.weight": packed["out_proj.weight"],
    };
    expect(refusal(() => open(halves))).toBe(
      `${path}: must hold the weights of one layer, got those of a, b; choose with --tensors, such as 'x,a.*'`,
    );
    expect(read(layer(USUAL), open(halves, USUAL, "x,b.*"))).toMatchObject({ "layer.wq": null });
  });

  it("come from their own name first, then packed, then alone", () => {
    const { own, packed, alone } = everyWay(USUAL);
    const judged = layer(USUAL);
    const other = (tensors: Record<string, FloatTensor>) =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, { shape, data }]) => [
          name,
          { shape, data: data.map((x) => x + 0.5) },
        ]),
      );
    const first = [...own["layer.wq"].data];
    expect(read(judged, open({ ...other(alone), ...other(packed), ...own }))["layer.wq"]).toEqual(first);
    expect(read(judged, open({ ...other(alone), ...packed }))["layer.wq"]).toEqual(first);
    expect(read(judged, open(alone))["layer.wq"]).toEqual(first);
  });

  it("are not looked for under other names where heads are measured", () => {
    const { packed } = everyWay(USUAL);
    const qkv = counting([1, 1, LENGTH, 6]);
    writeSafetensors(path, { q: qkv, k: qkv, v: qkv, bias_k: counting([1, 1, 6]), ...packed });
    expect(capturedFile(path).call?.biases).toBeUndefined();
  });

  it("have biases where any is held, and others are left to be 0", () => {
    const source = open({ "out_proj.bias": counting([6], 3) });
    expect(source.call?.biases).toBe(true);
    expect(read(layer(USUAL, { biases: true }), source)).toMatchObject({
      "layer.bo": [3, 4, 5, 6, 7, 8],
      "layer.bq": null,
    });
    expect(open(everyWay(USUAL).packed).call?.biases).toBe(true);
    const { in_proj_weight } = everyWay(USUAL).packed;
    expect(open({ in_proj_weight }).call?.biases).toBeUndefined();
  });

  it("may be tables of positions, longer than there are tokens", () => {
    const judged = layer(USUAL, { positions: "learned" });
    const source = open({ positions: counting([9, 6]), query_positions: counting([LENGTH, 6], 500) });
    const inputs = read(judged, source);
    expect(inputs["layer.key_positions"]).toEqual([...counting([LENGTH, 6]).data]);
    expect(inputs["layer.query_positions"]?.[0]).toBe(500);
    const shared = read(judged, open({ positions: counting([9, 6]) }));
    expect(shared["layer.query_positions"]).toEqual(shared["layer.key_positions"]);
    expect(refusal(() => read(judged, open({ positions: counting([3, 6]) })))).toBe(
      `${path}: positions must be [queries 4 or more, model dim = 6], got [3, 6]; save it so, or ask for the heads, widths and parameters that it was made with`,
    );
  });

  it.each<[string, readonly number[], string]>([
    ["in_proj_weight", [6, 18], "in_proj_weight must be [18, 6], got [6, 18]"],
    ["in_proj_weight", [12, 6], "in_proj_weight must be [18, 6], got [12, 6]"],
    ["in_proj_weight", [3, 6, 6], "in_proj_weight must be [18, 6], got [3, 6, 6]"],
    ["in_proj_weight", [108], "in_proj_weight must be [18, 6], got [108]"],
    ["in_proj_weight", [], "in_proj_weight must be [18, 6], got []"],
    ["in_proj_weight", [0, 6], "in_proj_weight must be [18, 6], got [0, 6]"],
    ["in_proj_bias", [6], "in_proj_bias must be [18], got [6]"],
    ["in_proj_bias", [1, 18], "in_proj_bias must be [18], got [1, 18]"],
    ["q_proj.weight", [6, 7], "q_proj.weight must be [6, 6], got [6, 7]"],
    ["k_proj_weight", [7, 6], "k_proj_weight must be [6, 6], got [7, 6]"],
    ["out_proj.weight", [6, 12], "out_proj.weight must be [6, 6], got [6, 12]"],
    ["o_proj.bias", [7], "o_proj.bias must be [6], got [7]"],
  ])("of other sizes are refused in their own orientation: %s %j", (name, shape, words) => {
    const source = open({ [name]: counting(shape) });
    const asked = () => read(layer(USUAL, { biases: true }), source);
    expect(thrownBy(asked)).toBeInstanceOf(UsageError);
    expect(refusal(asked)).toBe(
      `${path}: ${words}; save it so, or give the layer's widths and heads as it was made with`,
    );
  });

  it("of few heads of k are packed in fewer rows", () => {
    const grouped = { ...USUAL, kvHeads: 1 };
    const source = open({ in_proj_weight: counting([18, 6]) });
    expect(refusal(() => read(layer(grouped), source))).toContain(
      "in_proj_weight must be [10, 6], got [18, 6]",
    );
  });

  it("of integers are refused by name, and too large float64s with their place", () => {
    const whole = {
      x: { dtype: "F32", shape: [4, 6], data_offsets: [0, 96] },
      in_proj_weight: { dtype: "I8", shape: [18, 6], data_offsets: [96, 204] },
    };
    const open = (header: unknown, data: Uint8Array | number) => {
      const file = folder.write("raw.safetensors", rawSafetensors(header, data));
      return capturedFile(file, undefined, { tokens: true });
    };
    expect(refusal(() => read(layer(USUAL), open(whole, 204)))).toContain(
      "in_proj_weight must be one of F64, F32, F16, BF16, got I8; save it with .float()",
    );
    const doubles = { ...whole, in_proj_weight: { dtype: "F64", shape: [18, 6], data_offsets: [96, 960] } };
    const data = Buffer.alloc(960);
    data.writeDoubleLE(1e300, 96 + 8 * (6 * 13 + 2));
    expect(refusal(() => read(layer(USUAL), open(doubles, data)))).toContain("got 1e+300 at [13, 2]");
  });

  it("with rows that are added to keys and values are refused", () => {
    const { packed } = everyWay(USUAL);
    const words =
      "must hold no bias_v, a row that add_bias_kv adds to keys and values and no layer here has; capture from a layer without it";
    expect(refusal(() => open({ ...packed, bias_v: counting([1, 1, 6]) }))).toBe(`${path}: ${words}`);
    expect(
      refusal(() => open({ "a.in_proj_weight": packed.in_proj_weight, "a.bias_v": counting([1, 1, 6]) })),
    ).toBe(`${path}: ${words}`);
    // Alone it is no weight of a layer.
    expect(open({ bias_v: counting([1, 1, 6]) }).maxLength).toBe(LENGTH);
  });

  it("of a whole model's many layers are refused in one line, and one is chosen at once", () => {
    const many = Array.from(
      { length: 5000 },
      (_, at) => [`layers.${at}.attn.q_proj.weight`, counting([1])] as const,
    );
    const words = refusal(() => open(Object.fromEntries(many)));
    expect(words).toContain("got those of layers.0.attn, layers.1.attn");
    expect(words).toContain("and 4992 more; choose with --tensors, such as 'x,layers.0.attn.*'");
    expect(words.length).toBeLessThan(600);
  });
});
