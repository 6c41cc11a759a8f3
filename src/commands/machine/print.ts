import { printable } from "../../core/errors.ts";
import {
  ceilingText,
  devicesDescription,
  type Fact,
  machineDescription,
  UNKNOWN,
} from "../../report/machine-description.ts";
import { formatBytes, formatCount } from "../../text/format.ts";
import { textColumns } from "../../text/text-columns.ts";
import { type Io, print } from "../io.ts";
import type { MachineFacts } from "./facts.ts";

/** Prints what the machine is and reaches, then the advice. */
export function printMachine(facts: MachineFacts, advice: readonly string[], io: Io): void {
  const kernels = facts.kernels.map(({ id, title, details, unavailable }): Fact => {
    const told = details ?? (unavailable === null ? null : `cannot run here, ${unavailable}`);
    return [id, told === null ? title : `${title}: ${told}`];
  });
  const free: Fact = ["memory left", knownBytes(facts.available_memory_bytes)];
  print(io, ...aligned([...machineDescription(facts.environment), free]), "");
  print(io, "kernels", ...aligned(kernels), "");
  print(io, ...ceilingTable(facts, io.columns), "");
  print(io, "one thread reads", ...aligned(facts.reads.map(readFact)), "");
  const tanh = facts.tanh_per_s === null ? UNKNOWN : `${formatCount(facts.tanh_per_s)} per second`;
  print(io, `tanh on one thread: ${tanh}`, "");
  const devices = devicesDescription(facts.environment);
  if (devices.length > 0) print(io, "devices", ...aligned(devices), "");
  print(io, ...(advice.length === 0 ? ["ready to measure"] : advice.map((one) => `! ${one}`)));
}

function knownBytes(bytes: number | null): string {
  return bytes === null ? UNKNOWN : formatBytes(bytes);
}

function aligned(facts: readonly Fact[]): readonly string[] {
  const widest = Math.max(0, ...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `  ${name.padEnd(widest)}  ${printable(value, 500)}`);
}

function readFact({ level, bytes, bytes_per_s: rate }: MachineFacts["reads"][number]): Fact {
  return [level, `${rate === null ? UNKNOWN : `${formatBytes(rate)}/s`} over ${formatBytes(bytes)}`];
}

/** Builds by thread count. */
function ceilingTable(
  { environment: { ceilings = [] }, threads }: MachineFacts,
  width: number,
): readonly string[] {
  const builds = [...new Set(ceilings.map((one) => one.build))];
  if (builds.length === 0) return [`ceiling: ${UNKNOWN}, no kernel here can measure it`];
  const columns = threads.map((count) => ({
    head: count === 1 ? "1 thread" : `${count} threads`,
    cells: builds.map((build) => {
      const found = ceilings.find((one) => one.build === build && one.threads === count);
      return found === undefined ? "–" : ceilingText(found.flops_per_s);
    }),
  }));
  return textColumns({ head: "ceiling", cells: builds.map((build) => printable(build, 40)) }, columns, width);
}
