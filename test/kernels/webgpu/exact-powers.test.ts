import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { shapeOf } from "../../../src/core/shape.ts";
import { buildCall } from "../../../src/kernels/webgpu/gpu/call-builder.ts";
import type { Device } from "../../../src/kernels/webgpu/gpu/device.ts";
import { hasExactPowers } from "../../../src/kernels/webgpu/gpu/exact-powers.ts";
import { exponentialsText } from "../../../src/kernels/webgpu/wgsl/exponentials.ts";
import { rowsText } from "../../../src/kernels/webgpu/wgsl/rows.ts";
import { called } from "./judged-call.ts";
import { noDevice, theDevice, whyNoDevice } from "./test-device.ts";

const ROWS = 1000;

describe.skipIf(noDevice)(`powers of 2 on a device${whyNoDevice}`, () => {
  it("are within two units in the last place: a polynomial's, and the device's own where they are exact", async () => {
    const exact = await theDevice().once(hasExactPowers);
    for (const builtIn of exact ? [false, true] : [false]) {
      // Weights are powers of what is below 0; down to where float32 has all its digits.
      const asked = Float32Array.from({ length: 4 * ROWS }, (_, at) => (-125 * at) / (4 * ROWS));
      const powers = await powersOf(asked, builtIn);
      const worst = asked.reduce((most, x, at) => Math.max(most, Math.abs(powers[at] / 2 ** x - 1)), 0);
      expect([builtIn, worst <= 2 ** -22]).toEqual([builtIn, true]);
    }
  });

  it("are 1 of 0, 0 of what is far below 0 or infinitely so, and NaN of NaN", async () => {
    const asked = Float32Array.of(0, -200, -3e38, Number.NEGATIVE_INFINITY, Number.NaN, -3.4e38, -1000, -0);
    for (const builtIn of [false, true]) {
      expect([...(await powersOf(asked, builtIn))]).toEqual([1, 0, 0, 0, Number.NaN, 0, 0, 1]);
    }
  });

  it("are asked about once a device", async () => {
    let times = 0;
    const find = async (_device: Device): Promise<number> => ++times;
    expect([await theDevice().once(find), await theDevice().once(find)]).toEqual([1, 1]);
  });

  it("are asked about again where asking failed", async () => {
    let times = 0;
    const find = async (): Promise<number> => {
      if (++times === 1) throw new Error("no memory");
      return times;
    };
    await expect(theDevice().once(find)).rejects.toThrow("no memory");
    expect(await theDevice().once(find)).toBe(2);
  });
});

/** What shaders take for the powers of numbers, as many as are a multiple of 4. */
async function powersOf(asked: Float32Array, builtIn: boolean): Promise<Float32Array> {
  const rows = asked.length / 4;
  const shape = shapeOf({ batch: 1, heads: 1, length: rows, headDim: 4 });
  const inputs = { shape, q: asked, k: asked, v: asked };
  const problem: Problem = { mechanism: { kind: "none" }, shape, causal: false, threads: 1, inputs };
  const call = await buildCall(theDevice(), problem, new Float32Array(asked.length), async (builder) => {
    await builder.dispatch({
      label: "powers",
      code: `${rowsText({ name: "q", binding: 0, width: 4, storage: "float32" })}
${rowsText({ name: "out", binding: 1, width: 4, storage: "float32", access: "read_write" })}
${exponentialsText(builtIn)}
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) id: vec3u) { store_out(id.x, 0u, exp2_4(load_q(id.x, 0u))); }`,
      bindings: { 0: builder.input("q"), 1: builder.output },
      groups: [rows, 1, 1],
    });
    return { executedFlops: null, bytes: null };
  });
  const powers = (await called(call)).slice();
  call.dispose();
  return powers;
}
