import { afterEach, describe, expect, it } from "vitest";
import { Abilities, type Ability } from "../../../src/kernels/by-kind.ts";
import type { Kernel, Runnable } from "../../../src/kernels/kernel.ts";
import { buildCall, type DispatchPlan } from "../../../src/kernels/webgpu/gpu/call-builder.ts";
import { findInNode } from "../../../src/kernels/webgpu/gpu/find-in-node.ts";
import type { FindGpu } from "../../../src/kernels/webgpu/gpu/found-gpu.ts";
import { createWebgpu } from "../../../src/kernels/webgpu/index.ts";
import type { Means } from "../../../src/kernels/webgpu/means.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { resultLine } from "../../../src/record/schema/result-lines.ts";
import { local } from "../../../variants/sparse/local.ts";
import { isCase, type Line, linesOf, plan, verdicts } from "../../run/fake-run.ts";
import { type Bend, bentGpu } from "./bent-gpu.ts";
import { noDevice, whyNoDevice } from "./test-device.ts";
import { tinyAbilities } from "./tiny-softmax.ts";

const kernels: Kernel[] = [];
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close?.();
});

async function opened(find: FindGpu, able = tinyAbilities): Promise<Kernel> {
  const kernel = createWebgpu(find, able);
  kernels.push(kernel);
  expect(await kernel.open?.()).toBe(true);
  return kernel;
}

const LENGTHS = [8, 12, 16];

/** What becomes of three cases, one after the other. */
async function endsOf(kernel: Kernel, observe?: (phase: string, done: number) => void): Promise<Line[]> {
  const planned = plan([kernel], { of: [local], lengths: LENGTHS, rounds: 2 });
  const lines = await linesOf(planned, [kernel], {
    now: () => performance.now() / 1000,
    ...(observe && { observe: ({ phase, done }) => observe(phase, done) }),
  });
  // What the file refuses would end a run.
  for (const line of lines) resultLine.parse(JSON.parse(JSON.stringify(line)));
  return lines;
}

/** Outcomes and reasons by length. */
function outcomes(lines: Line[]) {
  return new Map(
    [...verdicts(lines).values()].map(({ length, outcome, reason }) => [length, { outcome, reason }]),
  );
}

const MEASURED = { outcome: "measured", reason: null };

/** Something wrong with what the second case dispatches. */
function faulty(change: (plan: DispatchPlan, means: Means) => DispatchPlan) {
  const ability: Ability<SoftmaxPattern, Means, Promise<Runnable>> = {
    is: isSoftmaxPattern,
    async prepare(problem, means) {
      if (problem.shape.length !== LENGTHS[1]) return await tinyAbilities.prepare(problem, means);
      return await buildCall(means.device, problem, means.output, async (builder) => {
        const plan: DispatchPlan = {
          label: "faulty",
          code: "@group(0) @binding(0) var<storage, read_write> x: array<f32>; @compute @workgroup_size(1) fn main() { x[0] = 1.0; }",
          bindings: { 0: builder.output },
          groups: [1, 1, 1],
        };
        await builder.dispatch(change(plan, means));
        return { executedFlops: null, bytes: null };
      });
    },
  };
  return new Abilities<Means, Promise<Runnable>>([ability]);
}

/**
 * A device that is lost while something is waited for, the next time after `lose`: what begins when it is known to be lost is
 * done on another.
 */
function losable(): { readonly queue: NonNullable<Bend["queue"]>; lose(): void } {
  let isDue = false;
  return {
    queue: (queue, device) => ({
      async onSubmittedWorkDone() {
        if (isDue) {
          isDue = false;
          device.destroy();
          await device.lost;
        }
        return await queue.onSubmittedWorkDone();
      },
    }),
    lose() {
      isDue = true;
    },
  };
}

describe("where there is no GPU", () => {
  it.each<[string, FindGpu, string]>([
    [
      "there is no implementation",
      async () => "the package webgpu is not installed",
      "the package webgpu is not installed",
    ],
    [
      "there is no adapter",
      async () => ({
        gpu: { requestAdapter: async () => null } as unknown as GPU,
        implementation: "none",
        toggles: [],
      }),
      "no adapter was found; install a driver for Vulkan, Metal or Direct3D 12",
    ],
    [
      "asking for one fails",
      async () => ({
        gpu: { requestAdapter: () => Promise.reject(new Error("the driver\nis old")) } as unknown as GPU,
        implementation: "none",
        toggles: [],
      }),
      "the device does not open, the driver",
    ],
  ])("it says so of every task in one line: %s", async (_, find, said) => {
    const kernel = createWebgpu(find, tinyAbilities);
    expect(await kernel.open?.()).toBe(said);
    expect(kernel.unavailable?.()).toBe(said);
    expect(kernel.device?.()).toBeNull();
    const [planned] = plan([kernel], { of: [local], lengths: [8] }).cases;
    expect(planned.unsupported).toBe(said);
  });
});

describe.skipIf(noDevice)(`a fault of one case${whyNoDevice}`, () => {
  it("is none where there is none", async () => {
    expect([...outcomes(await endsOf(await opened(findInNode))).values()]).toEqual(Array(3).fill(MEASURED));
  });

  it.each<[string, (plan: DispatchPlan) => DispatchPlan, RegExp]>([
    [
      "a shader that does not compile",
      (plan) => ({ ...plan, code: "@compute @workgroup_size(1)\nfn main() { let x: u32 = 1.5; }" }),
      /^webgpu: shader faulty, line 2: .* in fn main\(\)/,
    ],
    [
      "a shader that needs too much memory of a workgroup",
      (plan) => ({
        ...plan,
        code: `var<workgroup> much: array<f32, 1000000>; ${plan.code.replace("x[0] = 1.0", "x[0] = much[u32(x[1])]")}`,
      }),
      /^webgpu: /,
    ],
    [
      "a binding that its shader has not",
      (plan) => ({ ...plan, bindings: { ...plan.bindings, 1: plan.bindings[0] } }),
      /^webgpu: /,
    ],
    ["too many workgroups", (plan) => ({ ...plan, groups: [70_000, 1, 1] }), /^webgpu: .*70000/],
  ])(
    "fails it in one line, and others are measured: %s",
    async (_, change, said) => {
      const of = outcomes(await endsOf(await opened(findInNode, faulty(change))));
      expect(of.get(12)).toEqual({ outcome: "failed", reason: expect.stringMatching(said) });
      expect(of.get(12)?.reason).toMatch(/^\P{Cc}{1,500}$/u);
      expect([of.get(8), of.get(16)]).toEqual([MEASURED, MEASURED]);
    },
    600_000,
  );

  it("fails it where the device has no memory left, and others are measured", async () => {
    const { GPUOutOfMemoryError: OutOfMemory } = (await import("webgpu")).globals as {
      GPUOutOfMemoryError: new (message: string) => GPUError;
    };
    let isFull = false;
    const find = bentGpu(findInNode, {
      device: (device) => ({
        createBuffer(descriptor) {
          // The output of the second case.
          if (descriptor.label === "output" && descriptor.size === 4 * 12 * 4) isFull = true;
          return device.createBuffer(descriptor);
        },
        async popErrorScope() {
          const told = await device.popErrorScope();
          if (!isFull) return told;
          isFull = false;
          return new OutOfMemory("out of memory: 192 bytes");
        },
      }),
    });
    const of = outcomes(await endsOf(await opened(find)));
    expect(of.get(12)).toEqual({ outcome: "failed", reason: "webgpu: out of memory: 192 bytes" });
    expect([of.get(8), of.get(16)]).toEqual([MEASURED, MEASURED]);
  });

  it("that loses the device fails it, and later ones are measured on another", async () => {
    const device = losable();
    let isDue = true;
    const find = bentGpu(findInNode, {
      queue: (queue, gpu) => ({
        ...device.queue(queue, gpu),
        writeBuffer(buffer, ...rest) {
          queue.writeBuffer(buffer, ...rest);
          if (buffer.label !== "q" || buffer.size !== 4 * 12 * 4 || !isDue) return;
          isDue = false;
          device.lose();
        },
      }),
    });
    const of = outcomes(await endsOf(await opened(find)));
    expect(of.get(12)).toEqual({
      outcome: "failed",
      reason: expect.stringMatching(/^webgpu: the device was lost, /),
    });
    expect([of.get(8), of.get(16)]).toEqual([MEASURED, MEASURED]);
  });

  it("that loses the device in a round fails it, and the others are measured on another", async () => {
    const { queue, lose } = losable();
    let isDue = true;
    const lines = await endsOf(await opened(bentGpu(findInNode, { queue })), (phase) => {
      if (phase !== "measure" || !isDue) return;
      isDue = false;
      lose();
    });
    const ends = [...outcomes(lines).values()];
    const failed = ends.filter(({ outcome }) => outcome === "failed");
    expect(failed).toEqual([
      { outcome: "failed", reason: expect.stringMatching(/^in round 0: webgpu: the device was lost, /) },
    ]);
    expect(ends.filter(({ outcome }) => outcome === "measured")).toHaveLength(2);
    expect(lines.filter((line) => !isCase(line))).toHaveLength(4);
  });
});
