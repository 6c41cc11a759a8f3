import { printable } from "../core/errors.ts";
import type { MergedShards } from "../record/merged-shards.ts";
import { LEAST_BLOCKS } from "../stats/block-ratio.ts";
import { countText } from "../text/count-text.ts";
import { formatSeconds } from "../text/format.ts";
import { type Html, html } from "../text/html.ts";
import { isLearnedOnly } from "./learning/learned-only.ts";
import { studyFacts } from "./learning/study-facts.ts";
import {
  devicesDescription,
  type Fact,
  limitsDescription,
  listed,
  machineDescription,
  UNKNOWN,
} from "./machine-description.ts";
import { replayCommand } from "./replay-command.ts";
import type { ReportedResults } from "./reported-results.ts";
import { settingAspects } from "./setting-words.ts";

/** Where the numbers come from: machine, runtime, code, plan, and how to reproduce them. */
export function provenance(results: ReportedResults): Html {
  const { plugins } = results.run.plan;
  const facts = html`<dl class="facts">${provenanceFacts(results).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
  if (isLearnedOnly(results)) return facts;
  if (results.merged !== undefined) {
    return html`<p>The plan of the sweep, which lies in its folder, measures the same cases again in another:</p>
<pre class="command"><code>${sweepCommand(results.merged)}</code></pre>
${facts}`;
  }
  return html`<p>One command, run in the file's folder, measures the same cases again${placeOf(plugins)}:</p>
<pre class="command"><code>${replayCommand(results.file ?? `${results.name}.jsonl`, plugins)}</code></pre>
${facts}`;
}

/** A results file does not record its place relative to the folder in which the run was started. */
function placeOf(plugins: readonly string[]): string {
  if (plugins.every((path) => /^(\/|[a-z]:)/i.test(path))) return "";
  return "; its plug-ins are named relative to the folder in which the run was started: if that is another, name them relative to the file's";
}

/** The same as plain text that may hold anything. */
export function provenanceFacts(results: ReportedResults): readonly Fact[] {
  const { name, run, rows, learned } = results;
  const { environment } = run;
  const { commit, dirty } = environment;
  return [
    ["results file", name],
    ["started", run.started],
    ...shardFacts(results),
    ...machineDescription(environment),
    ...limitsDescription(environment),
    ...devicesDescription(environment),
    ...clocksText(rows),
    ...Object.entries(environment.kernels ?? {}).map(
      ([id, build]) => [`build of ${printable(id, 40)}`, build] as const,
    ),
    ["attnbench", environment.attnbench],
    ["commit", `${commit ?? UNKNOWN}${dirty === true ? ", with changes" : ""}`],
    ...(environment.changes_sha256 == null ? [] : [["changes", environment.changes_sha256] as const]),
    ["lock file", environment.lockfile_sha256 ?? UNKNOWN],
    ...(learned === undefined ? [] : studyFacts(learned.study)),
    ...(isLearnedOnly(results) ? [] : timingFacts(results)),
  ];
}

/** How cases were timed. */
function timingFacts({ rows, merged, run: { plan, environment, ...run } }: ReportedResults): readonly Fact[] {
  const rounds = rows.reduce((most, row) => Math.max(most, row.rounds), 0);
  const shards = merged?.shards ?? [plan];
  return [
    ["calls", callsText(rows)],
    ["input", distinct(shards.map(({ input }) => input))],
    ...(run.input_sha256 == null ? [] : [["input's SHA-256", run.input_sha256] as const]),
    ...(run.given_inputs === undefined
      ? []
      : [["weights from the input", listed(run.given_inputs)] as const]),
    ...(plan.simd === undefined ? [] : [["build asked for", plan.simd] as const]),
    ["seed", distinct(shards.map(({ seed }) => `${seed}`))],
    merged === undefined
      ? ["rounds", `${rounds} of ${plan.rounds} planned`]
      : ["rounds", `${plan.rounds} planned in a shard, ${rounds} of a case in all`],
    [merged === undefined ? "time budget" : "time budget of a shard", formatSeconds(plan.budget_s)],
    ["plug-ins", listed(plan.plugins)],
    ...(environment.plugins ?? []).map(
      ({ name, code }) => [`code of ${printable(name, 40)}`, codeText(code)] as const,
    ),
  ];
}

/** What measures a sweep again: its name is of plain letters. */
function sweepCommand({ sweep }: MergedShards): string {
  return `attnbench sweep sweeps/${sweep}/plan.yaml --out sweeps/${sweep}-again`;
}

/** Which shards of which sweep were merged, and what their intervals are of. */
function shardFacts({ merged, rows }: ReportedResults): readonly Fact[] {
  if (merged === undefined) return [];
  const { sweep, machine, shards } = merged;
  const repeats = new Set(shards.map(({ repeat }) => repeat)).size;
  const last =
    shards
      .map(({ started }) => started)
      .sort()
      .at(-1) ?? UNKNOWN;
  const names = shards.slice(0, MOST_FILES).map(({ name }) => name);
  const more = shards.length > MOST_FILES ? [`${shards.length - MOST_FILES} more`] : [];
  const allowed = new Set(shards.flatMap((one) => one.cores_allowed ?? []));
  const over = rows.filter((row) => (row.shards?.length ?? 0) >= LEAST_BLOCKS).length;
  const within = rows.filter((row) => row.rounds > 0).length - over;
  return [
    ["last shard started", last],
    ["sweep", sweep],
    ["class of machines", machine],
    ["shards", `${shards.length} in ${countText(repeats, "repeat")}: ${listed([...names, ...more])}`],
    ...(allowed.size === 0
      ? []
      : [["processors allowed", listed([...allowed].slice(0, MOST_FILES))] as const]),
    ...(over === 0
      ? []
      : [
          [
            "intervals over shards",
            `of ${countText(over, "case")} measured by ${LEAST_BLOCKS} or more`,
          ] as const,
        ]),
    ...(within === 0
      ? []
      : [
          [
            "intervals within shards",
            `of ${countText(within, "case")}: they cover what varies within a process, whose rounds are not independent of one another, and not from process to process; ${LEAST_BLOCKS} repeats give intervals over shards`,
          ] as const,
        ]),
  ];
}

/** Each once. */
function distinct(texts: readonly string[]): string {
  const all = [...new Set(texts)];
  return all.length > MOST_FILES
    ? `${all.slice(0, MOST_FILES).join(", ")} and ${all.length - MOST_FILES} more`
    : all.join(", ");
}

/** By which clock the times of kernels are that submit several calls to a device at once. */
function clocksText(rows: ReportedResults["rows"]): readonly Fact[] {
  const told = new Map(rows.flatMap(({ kernel, clock }) => (clock === undefined ? [] : [[kernel, clock]])));
  return [...told].map(([kernel, clock]) => [`times of ${printable(kernel, 40)}`, CLOCKS[clock]]);
}

const CLOCKS = {
  host: "by the clock of the host, from before a submission of some calls until the device has computed them; what the device's own clock says is beside them",
  device: "by the clock of the device, of what it computes, without what a submission takes",
} as const;

/** What the calls were: every setting, and where cases differ in one, each of them. */
function callsText(rows: ReportedResults["rows"]): string {
  const each = settingAspects
    .map((aspect) => [...new Set(rows.map(aspect))].filter((text) => text !== ""))
    .filter((texts) => texts.length > 0)
    .map((texts) => texts.join(" and "));
  return each.length === 0 ? UNKNOWN : each.join(", ");
}

const MOST_FILES = 10;

/** Each file with the start of its hash, each package with its version. */
function codeText(code: Readonly<Record<string, string>>): string {
  const all = Object.entries(code).map(([file, hash]) => `${printable(file, 80)} ${printable(hash, 12)}`);
  const more = all.length > MOST_FILES ? [`${all.length - MOST_FILES} more`] : [];
  return listed([...all.slice(0, MOST_FILES), ...more]);
}
