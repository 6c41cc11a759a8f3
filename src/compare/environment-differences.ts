import { printable, UsageError } from "../core/errors.ts";
import type { DeviceLine } from "../record/schema/device.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import { formatBytes } from "../text/format.ts";
import { codeDifference, pluginCode } from "./code-differences.ts";
import type { Difference } from "./comparison.ts";

/** A difference, and whether times across it say nothing about the code. */
export interface EnvironmentDifference extends Difference {
  /** `place`: another machine, runtime or setting of them. `code`: what a comparison is made for. */
  readonly kind: "place" | "code";
}

const UNKNOWN = "not known";

/** What a reader is told about each field. Load and steal always differ, and warnings mention them. */
const fields = {
  cpu: ["place", ({ cpu }) => cpu],
  cores: ["place", ({ cores }) => `${cores}`],
  cores_allowed: [
    "place",
    (one) => (one.cores_allowed === undefined ? UNKNOWN : (one.cores_allowed ?? "all")),
  ],
  caches: ["place", ({ caches }) => recordText(caches, formatBytes)],
  memory_bytes: ["place", (one) => formatBytes(one.memory_bytes, 6)],
  cpu_features: ["place", (one) => (one.cpu_features == null ? UNKNOWN : recordText(one.cpu_features))],
  governor: ["place", ({ governor }) => governor ?? UNKNOWN],
  on_battery: ["place", ({ on_battery: battery }) => (battery === null ? UNKNOWN : battery ? "yes" : "no")],
  os: ["place", ({ os }) => os],
  browser: ["place", ({ browser }) => (browser === undefined ? "none" : browserText(browser))],
  node: ["place", ({ node }) => node ?? "none"],
  v8: ["place", ({ v8 }) => v8 ?? UNKNOWN],
  flags: ["place", ({ flags }) => (flags.length === 0 ? "none" : flags.join(" "))],
  attnbench: ["code", ({ attnbench }) => attnbench],
  commit: ["code", ({ commit }) => commit ?? UNKNOWN],
  changes_sha256: ["code", changesOf],
  lockfile_sha256: ["code", (one) => one.lockfile_sha256 ?? UNKNOWN],
} as const satisfies Partial<
  Record<keyof Environment, readonly [EnvironmentDifference["kind"], (one: Environment) => string]>
>;

/**
 * What the environments of two runs do not share, field by field, first those across which times cannot be
 * compared.
 */
export function environmentDifferences(
  base: Environment,
  head: Environment,
): readonly EnvironmentDifference[] {
  const ofFields = Object.entries(fields).map(([field, [kind, told]]) => {
    return { field, kind, base: told(base), head: told(head) };
  });
  const ofKernels = [...buildDifferences(base, head), ...deviceDifferences(base, head)];
  const all = [...ofFields, ...ofKernels, ...codeDifferences(base, head)].filter(
    (one) => one.base !== one.head && !(one.field === "memory_bytes" && isSameMemory(base, head)),
  );
  return [...all.filter(({ kind }) => kind === "place"), ...all.filter(({ kind }) => kind === "code")];
}

/** A kernel's build, `wide` or `plain`, belongs to the machine; the hash of its code belongs to the code. */
function buildDifferences(base: Environment, head: Environment): readonly EnvironmentDifference[] {
  const ids = new Set([base, head].flatMap(({ kernels = {} }) => Object.keys(kernels)));
  return [...ids].flatMap((id) => {
    const [before, after] = [base, head].map(({ kernels = {} }) => kernels[id] ?? UNKNOWN);
    const alike = before.replace(HASH, "") === after.replace(HASH, "");
    return [{ field: `kernels.${id}`, kind: alike ? "code" : "place", base: before, head: after }] as const;
  });
}

/** A device's driver and settings; its name and what it is reached through are told by its kernel's details. */
function deviceDifferences(base: Environment, head: Environment): readonly EnvironmentDifference[] {
  const ids = new Set([base, head].flatMap(({ devices = [] }) => devices.map(({ kernel }) => kernel)));
  return [...ids].map((id) => {
    const [before, after] = [base, head].map(({ devices = [] }) => {
      const found = devices.find(({ kernel }) => kernel === id);
      return found === undefined ? UNKNOWN : deviceText(found);
    });
    return { field: `devices.${id}`, kind: "place", base: before, head: after } as const;
  });
}

function deviceText({ vendor, architecture, device, driver, toggles }: DeviceLine): string {
  const settings = toggles.length === 0 ? "as usual" : toggles.join(" ");
  return `${[vendor, architecture, device].join(" ")}, driver ${driver ?? UNKNOWN}, ${settings}`;
}

/** What ran, by its content: two records of one commit may differ, and those of two commits may not. */
function codeDifferences(base: Environment, head: Environment): readonly EnvironmentDifference[] {
  const own =
    base.code !== undefined && head.code !== undefined
      ? codeDifference(base.code, head.code)
      : { base: base.code ? "known" : UNKNOWN, head: head.code ? "known" : UNKNOWN };
  const plugins = codeDifference(pluginCode(base), pluginCode(head));
  return [
    ...(own === null ? [] : [{ field: "code", kind: "code", ...own } as const]),
    ...(plugins === null ? [] : [{ field: "plugins", kind: "code", ...plugins } as const]),
  ];
}

/**
 * A share of memory that an update of the operating system, a graphics unit or a hypervisor takes or gives:
 * still the same machine.
 */
const MEMORY_LEEWAY = 0.03;

function isSameMemory({ memory_bytes: a }: Environment, { memory_bytes: b }: Environment): boolean {
  return Math.abs(a - b) <= MEMORY_LEEWAY * Math.max(a, b);
}

const HASH = /\b[0-9a-f]{8,64}\b/g;

function changesOf({ dirty, changes_sha256: hash = null }: Environment): string {
  if (dirty === null) return UNKNOWN;
  return dirty ? (hash ?? "unhashed changes") : "none";
}

function browserText({ user_agent, isolated }: NonNullable<Environment["browser"]>): string {
  return `${isolated ? "isolated" : "not isolated"}, ${user_agent}`;
}

function recordText<T>(record: Readonly<Record<string, T>>, told: (value: T) => string = String): string {
  const sorted = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, value]) => `${name} ${told(value)}`).join(", ");
}

/**
 * Those across which times say nothing about the code. What one side does not know, such as a field that
 * older files omit, is not a difference.
 */
export function otherPlaces(differences: readonly EnvironmentDifference[]): readonly EnvironmentDifference[] {
  return differences.filter(
    ({ kind, base, head }) => kind === "place" && base !== UNKNOWN && head !== UNKNOWN,
  );
}

/** Refuses to compare times across machines, runtimes or settings. */
export function refuseOtherPlace(differences: readonly EnvironmentDifference[]): void {
  const places = otherPlaces(differences);
  if (places.length === 0) return;
  const named = places.map(
    ({ field, base, head }) =>
      `${printable(field, 40)} ${printable(base, 60)} against ${printable(head, 60)}`,
  );
  const shown = named.slice(0, MOST_NAMED).join("; ");
  const more = named.length > MOST_NAMED ? `; ${named.length - MOST_NAMED} more` : "";
  throw new UsageError(
    `compare: both files must come from the same machine and runtime, got ${shown}${more}; measure both in one place, or add --across-machines`,
  );
}

const MOST_NAMED = 4;
