import { isReduced } from "../../core/dtype.ts";
import { FailureError } from "../../core/errors.ts";
import type { Task } from "../../core/problem.ts";
import { ANY_SHAPE, elementCount, TENSORS } from "../../core/shape.ts";
import { Abilities } from "../by-kind.ts";
import { decodes } from "../decode/refuse.ts";
import type { Kernel, Runnable } from "../kernel.ts";
import { keptByFeatureMap } from "./feature-map/kept.ts";
import { featureMap } from "./feature-map.ts";
import { Device } from "./gpu/device.ts";
import type { FindGpu, FoundGpu } from "./gpu/found-gpu.ts";
import { renewedCall } from "./gpu/renewed-call.ts";
import { STORED } from "./gpu/storage.ts";
import type { KeptBuffers } from "./kept-buffers.ts";
import { deviceFacts } from "./limits/device-facts.ts";
import { measureRates } from "./limits/index.ts";
import type { Means } from "./means.ts";
import { keptByRecurrence } from "./recurrence/kept.ts";
import { recurrence } from "./recurrence.ts";
import { softmaxPattern } from "./softmax-pattern.ts";
import { summary } from "./summary.ts";

/**
 * WGSL on whatever WebGPU computes on: a GPU, or a driver in software. It is opened where it is named alone, and `auto` does
 * not take it: its times are of another machine than those of the processor's kernels. `able` is what it computes.
 */
export function createWebgpu(find: FindGpu, able: Abilities<Means, Promise<Runnable>> = abilities): Kernel {
  let found: FoundGpu | null = null;
  let device: Device | null = null;
  let why: string | null = "it was not opened";
  const open = async (): Promise<true | string> => {
    const gpu = found ?? (await find());
    if (typeof gpu === "string") return gpu;
    found = gpu;
    const opened = await Device.open(gpu);
    if (typeof opened === "string") return opened;
    device = opened;
    return true;
  };
  /** The device; another one if it was lost: the case that lost it has failed, and others may still be measured. */
  const usable = async (): Promise<Device> => {
    if (device?.isLost === false) return device;
    const answer = await open();
    if (device === null || answer !== true) throw new FailureError(`webgpu: ${answer}`);
    return device;
  };
  return {
    id: "webgpu",
    title: "WebGPU, WGSL",
    onDemand: true,
    // A software driver's: skipping a case because of a wrong estimate is worse than trying it.
    assumedRate: 1e9,
    freedoms: ANY_SHAPE,
    forms: ["turn", "bias", "normaliser"],
    dtypes: ["float32", "float16"],
    details: () => (device === null ? (why ?? "") : `${device.name}, ${device.found.implementation}`),
    device() {
      if (device === null) return null;
      return { facts: deviceFacts(device), measure: async () => await measureRates(await usable()) };
    },
    async open() {
      const answer = await open();
      why = answer === true ? null : answer;
      return answer;
    },
    unavailable: () => why,
    supports: (task) => (device === null ? (why ?? "it was not opened") : supported(task, device, able)),
    async prepare(problem, output) {
      return await renewedCall(async () => {
        const device = await usable();
        return { device, call: await able.prepare(problem, { device, output }) };
      });
    },
    decode: {
      supports: (task) =>
        device === null
          ? (why ?? "it was not opened")
          : (able.whyNotStep(task) ?? whyTooLarge(task, device) ?? decodes(task)),
      prepare: async (task, weights) => await able.prepareSteps(task, { device: await usable() }, weights),
    },
    async close() {
      device?.close();
      device = null;
      why = "it was closed";
    },
  };
}

const abilities: Abilities<Means, Promise<Runnable>> = new Abilities<Means, Promise<Runnable>>([
  softmaxPattern,
  featureMap,
  summary,
  recurrence,
]);

function supported(task: Task, device: Device, able: Abilities<Means, Promise<Runnable>>): true | string {
  const { threads } = task;
  if (threads !== 1) return `it has no threads of the processor, got ${threads}`;
  return able.whyNot(task) ?? whyTooLarge(task, device) ?? true;
}

/** What kinds keep besides tensors. */
const KEPT: readonly KeptBuffers[] = [keptByFeatureMap, keptByRecurrence];

/** Why the device cannot hold a tensor of the call, or what the call keeps, in one binding; null if it can. */
function whyTooLarge(task: Task, { gpu }: Device): string | null {
  const { maxStorageBufferBindingSize: most } = gpu.limits;
  const { bytes: each } = STORED[isReduced(task.dtype) ? "float16" : "float32"];
  const tensors = TENSORS.map((label) => ({ label, bytes: each * elementCount(task.shape, label) }));
  const large = [...tensors, ...KEPT.flatMap((kept) => kept(task, most))].find(({ bytes }) => bytes > most);
  if (large === undefined) return null;
  return `${large.label} takes ${large.bytes} bytes, and the device binds ${most} at once`;
}
