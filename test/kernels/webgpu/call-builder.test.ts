import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { shapeOf } from "../../../src/core/shape.ts";
import { buildCall } from "../../../src/kernels/webgpu/gpu/call-builder.ts";
import type { Storage } from "../../../src/kernels/webgpu/gpu/storage.ts";
import { gridIndex, gridOf } from "../../../src/kernels/webgpu/wgsl/grid.ts";
import { rowsText } from "../../../src/kernels/webgpu/wgsl/rows.ts";
import { noDevice, theDevice, whyNoDevice } from "./test-device.ts";

const doubling = (width: number, storage: Storage) => `
${rowsText({ name: "q", binding: 0, width, storage })}
${rowsText({ name: "out", binding: 1, width, storage, access: "read_write" })}
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u) {
  let row = ${gridIndex("id", "all")};
  if (row >= arrayLength(&q)) { return; }
  for (var quad = 0u; quad < ${Math.ceil(width / 4)}u; quad++) { store_out(row, quad, 2.0 * load_q(row, quad)); }
}`;

function problemOf(length: number, headDim: number, dtype: Problem["dtype"], isShared = false): Problem {
  const shape = shapeOf({ batch: 1, heads: 1, length, headDim });
  const draw = (by: number): Float32Array => {
    const bytes = 4 * length * headDim;
    const tensor = new Float32Array(isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
    for (let at = 0; at < tensor.length; at++) tensor[at] = at / 8 - by;
    return tensor;
  };
  const inputs = { shape, q: draw(1), k: draw(2), v: draw(3) };
  return { mechanism: { kind: "none" }, shape, causal: false, threads: 1, inputs, ...(dtype && { dtype }) };
}

describe.skipIf(noDevice)(`a call on a device${whyNoDevice}`, () => {
  it.each([
    ["whole quads", 8, undefined, false],
    ["rows that end within a quad", 7, undefined, false],
    ["halves", 8, "float16" as const, false],
    ["memory that threads share", 8, undefined, true],
    ["halves of memory that threads share", 8, "float16" as const, true],
  ])("takes in its inputs and brings its output, with %s", async (_what, width, dtype, isShared) => {
    const problem = problemOf(5, width, dtype, isShared);
    const output = new Float32Array(5 * width).fill(Number.NaN);
    const call = await buildCall(theDevice(), problem, output, async (builder) => {
      await builder.dispatch({
        label: "doubling",
        code: doubling(width, builder.storage),
        bindings: { 0: builder.input("q"), 1: builder.output },
        groups: [...gridOf(5), 1],
      });
      return { executedFlops: null, bytes: null };
    });
    for (const by of [1, -3]) {
      problem.inputs.q.fill(by, 0, 3);
      await call.load?.();
      call.run();
      await call.finish?.();
      await call.fetch?.();
      expect([...output]).toEqual([...problem.inputs.q].map((x) => 2 * x));
    }
    const { wall, device } = (await call.timed?.(3)) ?? {};
    expect(wall).toBeGreaterThan(0);
    expect(device).toBeLessThanOrEqual(wall ?? 0);
    call.dispose();
  });

  it("takes in numbers that lie in memory that threads share, as those of wasm kernels do", async () => {
    const problem = problemOf(4, 4, undefined);
    const shared = new Float32Array(new SharedArrayBuffer(4 * 20), 16, 16);
    shared.set(problem.inputs.q);
    const output = new Float32Array(16);
    const inputs = { ...problem.inputs, q: shared };
    const call = await buildCall(theDevice(), { ...problem, inputs }, output, async (builder) => {
      await builder.dispatch({
        label: "doubling",
        code: doubling(4, builder.storage),
        bindings: { 0: builder.input("q"), 1: builder.output },
        groups: [...gridOf(4), 1],
      });
      return { executedFlops: null, bytes: null };
    });
    await call.load?.();
    call.run();
    await call.finish?.();
    await call.fetch?.();
    expect([...output]).toEqual([...shared].map((x) => 2 * x));
    call.dispose();
  });

  it("refuses a shader that does not compile, with its name, line and what is wrong", async () => {
    const problem = problemOf(4, 4, undefined);
    const made = buildCall(theDevice(), problem, new Float32Array(16), async (builder) => {
      await builder.dispatch({
        label: "wrong",
        code: "\nfn main() { let x: u32 = 1.5; }",
        bindings: {},
        groups: [1, 1, 1],
      });
      return { executedFlops: null, bytes: null };
    });
    await expect(made).rejects.toThrow(/^webgpu: shader wrong, line 2: .* in fn main\(\)/);
  });
});
