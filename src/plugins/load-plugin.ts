import { DTYPES, type Dtype } from "../core/dtype.ts";
import { FailureError, messageOf, printable, textOf, UsageError } from "../core/errors.ts";
import { FORM_NAMES } from "../core/form-names.ts";
import { ANY_SHAPE, type ShapeFreedom, shapeOf } from "../core/shape.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import { UNREADABLE } from "../identity/module-graph.ts";
import { namesProgram } from "../kernels/external/program-spec.ts";
import type { Kernel, Runnable } from "../kernels/kernel.ts";
import { openKernels } from "../kernels/open-kernels.ts";
import type { Stepper } from "../kernels/stepper.ts";
import { reads } from "../mechanisms/judged.ts";
import type { Kind } from "../mechanisms/kind.ts";
import { type Kinds, kindsOf } from "../mechanisms/kinds.ts";
import { whyUnsound } from "../mechanisms/try-kind.ts";
import { importPlugin, type PluginCode } from "./import-plugin.ts";
import { loadProgram } from "./load-program.ts";
import { nameOfPlugin, type PluginExports } from "./plugin-exports.ts";

/** Everything that can be run: built in, and supplied by plug-ins. */
export interface Catalogue {
  readonly variants: readonly Variant[];
  readonly kernels: readonly Kernel[];
  /** What the variants are judged by. */
  readonly kinds: Kinds;
}

/** What a plug-in supplies, and which code it is. */
export interface Plugin extends Omit<Catalogue, "kinds"> {
  /** Kinds of its own, with their oracles. */
  readonly kinds: readonly Kind[];
  readonly code: PluginCode;
  /** Ends the program that it is; omitted if it is a module. */
  close?(): Promise<void>;
}

/**
 * The variants and kernels that the module at `path`, or of the package of that name, exports, or that a program brings, each
 * checked before anything is measured. A module is loaded once for each `label`.
 */
export async function loadPlugin(path: string, label = ""): Promise<Plugin> {
  if (namesProgram(path)) return await loadProgram(path);
  try {
    const { exports, code } = await importPlugin(path, label);
    return { ...(await opened(broughtBy(exports))), code };
  } catch (thrown) {
    throw refusal(path, thrown);
  }
}

/** The kinds that a plug-in exports: nothing that it computes on is opened. */
export async function loadKinds(path: string, label: string): Promise<readonly Kind[]> {
  if (namesProgram(path)) return [];
  try {
    return broughtBy((await importPlugin(path, label)).exports).kinds;
  } catch (thrown) {
    throw refusal(path, thrown);
  }
}

/** The same for what a program has loaded itself. Which code that is cannot be known. */
export async function loadedPlugin(exports: PluginExports): Promise<Plugin> {
  const name = nameOfPlugin(exports);
  try {
    return { ...(await opened(broughtBy(exports))), code: { name, code: { [name]: UNREADABLE } } };
  } catch (thrown) {
    throw refusal(name, thrown);
  }
}

function refusal(name: string, thrown: unknown): UsageError | FailureError {
  const where = `plug-in ${printable(name)}`;
  if (thrown instanceof UsageError) return new UsageError(`${where}: ${thrown.message}`);
  return new FailureError(`${where}: cannot be loaded, ${whyThrown(thrown)}`, { cause: thrown });
}

/** What is thrown need not be an error, for instance from a plug-in that gives up in its own way. */
function whyThrown(thrown: unknown): string {
  if (thrown instanceof Error && thrown.message !== "") return messageOf(thrown);
  return `it threw ${thrown instanceof Error ? "an error without a message" : printable(textOf(thrown), 100)}; throw an Error that says why`;
}

/** Asks a kind of its own about a few numbers, once for each variant of it that came along. */
function tryOutKind(kind: Kind, variants: readonly Variant[], kinds: Kinds): void {
  for (const variant of variants) {
    const judged = kinds.judged(parameterize(variant, {}));
    const wrong = judged.kind === kind ? whyUnsound(judged) : null;
    if (wrong !== null) throw new UsageError(`kind ${kind.id}: ${wrong}`);
  }
}

/** The same once its kernels have found what they compute on. */
async function opened(brought: Omit<Plugin, "code">): Promise<Omit<Plugin, "code">> {
  return { ...brought, kernels: await openKernels(brought.kernels) };
}

function broughtBy(
  exported: {
    readonly [Name in keyof PluginExports]?: unknown;
  },
): Omit<Plugin, "code"> {
  const kinds = listOf("kinds", exported.kinds, isKind, "simpleKind, or the Kind interface");
  const variants = listOf("variants", exported.variants, isVariant, "softmaxPattern or featureMap");
  const kernels = listOf("kernels", exported.kernels, isKernel, "simpleKernel, or the Kernel interface");
  if (variants.length + kernels.length === 0) {
    throw new UsageError("must export an array 'variants' or 'kernels' that is not empty");
  }
  const all = kindsOf(kinds);
  for (const variant of variants) tryOut(variant, all);
  for (const kind of kinds) tryOutKind(kind, variants, all);
  return { variants, kernels: kernels.map(answering), kinds };
}

/**
 * Fills in a variant's defaults and binds its pattern, so that what is broken shows before anything is
 * measured.
 */
function tryOut(variant: Variant, kinds: Kinds): void {
  try {
    const { mechanism, kind, exponent } = kinds.judged(parameterize(variant, {}));
    if (!(exponent >= 0 && exponent < Number.POSITIVE_INFINITY)) {
      throw new UsageError(`the exponent must be a number from 0, got ${exponent}`);
    }
    const shape = shapeOf({ batch: 1, heads: 1, length: 8, headDim: 1 });
    reads({ mechanism, kind, shape, causal: kind.causality === "always", threads: 1 });
  } catch (thrown) {
    throw new UsageError(`variant ${variant.id} cannot be used, ${messageOf(thrown)}`);
  }
}

/**
 * A kernel whose `supports`, `details` and `unavailable` answer whatever happens in them: they are called
 * where nothing may throw. The machine's limits are measured by built-in kernels, so that a plug-in moves no
 * ceiling; and the arrays that all kernels share are a built-in kernel's or plain ones, so that a plug-in
 * cannot slow down others.
 */
function answering(kernel: Kernel): Kernel {
  const { id, title, details, unavailable, assumedRate, decode, freedoms, forms, finiteOnly, dtypes } =
    kernel;
  if (assumedRate !== undefined && !(assumedRate > 0 && assumedRate < Number.POSITIVE_INFINITY)) {
    throw new UsageError(
      `kernel ${id}: assumedRate must be operations per second, a number above 0, got ${textOf(assumedRate)}`,
    );
  }
  if (freedoms !== undefined && !(Array.isArray(freedoms) && freedoms.every(isFreedom))) {
    throw new UsageError(
      `kernel ${id}: freedoms must be an array of some of ${ANY_SHAPE.join(", ")}, got ${textOf(freedoms)}`,
    );
  }
  if (forms !== undefined && !(Array.isArray(forms) && forms.every((one) => FORM_NAMES.includes(one)))) {
    throw new UsageError(
      `kernel ${id}: forms must be an array of some of ${FORM_NAMES.join(", ")}, got ${textOf(forms)}`,
    );
  }
  if (dtypes !== undefined && !(Array.isArray(dtypes) && dtypes.length > 0 && dtypes.every(isDtype))) {
    throw new UsageError(
      `kernel ${id}: dtypes must be an array of some of ${DTYPES.join(", ")}, got ${textOf(dtypes)}`,
    );
  }
  return {
    id,
    title: typeof title === "string" ? title : id,
    ...(typeof details === "function" && {
      details: () => orWhyNot("details", () => textOf(details.call(kernel))),
    }),
    ...(typeof unavailable === "function" && {
      unavailable: () => {
        const answer = orWhyNot("unavailable", () => unavailable.call(kernel));
        return answer === null || typeof answer === "string"
          ? answer
          : `unavailable returned ${textOf(answer)}`;
      },
    }),
    ...(assumedRate !== undefined && { assumedRate }),
    ...(freedoms !== undefined && { freedoms }),
    ...(forms !== undefined && { forms }),
    ...(finiteOnly === true && { finiteOnly }),
    ...(typeof kernel.close === "function" && { close: () => kernel.close?.() as Promise<void> }),
    ...(dtypes !== undefined && { dtypes }),
    supports: (task) => answerTo("supports", () => kernel.supports(task)),
    ...(typeof kernel.open === "function" && { open: () => kernel.open?.() as Promise<true | string> }),
    prepare(problem, output) {
      const made = kernel.prepare(problem, output);
      const holding = (one: Runnable) => held("prepare", one, RUNNABLE);
      return made instanceof Promise ? made.then(holding) : holding(made);
    },
    ...(typeof decode === "object" && {
      decode: {
        supports: (task) => answerTo("decode.supports", () => decode.supports(task)),
        prepare(task, weights) {
          const made = decode.prepare(task, weights);
          const holding = (one: Stepper) => held("decode.prepare", one, STEPPER);
          return made instanceof Promise ? made.then(holding) : holding(made);
        },
      },
    }),
  };
}

function isFreedom(one: unknown): one is ShapeFreedom {
  return ANY_SHAPE.some((freedom) => freedom === one);
}

function isDtype(one: unknown): one is Dtype {
  return DTYPES.some((dtype) => dtype === one);
}

const RUNNABLE = ["run", "output", "dispose"] as const satisfies ReadonlyArray<keyof Runnable>;
const STEPPER = ["reset", "prefill", "step", "dispose"] as const satisfies ReadonlyArray<keyof Stepper>;

/**
 * What a plug-in prepared, if it is what was asked for: otherwise a later failure would blame a property of
 * undefined.
 */
function held<T extends Runnable | Stepper>(name: string, made: T, methods: readonly (keyof T)[]): T {
  const got: Partial<T> | null | undefined = made;
  const missing = methods.find((method) => typeof got?.[method] !== "function");
  if (missing === undefined) return made;
  const what = typeof got === "object" && got !== null ? `one without ${String(missing)}` : textOf(got);
  throw new FailureError(
    `the kernel's ${name} must return an object with ${methods.join(", ")}, got ${what}`,
  );
}

/** `true`, or why not, whatever the answer. */
function answerTo(name: string, ask: () => unknown): true | string {
  return orWhyNot(name, () => {
    const answer = ask();
    if (answer === true || (typeof answer === "string" && answer.trim() !== "")) return answer;
    return `${name} returned ${answer === "" ? "no reason" : textOf(answer)}`;
  });
}

function orWhyNot<T>(name: string, ask: () => T): T | string {
  try {
    return ask();
  } catch (thrown) {
    return `${name} threw ${messageOf(thrown)}`;
  }
}

function listOf<T>(
  name: string,
  value: unknown,
  is: (item: unknown) => item is T,
  maker: string,
): readonly T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new UsageError(`'${name}' must be an array, got ${typeof value}`);
  for (const [index, item] of value.entries()) {
    if (!is(item)) throw new UsageError(`${name}[${index}] must be made with ${maker}`);
  }
  return value;
}

function isVariant(item: unknown): item is Variant {
  const variant = item as Partial<Variant> | null;
  return (
    typeof variant === "object" &&
    variant !== null &&
    typeof variant.id === "string" &&
    typeof variant.title === "string" &&
    typeof variant.summary === "string" &&
    typeof variant.source === "string" &&
    typeof variant.params === "object" &&
    variant.params !== null &&
    Array.isArray(variant.aliases) &&
    variant.aliases.every((alias) => typeof alias === "string") &&
    typeof variant.mechanism === "function" &&
    typeof variant.exponent === "function"
  );
}

function isKind(item: unknown): item is Kind {
  const kind = item as Partial<Kind> | null;
  return (
    typeof kind === "object" &&
    kind !== null &&
    typeof kind.id === "string" &&
    /^[a-zA-Z][a-zA-Z0-9-]*$/.test(kind.id) &&
    Array.isArray(kind.laws) &&
    typeof kind.pairwise === "boolean" &&
    (
      [
        "under",
        "whyNotUnder",
        "work",
        "leastWork",
        "pattern",
        "scoreScale",
        "oracle",
        "oracleProducts",
      ] as const
    ).every((name) => typeof kind[name] === "function")
  );
}

function isKernel(item: unknown): item is Kernel {
  const kernel = item as Partial<Kernel> | null;
  return (
    typeof kernel === "object" &&
    kernel !== null &&
    typeof kernel.id === "string" &&
    /^[a-z][a-z0-9-]*$/.test(kernel.id) &&
    typeof kernel.supports === "function" &&
    typeof kernel.prepare === "function" &&
    (kernel.decode === undefined ||
      (typeof kernel.decode?.supports === "function" && typeof kernel.decode.prepare === "function"))
  );
}
