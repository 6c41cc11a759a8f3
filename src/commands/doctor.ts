import { availableParallelism } from "node:os";
import { loadCatalogue } from "../library/catalogue.ts";
import { LIMITS } from "../library/plan-options.ts";
import { simdOf } from "../library/simd-option.ts";
import { parseInteger } from "../text/units.ts";
import { EXIT, type ExitCode, type Io, print } from "./io.ts";
import { machineAdvice } from "./machine/advice.ts";
import { machineFacts, usualThreads } from "./machine/facts.ts";
import { printMachine } from "./machine/print.ts";

export interface DoctorOptions {
  readonly threads: string | undefined;
  readonly simd: string | undefined;
  readonly plugins: readonly string[];
  readonly json: boolean;
}

/** Reports what this machine can measure, and what would spoil it. Advice is not a failure. */
export async function doctor(options: DoctorOptions, io: Io): Promise<ExitCode> {
  const threads =
    options.threads === undefined
      ? usualThreads(availableParallelism())
      : [parseInteger("--threads", options.threads, 1, LIMITS.threads)];
  const catalogue = await loadCatalogue(options.plugins, simdOf(options.simd), "all");
  try {
    const facts = await machineFacts(catalogue.kernels, threads, io.now);
    const advice = machineAdvice(facts);
    if (options.json) print(io, JSON.stringify({ ...facts, advice }, null, 2));
    else printMachine(facts, advice, io);
    return EXIT.fine;
  } finally {
    await catalogue.close();
  }
}
