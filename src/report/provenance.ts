import { formatBytes, formatSeconds } from "../core/format.ts";
import type { Results } from "../record/case-row.ts";
import { type Html, html } from "./html.ts";

/** Where the numbers come from: machine, runtime, code, plan. */
export function provenance(results: Results): Html {
  return html`<dl>${facts(results).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function facts({ name, run, rows }: Results): readonly (readonly [name: string, value: string])[] {
  const { plan, environment } = run;
  const { caches, governor, on_battery: battery, steal, commit, dirty } = environment;
  const rounds = rows.reduce((most, row) => Math.max(most, row.rounds), 0);
  return [
    ["results file", name],
    ["started", run.started],
    ["processor", `${environment.cpu}, ${environment.cores} cores`],
    ["caches", list(Object.entries(caches).map(([level, bytes]) => `${level} ${formatBytes(bytes)}`))],
    ["memory", formatBytes(environment.memory_bytes)],
    ["system", environment.os],
    ["governor", governor ?? unknown],
    ["on battery", battery === null ? unknown : battery ? "yes" : "no"],
    ["load at the start", environment.load.toFixed(2)],
    ["steal since boot", steal === null ? unknown : `${(100 * steal).toFixed(1)} %`],
    ["clock step", formatSeconds(environment.timer_resolution_s)],
    ["Node", environment.node],
    ["V8", environment.v8],
    ["flags", list(environment.flags)],
    ...Object.entries(environment.kernels ?? {}).map(([id, build]) => [`build of ${id}`, build] as const),
    ["attnbench", environment.attnbench],
    ["commit", `${commit ?? unknown}${dirty === true ? ", with changes" : ""}`],
    ["lock file", environment.lockfile_sha256 ?? unknown],
    ["input", plan.input],
    ["seed", `${plan.seed}`],
    ["rounds", `${rounds} of ${plan.rounds} planned`],
    ["time budget", formatSeconds(plan.budget_s)],
    ["plug-ins", list(plan.plugins)],
  ];
}

const unknown = "not known";

function list(items: readonly string[]): string {
  return items.length === 0 ? "none" : items.join(", ");
}
