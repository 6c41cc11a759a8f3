import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { findInNode } from "../../../src/kernels/webgpu/gpu/find-in-node.ts";
import { createWebgpu } from "../../../src/kernels/webgpu/index.ts";
import { local } from "../../../variants/sparse/local.ts";
import { problemOf } from "../arbitrary-problems.ts";
import { type Bend, bentGpu } from "./bent-gpu.ts";
import { faultOf } from "./gate-of.ts";
import { noDevice, whyNoDevice } from "./test-device.ts";
import { tinyAbilities } from "./tiny-softmax.ts";

const shape = shapeOf({ batch: 1, heads: 2, length: 40, headDim: 8 });
const problem = problemOf(parameterize(local, { window: 9 }).mechanism, shape, false);
/** With calls that take much longer than it takes to hand them to the device. */
const longer = problemOf(
  parameterize(local, { window: 100 }).mechanism,
  { ...shape, length: 100, queries: 100 },
  false,
);

async function faultOn(bend: Bend, of = problem): Promise<string | null> {
  const kernel = createWebgpu(bentGpu(findInNode, bend), tinyAbilities);
  expect(await kernel.open?.()).toBe(true);
  try {
    return await faultOf(of, kernel);
  } finally {
    await kernel.close?.();
  }
}

/** Reads of an output go through here: what is copied to be read, and nothing else of a call. */
const READ = "reading";

/** Brings what the output was when it was read the last time. */
function stale(): Bend {
  const before = new Map<number, GPUBuffer>();
  return {
    encoder: (encoder, device) => ({
      copyBufferToBuffer(...copy: unknown[]) {
        const [from, , to, , size] = copy as [GPUBuffer, number, GPUBuffer, number, number];
        if (to.label !== READ) return encoder.copyBufferToBuffer(from, 0, to, 0, size);
        const kept = before.get(size);
        const now = device.createBuffer({ size, usage: 0x4 | 0x8 });
        encoder.copyBufferToBuffer(from, 0, now, 0, size);
        before.set(size, now);
        encoder.copyBufferToBuffer(kept ?? now, 0, to, 0, size);
      },
    }),
  };
}

/** Dispatches only where `due` says so, with as many workgroups as `groups` says. */
function dispatching(due: (dispatch: number) => boolean, groups = (all: number): number => all): Bend {
  let dispatches = 0;
  return {
    pass: (pass) => ({
      dispatchWorkgroups(x, y, z) {
        if (due(dispatches++)) pass.dispatchWorkgroups(groups(x), y, z);
      },
    }),
  };
}

/** Takes in only the first numbers that are written to a buffer. */
function deaf(): Bend {
  const written = new WeakSet<GPUBuffer>();
  return {
    queue: (queue) => ({
      writeBuffer(buffer, ...rest) {
        if (written.has(buffer)) return;
        written.add(buffer);
        queue.writeBuffer(buffer, ...rest);
      },
    }),
  };
}

/** Its own clock tells so many times what it saw. */
function clocked(factor: number): Bend {
  return {
    device: (device) => ({
      createBuffer(descriptor) {
        const buffer = device.createBuffer(descriptor);
        // The two moments between which it computed, as they are read.
        if (descriptor.size !== 16 || (descriptor.usage & 0x1) === 0) return buffer;
        const range = buffer.getMappedRange.bind(buffer);
        buffer.getMappedRange = () => {
          const [begin, end] = new BigUint64Array(range().slice(0));
          const told = BigInt(Math.round(Number(end - begin) * factor));
          return new BigUint64Array([begin, begin + told]).buffer;
        };
        return buffer;
      },
    }),
  };
}

/** Says that it is done before it is. */
const hasty: Bend = { queue: () => ({ onSubmittedWorkDone: async () => undefined }) };

describe.skipIf(noDevice)(`a device${whyNoDevice}`, () => {
  it("that does what it is told stays green, through a GPU that hands everything on", async () => {
    expect(await faultOn({})).toBeNull();
  });

  it.each<[string, () => Bend, RegExp]>([
    ["brings the output of an earlier call", stale, /row \d+ of batch 0|an earlier call's/],
    ["computes nothing", () => dispatching(() => false), /row \d+ of batch 0/],
    ["leaves out a dispatch now and then", () => dispatching((at) => at % 3 !== 2), /row \d+ of batch 0/],
    ["computes once and replays that", () => dispatching((at) => at === 0), /row \d+ of batch 0/],
    [
      "writes half of the output",
      () =>
        dispatching(
          () => true,
          (all) => Math.ceil(all / 2),
        ),
      /row \d+ of batch 0/,
    ],
    ["takes in no changed inputs", deaf, /row \d+ of batch 0/],
    ["tells more of its own time than passed", () => clocked(1000), /of its device in .*; a part must be/],
    [
      "says that calls are computed before they are",
      () => hasty,
      /of its device in|before they are computed/,
    ],
  ])(
    "that %s is red",
    async (_, bend, said) => {
      expect(await faultOn(bend())).toMatch(said);
    },
    600_000,
  );

  it("that tells a tenth of its own time is red", async () => {
    expect(await faultOn({}, longer)).toBeNull();
    expect(await faultOn(clocked(0.1), longer)).toMatch(/more of its device for \d+ calls than for one/);
  });
});
