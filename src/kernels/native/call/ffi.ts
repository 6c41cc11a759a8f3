import process from "node:process";
import { messageOf } from "../../../core/errors.ts";

/** What of `node:ffi` is used: calls of functions by their types, and addresses of buffers. */
export interface Ffi {
  readonly DynamicLibrary: new (path: string | null) => Library;
  /** The address at which a buffer, or a view of one, begins. Throws if it is detached. */
  getRawPointer(of: ArrayBufferLike | ArrayBufferView): bigint;
  /** A view of memory that is not ours. */
  toBuffer(address: bigint, bytes: number, copy: boolean): Uint8Array;
}

export interface Library {
  getFunction(name: string, signature: Signature): NativeFunction;
}

/** Types as `node:ffi` names them; 64 bits are bigints. */
export interface Signature {
  readonly arguments: readonly string[];
  readonly return: string;
}

export type NativeFunction = (...values: readonly (bigint | number | string)[]) => unknown;

/** The first Node that has `node:ffi` without a flag. */
const SINCE = "26.9";

let found: Ffi | string | undefined;

/** `node:ffi`, or why it cannot be used. Node says once that it is experimental; that is not shown. */
export function openFfi(): Ffi | string {
  found ??= find();
  return found;
}

/** Why nothing is generated on this platform; null on the one that code is written for. */
export function whyOtherPlatform({
  platform,
  arch,
}: Readonly<Record<"platform" | "arch", string>> = process): string | null {
  if (platform === "linux" && arch === "x64") return null;
  return `it is written for x86-64 Linux, this is ${arch} ${platform}`;
}

function find(): Ffi | string {
  const platform = whyOtherPlatform();
  if (platform !== null) return platform;
  const ffi = silently(() => process.getBuiltinModule?.("node:ffi") as unknown as Ffi | undefined);
  if (ffi === undefined) {
    const disabled = [...process.execArgv, process.env.NODE_OPTIONS ?? ""]
      .join(" ")
      .includes("no-experimental-ffi");
    return disabled
      ? "node:ffi is disabled; omit --no-experimental-ffi"
      : `Node ${process.versions.node} has no node:ffi; ${SINCE} and later have`;
  }
  try {
    new ffi.DynamicLibrary(null);
    return ffi;
  } catch (thrown) {
    return Reflect.get(Object(thrown), "code") === "ERR_ACCESS_DENIED"
      ? "Node's permission model forbids node:ffi; allow it with --allow-ffi"
      : `node:ffi does not work, ${messageOf(thrown)}`;
  }
}

/** Does something without the warning that a module is experimental. */
function silently<T>(get: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return get();
  } finally {
    process.emitWarning = emitWarning;
  }
}
