import { measureDevices } from "../../machine/devices.ts";
import { hostEnvironment } from "../../machine/host-environment.ts";
import { limitsFor } from "../../machine/limits.ts";
import { embedded } from "../../platform/browser/embedded.ts";
import { prepareWorkers } from "../../platform/browser/threads.ts";
import { platform } from "../../platform/here.ts";
import type { Catalogue } from "../../plugins/load-plugin.ts";
import { RESULTS } from "../../record/line-kind.ts";
import { refuseUnreadable } from "../../record/refuse-unreadable.ts";
import {
  type Environment,
  type Plan,
  type ResultLine,
  type RunLine,
  SCHEMA_VERSION,
} from "../../record/schema/result-lines.ts";
import { runPlan } from "../../run/run-plan.ts";
import type { PageProgress } from "../protocol.ts";
import type { PreparedPlan } from "./plan-for.ts";

/** Carries out a plan: the lines of its results as they come, each one that a reader of results files takes. */
export async function* measure(
  { plan, source }: PreparedPlan,
  catalogue: Catalogue,
  signal: AbortSignal,
  observe: (progress: PageProgress) => void,
): AsyncGenerator<ResultLine, void, void> {
  const { kinds, variants, kernels } = catalogue;
  await prepareThreads(plan);
  const lines = runPlan(plan, {
    kinds,
    variants,
    kernels,
    source,
    already: { outcomes: new Map(), rounds: new Set(), spent: new Map(), elapsed: 0 },
    // What is unknown is no limit.
    memoryBytes: platform.usableMemory() || Number.POSITIVE_INFINITY,
    now: () => performance.now() / 1000,
    signal,
    observe,
  });
  yield checked(await headOf(plan, catalogue));
  for await (const line of lines) yield checked(line);
}

/** Those of the kernels' calls, and as many again for the machine's limits, whose threads end once they are known. */
async function prepareThreads({ cases }: Plan): Promise<void> {
  const threads = cases
    .filter(({ unsupported }) => unsupported === null)
    .reduce((most, one) => Math.max(most, one.threads), 1);
  if (threads > 1 && platform.whyNoThreads() === null) {
    await prepareWorkers(platform.wasmWorker, 2 * (threads - 1));
  }
}

function checked(line: ResultLine): ResultLine {
  refuseUnreadable(RESULTS, line);
  return line;
}

async function headOf(plan: Plan, { kernels }: Catalogue): Promise<RunLine> {
  // A kernel that cannot run is recorded with the reason: others were measured in its place.
  const measured = kernels.filter(({ id, unavailable }) => {
    return plan.cases.some(({ kernel }) => kernel === id) || (unavailable?.() ?? null) !== null;
  });
  const host = hostEnvironment(measured);
  const environment: Environment = {
    ...host,
    browser: { user_agent: navigator.userAgent, isolated: globalThis.crossOriginIsolated },
    attnbench: embedded.version,
    commit: null,
    dirty: null,
    changes_sha256: null,
    code: { "src/page/engine": embedded.code },
    lockfile_sha256: null,
  };
  return {
    type: "run",
    schema: SCHEMA_VERSION,
    started: new Date().toISOString(),
    plan,
    environment: {
      ...environment,
      ...limitsFor(plan, environment.caches, kernels),
      // Of a device without rates the report says that nothing is known.
      ...(await measureDevices(measured, () => {})),
    },
    input_sha256: null,
  };
}
