import { platform } from "../platform/here.ts";
import { formatBytes } from "../text/format.ts";

/**
 * Bytes of address space: what the system allows this process, as `ulimit -v` says, and what it has taken.
 */
export interface AddressSpace {
  readonly limit: number;
  readonly taken: number;
}

/** Null if there is no limit, or the system does not say. */
export function addressSpace(read: (path: string) => string = readText): AddressSpace | null {
  const limit = Number(/^Max address space +(\d+) /m.exec(read("/proc/self/limits"))?.[1]);
  return limit > 0 ? { limit, taken: takenBytes(read) ?? 0 } : null;
}

/**
 * What to add when memory or a thread could not be obtained; empty if no limit is known to be the reason.
 */
export function limitAdvice(space: AddressSpace | null = addressSpace()): string {
  if (space === null) return "";
  return `: the address space is limited to ${formatBytes(space.limit)} (ulimit -v), and every memory of WebAssembly reserves 8 GiB of it; lift that limit`;
}

/** What a thread takes for its engine, with some margin. */
const THREAD_BYTES = 2e9;

/**
 * Throws if there is no room for this many more threads of a family of kernels: the engine would end the
 * process with a native stack.
 */
export function refuseThreadsBeyond(
  family: string,
  count: number,
  space: AddressSpace | null = addressSpace(),
): void {
  if (space === null || space.taken + count * THREAD_BYTES <= space.limit) return;
  const left = formatBytes(Math.max(0, space.limit - space.taken));
  throw new RangeError(
    `${family}: ${count} more threads need ${formatBytes(count * THREAD_BYTES)} of address space, ${left} are left${limitAdvice(space)}, or omit --threads`,
  );
}

/** What a memory reserves if accesses beyond it need no checks: twice what 32 bits reach. */
const UNCHECKED_BYTES = 2 ** 33;

/**
 * Whether accesses to the memory that `reserve` makes are checked one by one, which at least halves the
 * speed: V8 does so if it cannot reserve as much as pointers reach, or is told to. False if the system does
 * not say.
 */
export function checksBounds(reserve: () => void, read: (path: string) => string = readText): boolean {
  const before = takenBytes(read);
  reserve();
  const after = takenBytes(read);
  return before !== null && after !== null && after - before < UNCHECKED_BYTES;
}

function takenBytes(read: (path: string) => string): number | null {
  const kibibytes = /^VmSize:\s+(\d+) kB/m.exec(read("/proc/self/status"))?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

function readText(path: string): string {
  return platform.readSystemFile(path) ?? "";
}
