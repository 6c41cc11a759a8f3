import type { DeviceLine } from "../record/schema/device.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import { formatBytes } from "../text/format.ts";
import type { Difference } from "./comparison.ts";

/** What stands for a field that is not known: it differs from nothing. */
export const UNKNOWN = "not known";

/** What of an environment is the machine, its runtime and their settings, beside kernels and devices. */
const PLACE_FIELDS = [
  "cpu",
  "cores",
  "cores_allowed",
  "caches",
  "memory_bytes",
  "cpu_features",
  "governor",
  "on_battery",
  "os",
  "browser",
  "node",
  "v8",
  "flags",
] as const satisfies readonly (keyof Environment)[];

type PlaceField = (typeof PLACE_FIELDS)[number];

/** Of a device: what it is, and by what it is driven. */
type PlaceDevice = Pick<DeviceLine, "kernel" | "vendor" | "architecture" | "device" | "driver" | "toggles">;

/**
 * Where times were measured: the part of an environment that two runs must share if a difference between their times is to
 * say something about the code. `kernels` are the builds of kernels, without the hashes of their code.
 */
export interface Place extends Pick<Environment, PlaceField | "kernels"> {
  readonly devices?: readonly PlaceDevice[] | undefined;
}

/** What a reader is told about each field. */
const told: Readonly<Record<PlaceField, (one: Place) => string>> = {
  cpu: ({ cpu }) => cpu,
  cores: ({ cores }) => `${cores}`,
  cores_allowed: (one) => (one.cores_allowed === undefined ? UNKNOWN : (one.cores_allowed ?? "all")),
  caches: ({ caches }) => recordText(caches, formatBytes),
  memory_bytes: (one) => formatBytes(one.memory_bytes, 6),
  cpu_features: (one) => (one.cpu_features == null ? UNKNOWN : recordText(one.cpu_features)),
  governor: ({ governor }) => governor ?? UNKNOWN,
  on_battery: ({ on_battery: battery }) => (battery === null ? UNKNOWN : battery ? "yes" : "no"),
  os: ({ os }) => os,
  browser: ({ browser }) => (browser === undefined ? "none" : browserText(browser)),
  node: ({ node }) => node ?? "none",
  v8: ({ v8 }) => v8 ?? UNKNOWN,
  flags: ({ flags }) => (flags.length === 0 ? "none" : flags.join(" ")),
};

/** The place of an environment, alone. */
export function placeOf(environment: Place): Place {
  const { kernels, devices } = environment;
  const known = PLACE_FIELDS.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...(Object.fromEntries(known) as Pick<Place, PlaceField>),
    ...(kernels !== undefined && {
      kernels: Object.fromEntries(Object.entries(kernels).map(([id, build]) => [id, buildText(build)])),
    }),
    ...(devices !== undefined && {
      devices: devices.map(({ kernel, vendor, architecture, device, driver, toggles }) => {
        return { kernel, vendor, architecture, device, driver, toggles };
      }),
    }),
  };
}

/** What two places do not share, field by field; what one of them does not know is among it. */
export function placeDifferences(base: Place, head: Place): readonly Difference[] {
  return [...differencesIn(base, head)];
}

/** The same one by one. */
function* differencesIn(base: Place, head: Place): Generator<Difference, void, void> {
  for (const field of PLACE_FIELDS) {
    const one = { field, base: told[field](base), head: told[field](head) };
    if (one.base !== one.head && !(field === "memory_bytes" && isSameMemory(base, head))) yield one;
  }
  yield* buildDifferences(base, head);
  yield* deviceDifferences(base, head).filter((one) => one.base !== one.head);
}

/** Those that both know: times across them say nothing about the code. */
export function knownDifferences(base: Place, head: Place): readonly Difference[] {
  return placeDifferences(base, head).filter(isKnown);
}

/** Whether times of both may be compared. */
export function isSamePlace(base: Place, head: Place): boolean {
  // The first difference settles it: a history holds every place against every machine.
  for (const one of differencesIn(base, head)) if (isKnown(one)) return false;
  return true;
}

function isKnown({ base, head }: Difference): boolean {
  return base !== UNKNOWN && head !== UNKNOWN;
}

/** A place that knows what either of two knows that are the same; of what both know, what `first` says. */
export function joinPlaces(first: Place, second: Place): Place {
  const unknown = PLACE_FIELDS.filter((name) => told[name](first) === UNKNOWN);
  const learned = Object.fromEntries(unknown.map((name) => [name, second[name]]));
  const known = new Set(first.devices?.map(({ kernel }) => kernel));
  const devices = [
    ...(first.devices ?? []),
    ...(second.devices ?? []).filter((one) => !known.has(one.kernel)),
  ];
  return {
    ...first,
    ...learned,
    kernels: Object.fromEntries([
      ...Object.entries(second.kernels ?? {}),
      ...Object.entries(first.kernels ?? {}),
    ]),
    devices,
  };
}

/** A kernel's build, `wide` or `plain`, belongs to the machine; the hash of its code belongs to the code. */
function buildDifferences(base: Place, head: Place): readonly Difference[] {
  return kernelsOf(base, head).flatMap((id) => {
    const [before, after] = buildsOf(id, base, head);
    return buildText(before) === buildText(after)
      ? []
      : [{ field: `kernels.${id}`, base: before, head: after }];
  });
}

/** The kernels that one of them names. */
export function kernelsOf(...places: readonly Place[]): readonly string[] {
  return [...new Set(places.flatMap(({ kernels = {} }) => Object.keys(kernels)))];
}

/** A kernel's build in each, as recorded. */
export function buildsOf(id: string, ...places: readonly Place[]): readonly string[] {
  return places.map(({ kernels = {} }) => (Object.hasOwn(kernels, id) ? kernels[id] : UNKNOWN));
}

export function buildText(build: string): string {
  return build.replace(HASH, "").replace(/^[\s,]+/, "");
}

const HASH = /\s*\b[0-9a-f]{8,64}\b/g;

/** A device's driver and settings; its name and what it is reached through are told by its kernel's details. */
function deviceDifferences(base: Place, head: Place): readonly Difference[] {
  const ids = new Set([base, head].flatMap(({ devices = [] }) => devices.map(({ kernel }) => kernel)));
  return [...ids].map((id) => {
    const [before, after] = [base, head].map(({ devices = [] }) => {
      const found = devices.find(({ kernel }) => kernel === id);
      return found === undefined ? UNKNOWN : deviceText(found);
    });
    return { field: `devices.${id}`, base: before, head: after };
  });
}

function deviceText({ vendor, architecture, device, driver, toggles }: PlaceDevice): string {
  const settings = toggles.length === 0 ? "as usual" : toggles.join(" ");
  return `${[vendor, architecture, device].join(" ")}, driver ${driver ?? UNKNOWN}, ${settings}`;
}

/**
 * A share of memory that an update of the operating system, a graphics unit or a hypervisor takes or gives:
 * still the same machine.
 */
const MEMORY_LEEWAY = 0.03;

function isSameMemory({ memory_bytes: a }: Place, { memory_bytes: b }: Place): boolean {
  return Math.abs(a - b) <= MEMORY_LEEWAY * Math.max(a, b);
}

function browserText({ user_agent, isolated }: NonNullable<Environment["browser"]>): string {
  return `${isolated ? "isolated" : "not isolated"}, ${user_agent}`;
}

function recordText<T>(record: Readonly<Record<string, T>>, text: (value: T) => string = String): string {
  const sorted = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, value]) => `${name} ${text(value)}`).join(", ");
}
