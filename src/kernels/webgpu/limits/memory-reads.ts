import type { Device } from "../gpu/device.ts";
import type { Probe } from "./probe.ts";

const MiB = 2 ** 20;
/** More than the caches of a device hold; a driver in software has those of the processor, and little time. */
const BYTES = { device: 512 * MiB, software: 64 * MiB } as const;
const LEAST_BYTES = 16 * MiB;
const THREADS = 256;
/** Bytes of what a thread reads at once, and how many of them it waits for together. */
const QUAD = 16;
const TOGETHER = 4;

/** Bytes to read: a power of two that the device holds and binds at once. */
export function bytesToRead({ gpu, isSoftware }: Device): number {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
  const most = Math.min(
    isSoftware ? BYTES.software : BYTES.device,
    maxBufferSize,
    maxStorageBufferBindingSize,
  );
  return 2 ** Math.floor(Math.log2(most));
}

/** The memory to read from: as much of it as there is, half as much where there is not so much. */
export async function memoryToRead(device: Device): Promise<GPUBuffer | null> {
  for (let bytes = bytesToRead(device); bytes >= LEAST_BYTES; bytes /= 2) {
    try {
      return await device.guarded(async () => device.storage("memory to read", bytes));
    } catch {
      if (device.isLost) return null;
      // There is not so much memory left.
    }
  }
  return null;
}

/** All of a memory read once a round, a power of two of bytes, each thread beside the next. */
export function memoryReads(memory: GPUBuffer): Probe {
  const quads = memory.size / QUAD;
  const groups = Math.min(8192, quads / THREADS / TOGETHER);
  const threads = groups * THREADS;
  return {
    label: "memory reads",
    groups: { least: groups, most: groups },
    work: memory.size / groups,
    reads: memory,
    code: `
@group(0) @binding(0) var<storage, read_write> written: array<f32>;
@group(0) @binding(1) var<uniform> rounds: u32;
@group(0) @binding(2) var<storage, read> memory: array<vec4f>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = vec4f();
  for (var round = 0u; round < rounds; round++) {
    for (var at = id.x; at < ${quads}u; at += ${TOGETHER * threads}u) {
      let a = memory[at];
      let b = memory[at + ${threads}u];
      let c = memory[at + ${2 * threads}u];
      let d = memory[at + ${3 * threads}u];
      sum += (a + b) + (c + d);
    }
  }
  if (sum.x + sum.y + sum.z + sum.w == -1.0) { written[0] = sum.x; }
}`,
  };
}
