import type { Choice } from "../core/choice.ts";
import { messageOf, printable, textOf } from "../core/errors.ts";
import type { RowPlace } from "../core/rows.ts";
import type { JudgedTask } from "../mechanisms/judged.ts";
import type { Oracle } from "../mechanisms/oracle.ts";

/**
 * What a kernel says that it chose in the call that has just been made, or what is wrong with how it says so; null if its
 * kind chooses nothing.
 */
export type HandedChoice = { readonly choice: Choice } | { readonly fault: string } | null;

/**
 * Asks for a choice, and holds its arrays to what the kind declares. What they hold is for the oracle to judge. The output
 * of the call must stand as it is: what is only computed when somebody asks is not part of the call's time.
 */
export function handedChoice(
  { kind, mechanism, shape }: JudgedTask,
  ask: (() => unknown) | null,
  output: Float32Array | null = null,
): HandedChoice {
  const specs = kind.choices?.(mechanism, shape);
  if (specs === undefined) return null;
  const names = Object.keys(specs);
  if (ask === null)
    return { fault: `the kernel must hand out what it chose, ${names.join(", ")}, got no choice()` };
  const before = output?.slice();
  let told: unknown;
  try {
    told = ask();
  } catch (thrown) {
    return { fault: `choice() threw ${messageOf(thrown)}` };
  }
  if (before?.some((value, at) => !Object.is(value, output?.[at]))) {
    return { fault: "choice() changed the output: what is computed belongs in the call" };
  }
  if (typeof told !== "object" || told === null) {
    return { fault: `choice() must return ${names.join(", ")} by name, got ${described(told)}` };
  }
  const arrays = new Map(Object.entries(told));
  const choice: Record<string, Int32Array> = {};
  for (const [name, { rows, perRow }] of Object.entries(specs)) {
    const array: unknown = arrays.get(name);
    const count = shape.batch * shape.heads * rows * perRow;
    if (!(array instanceof Int32Array) || array.length !== count) {
      const got = array instanceof Int32Array ? String(array.length) : described(array);
      return { fault: `choice() must hold an Int32Array of ${count} numbers as ${name}, got ${got}` };
    }
    choice[name] = array;
  }
  const stranger = [...arrays.keys()].find((name) => !Object.hasOwn(specs, name));
  if (stranger === undefined) return { choice };
  return {
    fault: `choice() must return ${names.join(", ")} and nothing else, got ${printable(stranger, 60)}`,
  };
}

/** Asks a kernel or a stepper; null if it hands out nothing. */
export function askOf(one: { choice?(): Choice }): (() => unknown) | null {
  return typeof one.choice === "function" ? () => one.choice?.() : null;
}

/** The kind of an array, not what it holds. */
function described(value: unknown): string {
  return ArrayBuffer.isView(value) ? value.constructor.name : printable(textOf(value), 60);
}

/** Where what is right depends on a choice: the oracle on it, or why there is none. */
export type OnChoice = { readonly oracle: Oracle } | { readonly fault: string };

/**
 * The reference for what was computed on a choice, which is judged in these rows; the oracle itself if nothing is chosen.
 */
export function onChoice(oracle: Oracle, handed: HandedChoice, places: readonly RowPlace[]): OnChoice {
  if (oracle.on === undefined) return { oracle };
  if (handed === null) return { fault: "the kernel must hand out what it chose, got no choice" };
  if ("fault" in handed) return handed;
  const chosen = oracle.on(handed.choice);
  const wrong = chosen.whyNotChoice(places);
  return wrong === null ? { oracle: chosen } : { fault: wrong };
}

/** What a later call does not change. */
export function copied(handed: HandedChoice): HandedChoice {
  if (handed === null || "fault" in handed) return handed;
  const arrays = Object.entries(handed.choice).map(([name, array]) => [name, array.slice()]);
  return { choice: Object.fromEntries(arrays) };
}
