import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import type { TensorSpec } from "../../src/core/tensor-spec.ts";
import { capturedFile } from "../../src/input/captured.ts";
import { type RawIntegers, rawGraph } from "./raw-graphs.ts";
import { refusal } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const SHAPE = shapeOf({ batch: 1, heads: 1, length: 3, headDim: 2 });
const spec: TensorSpec = { dims: ["heads", "length", 2], of: "weights" };

function named(tensor: RawIntegers, of = spec) {
  const source = capturedFile(folder.write("w.safetensors", rawGraph(3, { "some.w": tensor })));
  return source.named?.("some.w", of, SHAPE) ?? null;
}

describe("an input besides q, k and v in a file of tensors", () => {
  it("is the tensor of its name, and none if there is no such", () => {
    const values = [1, 2, 3, 4, 5, 6];
    expect([...(named({ dtype: "F32", shape: [1, 3, 2], values }) ?? [])]).toEqual(values);
    const source = capturedFile(folder.write("q.safetensors", rawGraph(3, {})));
    expect(source.named?.("some.w", spec, SHAPE)).toBeNull();
    expect(source.namesBeside).toEqual([]);
  });

  it("may count more tokens than are asked for: the first are taken", () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect([...(named({ dtype: "F32", shape: [1, 5, 2], values }) ?? [])]).toEqual(values.slice(0, 6));
  });

  it.each<[string, RawIntegers]>([
    [
      "must be [heads 1, length 3 or more, 2], got [1, 2, 2]; save it so, or ask for the heads, widths and parameters that it was made with",
      { dtype: "F32", shape: [1, 2, 2], values: [1, 2, 3, 4] },
    ],
    [
      "must be [heads 1, length 3 or more, 2], got [1, 3, 3]; save it so, or ask for the heads, widths and parameters that it was made with",
      { dtype: "F32", shape: [1, 3, 3], values: [1, 2, 3, 4, 5, 6, 7, 8, 9] },
    ],
    [
      "must be [heads 1, length 3 or more, 2], got [6]; save it so, or ask for the heads, widths and parameters that it was made with",
      { dtype: "F32", values: [1, 2, 3, 4, 5, 6] },
    ],
    [
      "must be one of F64, F32, F16, BF16, got I32; save it with .float()",
      { dtype: "I32", shape: [1, 3, 2], values: [1, 2, 3, 4, 5, 6] },
    ],
  ])("is refused otherwise: %s", (words, tensor) => {
    expect(refusal(() => named(tensor))).toBe(`${folder.path}/w.safetensors: some.w ${words}`);
  });
});
