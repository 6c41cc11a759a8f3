import { platform } from "../platform/here.ts";
import type { Holder } from "../platform/platform.ts";

/**
 * What measuring and the reference rely on and any module can replace: mathematics, arrays, clocks, counters,
 * files. Each holder with its name and, if only some of it matters, the keys.
 */
const HOLDERS: readonly Holder[] = [
  [
    "globalThis",
    globalThis,
    [
      "Array",
      "Atomics",
      "Date",
      "Float32Array",
      "Float64Array",
      "Int32Array",
      "Uint32Array",
      "Uint8Array",
    ].concat(
      ["JSON", "Map", "Math", "Number", "Object", "Promise", "Reflect", "Set", "String", "WebAssembly"],
      ["SharedArrayBuffer", "performance", "process", "gc"],
    ),
  ],
  ["Math", Math],
  ["Number", Number],
  ["Number.prototype", Number.prototype],
  ["Object", Object],
  ["Object.prototype", Object.prototype],
  ["Function.prototype", Function.prototype],
  ["Reflect", Reflect],
  ["JSON", JSON],
  ["Atomics", Atomics],
  ["Array", Array],
  ["Array.prototype", Array.prototype],
  ["%ArrayIterator%.prototype", Object.getPrototypeOf([].values())],
  ["%TypedArray%", Object.getPrototypeOf(Float32Array)],
  ["%TypedArray%.prototype", Object.getPrototypeOf(Float32Array.prototype)],
  ["Float32Array", Float32Array],
  ["Float32Array.prototype", Float32Array.prototype],
  ["Float64Array", Float64Array],
  ["Float64Array.prototype", Float64Array.prototype],
  ["Int32Array.prototype", Int32Array.prototype],
  ["Uint32Array.prototype", Uint32Array.prototype],
  ["Uint8Array.prototype", Uint8Array.prototype],
  ["String.prototype", String.prototype],
  ["Map.prototype", Map.prototype],
  ["Set.prototype", Set.prototype],
  ["Promise", Promise],
  ["Promise.prototype", Promise.prototype],
  ["Date", Date],
  ["Date.prototype", Date.prototype],
  ["WebAssembly", WebAssembly],
  ["performance", performance, ["now", "timeOrigin"]],
  ["Performance.prototype", Object.getPrototypeOf(performance)],
  ...platform.reliedUpon,
];

// Comparing must not go through what may have been replaced meanwhile.
const { defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf, has, ownKeys } = Reflect;
const { is } = Object;

interface Snapshot {
  readonly name: string;
  readonly holder: object;
  readonly keys: readonly PropertyKey[];
  readonly held: readonly (PropertyDescriptor | undefined)[];
  /** Whether newly added keys count if they hide an inherited one. */
  readonly whole: boolean;
}

/** As they are before any plug-in is loaded: this module must be imported first. */
const before: readonly Snapshot[] = HOLDERS.map(([name, holder, only]) => {
  const keys = only ?? ownKeys(holder);
  const held = keys.map((key) => getOwnPropertyDescriptor(holder, key));
  return { name, holder, keys, held, whole: only === undefined };
});

/**
 * Puts back what is not as it was when this program began, and names the first of it, such as `Math.exp`;
 * null if all is unchanged. What is put back before anyone looks goes unseen: nothing can be done about that
 * within one process.
 */
export function putBackGlobals(): string | null {
  let first: string | null = null;
  for (let at = 0; at < before.length; at++) {
    const { name, holder, keys, held, whole } = before[at];
    for (let index = 0; index < keys.length; index++) {
      const was = held[index];
      if (same(was, getOwnPropertyDescriptor(holder, keys[index]))) continue;
      first ??= named(name, keys[index]);
      if (was === undefined) deleteProperty(holder, keys[index]);
      else defineProperty(holder, keys[index], was);
    }
    first ??= whole ? removeHiding(name, holder, keys) : null;
  }
  return first;
}

/**
 * Removes what hides something inherited, as a `fill` of Float32Array's own does, and names the first of it.
 */
function removeHiding(name: string, holder: object, keys: readonly PropertyKey[]): string | null {
  const now = ownKeys(holder);
  const above = getPrototypeOf(holder);
  if (now.length === keys.length || above === null) return null;
  let first: string | null = null;
  for (let index = 0; index < now.length; index++) {
    const key = now[index];
    if (isAmong(keys, key) || !has(above, key)) continue;
    first ??= named(name, key);
    deleteProperty(holder, key);
  }
  return first;
}

function same(a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return is(a.value, b.value) && is(a.get, b.get) && is(a.set, b.set);
}

function isAmong(keys: readonly PropertyKey[], key: PropertyKey): boolean {
  for (let at = 0; at < keys.length; at++) if (keys[at] === key) return true;
  return false;
}

function named(holder: string, key: PropertyKey): string {
  if (typeof key === "symbol") return `${holder}[${key.description ?? "a symbol"}]`;
  return holder === "globalThis" ? `${key}` : `${holder}.${key}`;
}

/** What is wrong if something was replaced, or null. */
export function replacedFault(): string | null {
  const name = putBackGlobals();
  return name === null
    ? null
    : `it replaced ${name}, which measuring and the reference rely on; leave it as it is`;
}
