import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { Arena } from "../../../src/kernels/wasm/arena.ts";
import { Call, ScratchPlan } from "../../../src/kernels/wasm/call.ts";
import { planWeights } from "../../../src/kernels/wasm/call-weights.ts";

const SHAPE = shapeOf({ batch: 1, heads: 1, length: 2, headDim: 2 });

/** A call on tensors of an arena, with these weights. */
function planned(weights: (arena: Arena) => Float32Array) {
  const arena = new Arena();
  const { q, k, v, output } = arena.tensors(SHAPE);
  const w = weights(arena);
  const inputs = { shape: SHAPE, q, k, v, w };
  const plan = new ScratchPlan();
  const make = planWeights(inputs, output, ["w"], plan);
  const call = new Call(plan, inputs, output, []);
  return { w, call, at: make(call) };
}

describe("the weights of a call", () => {
  it("are read in place where the harness put them beside its tensors", () => {
    const { w, at } = planned((arena) => arena.tensors(SHAPE).allocate?.(4) ?? new Float32Array());
    expect(w).toHaveLength(4);
    expect(at.at("w")).toBe(w.byteOffset);
    expect(at.at("w", 3)).toBe(w.byteOffset + 12);
  });

  it("are elsewhere copied, as they then are, before each call", () => {
    const { w, call, at } = planned(() => Float32Array.of(1, 2, 3, 4));
    const copy = call.arena.floats(at.at("w"), 4);
    at.refresh();
    expect([...copy]).toEqual([1, 2, 3, 4]);
    w.reverse();
    at.refresh();
    expect([...copy]).toEqual([4, 3, 2, 1]);
    expect(() => at.at("other")).toThrow("it was planned without other");
  });
});
