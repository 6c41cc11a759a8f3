import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { capturedFile } from "../../src/input/captured.ts";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";

interface Golden {
  batch: number;
  heads: number;
  length: number;
  head_dim: number;
  cases: { output: string }[];
}

describe.each(["small", "odd", "peaked", "one-token", "zoo"])("the golden file %s", (name) => {
  const golden = (extension: string) => new URL(`../golden/${name}.${extension}`, import.meta.url).pathname;
  const {
    batch,
    heads,
    length,
    head_dim: headDim,
    cases,
  }: Golden = JSON.parse(readFileSync(golden("json"), "utf8"));

  it("opens as an input of the shape that its description gives", () => {
    const source = capturedFile(golden("safetensors"));
    expect(source).toMatchObject({ fixed: { batch, heads, headDim }, maxLength: length });
    const { q, k, v } = source.inputs(shapeOf({ batch, heads, length, headDim }));
    for (const tensor of [q, k, v]) {
      expect(tensor).toHaveLength(batch * heads * length * headDim);
      expect(tensor.every(Number.isFinite)).toBe(true);
    }
  });

  it("holds every output that its description names", () => {
    const file = openSafetensors(golden("safetensors"));
    expect(cases.length).toBeGreaterThan(0);
    for (const { output } of cases) {
      const stored = findTensor(file, output);
      expect(stored).toMatchObject({ format: "F64", shape: [batch, heads, length, headDim] });
      expect(readTensor(stored).every(Number.isFinite)).toBe(true);
    }
  });
});
