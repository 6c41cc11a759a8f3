import type { DeviceLine } from "../record/schema/device.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import { countText } from "../text/count-text.ts";
import { formatBytes, formatFlops, formatSeconds } from "../text/format.ts";

/** A name and what to say about it, as plain text that may hold anything. */
export type Fact = readonly [name: string, value: string];

/** The machine and the runtime, as they were when the environment was read. */
export function machineDescription(environment: Environment): readonly Fact[] {
  const { caches, governor, on_battery: battery, steal, cpu_features: features } = environment;
  const instructions = Object.entries(features ?? {}).map(([name, has]) => (has ? name : `no ${name}`));
  const sizes = Object.entries(caches).map(([level, bytes]) => `${level} ${formatBytes(bytes)}`);
  return [
    ["processor", `${environment.cpu}, ${countText(environment.cores, "core")}`],
    ["instructions", instructions.length === 0 ? UNKNOWN : listed(instructions)],
    ["caches", sizes.length === 0 ? UNKNOWN : listed(sizes)],
    ["memory", environment.memory_bytes > 0 ? formatBytes(environment.memory_bytes) : UNKNOWN],
    ["system", environment.os],
    ["governor", governor ?? UNKNOWN],
    ["on battery", battery === null ? UNKNOWN : battery ? "yes" : "no"],
    ["load at the start", environment.load?.toFixed(2) ?? UNKNOWN],
    ["steal since boot", steal === null ? UNKNOWN : `${(100 * steal).toFixed(1)} %`],
    ["clock step", formatSeconds(environment.timer_resolution_s)],
    ...runtimeOf(environment),
    ["flags", listed(environment.flags)],
  ];
}

function runtimeOf({ browser, node, v8 }: Environment): readonly Fact[] {
  if (browser !== undefined) {
    return [
      ["browser", browser.user_agent],
      ["isolated from other pages", browser.isolated ? "yes" : "no"],
    ];
  }
  return [
    ["Node", node ?? UNKNOWN],
    ["V8", v8 ?? UNKNOWN],
  ];
}

/** The devices that kernels computed on, each with what bounds it and what it reaches. */
export function devicesDescription({ devices = [] }: Pick<Environment, "devices">): readonly Fact[] {
  return devices.flatMap((one): Fact[] => {
    const { kernel, rates, toggles, features, limits } = one;
    const numbers = Object.entries(limits).map(([name, most]) => `${name} ${most}`);
    return [
      [`device of ${kernel}`, deviceText(one)],
      [`reached by ${kernel}`, one.implementation],
      ["its settings", toggles.length === 0 ? "as usual" : listed(toggles)],
      ["its features", listed(features)],
      ["its limits", listed(numbers)],
      ["it reaches", rates === undefined ? UNKNOWN : listed(ratesText(rates))],
    ];
  });
}

/** `NVIDIA H200, by nvidia hopper, driver 550.54`; a driver in software says so. */
function deviceText({ name, vendor, architecture, device, software, driver }: DeviceLine): string {
  const by = [vendor, architecture, device].filter((one) => one !== "").join(" ");
  return [
    name,
    ...(by === "" || by === name ? [] : [`by ${by}`]),
    ...(driver === null ? [] : [`driver ${driver}`]),
    ...(software === true ? ["in software, on the processors"] : []),
  ].join(", ");
}

function ratesText(rates: NonNullable<DeviceLine["rates"]>): readonly string[] {
  const { register_flops_per_s: registers, tile_flops_per_s: tiles, read_bytes_per_s: read } = rates;
  return [
    `${tiles === null ? UNKNOWN : ceilingText(tiles)} in products of tiles`,
    `${registers === null ? UNKNOWN : ceilingText(registers)} in registers`,
    read === null
      ? `${UNKNOWN} reading its memory`
      : `${formatBytes(read)}/s reading ${formatBytes(rates.read_bytes ?? 0)} of its memory`,
    `by the clock of the ${rates.clock}`,
  ];
}

/** The machine's limits as a run recorded them. */
export function limitsDescription({
  ceilings = [],
  read_bandwidth_bytes_per_s: read = null,
  read_rates: rates = [],
}: Environment): readonly Fact[] {
  return [
    [
      "ceiling",
      ceilings.length === 0
        ? UNKNOWN
        : listed(ceilings.map((one) => `${one.build} ${ceilingText(one.flops_per_s)} ${onThreads(one)}`)),
    ],
    ["reading memory", read === null ? UNKNOWN : `${formatBytes(read)}/s`],
    ...(rates.length === 0 ? [] : [["reading working sets", listed(rates.map(readText))] as const]),
  ];
}

/** `24.0 KiB (L1d) 83.8 GiB/s`. */
function readText({
  level,
  bytes,
  bytes_per_s: rate,
}: NonNullable<Environment["read_rates"]>[number]): string {
  const text = rate === null ? UNKNOWN : `${formatBytes(rate)}/s`;
  return `${formatBytes(bytes)} (${level}) ${text}`;
}

/** `91.4 GFLOP/s`. */
export function ceilingText(flopsPerSecond: number): string {
  return `${formatFlops(flopsPerSecond)}/s`;
}

function onThreads({ threads }: { readonly threads: number }): string {
  return `on ${countText(threads, "thread")}`;
}

export const UNKNOWN = "not known";

export function listed(items: readonly string[]): string {
  return items.length === 0 ? "none" : items.join(", ");
}
