import { UsageError } from "../../core/errors.ts";
import { countSettings, type GridSetting, gridSettings } from "../../sweep/plan/grid-settings.ts";
import type { SweepPlan } from "../../sweep/plan/plan.ts";
import type { ReadPlan } from "../../sweep/plan/read-plan.ts";
import { nameOfContent } from "../../sweep/shard-name.ts";
import type { Sweep } from "../../sweep/sweep-file.ts";
import { countText } from "../../text/count-text.ts";
import { parseLengths } from "../../text/units.ts";
import type { Host } from "../host.ts";
import { type CutShard, cutSetting } from "./cut-setting.ts";
import { START_S } from "./expected-seconds.ts";
import { LoadedCode } from "./loaded-code.ts";
import { OneBaseline } from "./one-baseline.ts";
import { placedInPlan } from "./place-in-plan.ts";
import { shardText } from "./shard-text.ts";

/** The most cases and shards of a sweep: more would be measured for years. */
const MOST_CASES = 10_000_000;
const MOST_SHARDS = 200_000;

/** Seconds of planning about which nothing need be said. */
const QUIET_S = 2;

/** Options by which code and inputs are loaded: the grid goes through the others first. */
const LOADING = ["plugin", "python", "simd", "kernel", "input", "tensors", "seed", "layer"] as const;
/**
 * Makes the shards of a plan, and finds what they are compared with: validates every setting of its grid as `run` validates its options, predicts what its cases
 * take, and cuts it. Each setting is planned once, for all classes of machines and all repeats, and a variant that is the
 * same in several settings is in one of them.
 */
export async function planSweep(
  read: ReadPlan,
  host: Pick<Host, "observe" | "now" | "warn">,
): Promise<Pick<Sweep, "baseline" | "shards">> {
  const { plan, at } = read;
  refuseMany(plan, at);
  const baseline = new OneBaseline(plan.baseline);
  const cuts = await cutGrid(read, baseline, host);
  if (cuts.length === 0) {
    throw new UsageError(`${at(["exclude"])}: exclude: must leave something of the grid, got all of it`);
  }
  const sum = (of: (cut: CutShard["cut"]) => number): number =>
    cuts.reduce((total, { cut }) => total + of(cut), 0);
  const unsupported = sum((cut) => cut.unsupported);
  if (unsupported > 0) {
    host.warn(
      `${unsupported} of ${countText(
        sum((cut) => cut.cases),
        "case",
      )} ${unsupported === 1 ? "is" : "are"} supported by no kernel of this machine, and will be skipped with the reason where that is so`,
    );
  }
  for (const line of uncomparedLines(cuts)) host.warn(line);
  const shards = plan.machines.flatMap(({ name: machine }) =>
    Array.from({ length: plan.repeats }, (_, repeat) =>
      cuts.map(({ cut, options, content }) => ({
        name: nameOfContent([machine, repeat, content]),
        machine,
        repeat,
        options,
        cases: cut.cases,
        predicted_s: Number((START_S + cut.seconds).toPrecision(4)),
      })),
    ).flat(),
  );
  return { ...(baseline.told !== undefined && { baseline: baseline.told }), shards };
}

/** What is compared with nothing on this machine, each once, with how many shards it is so in and how the first is planned. */
function uncomparedLines(cuts: readonly CutShard[]): readonly string[] {
  const told = cuts.flatMap((one) => one.uncompared.map((text) => ({ text, ...one })));
  return [...Map.groupBy(told, ({ text }) => text)].map(([text, alike]) => {
    const example = shardText(alike[0], 120);
    return alike.length === cuts.length
      ? text
      : `in ${alike.length} of ${countText(cuts.length, "shard")}, such as ${example}: ${text}`;
  });
}

/** The shards of one class of machines and one repeat. */
async function cutGrid(
  read: ReadPlan,
  baseline: OneBaseline,
  { observe, now }: Pick<Host, "observe" | "now">,
): Promise<readonly CutShard[]> {
  const { plan, at } = read;
  const copies = plan.machines.length * plan.repeats;
  const total = countSettings(plan);
  const loaded = new LoadedCode();
  const planned = new Set<string>();
  const cuts: CutShard[] = [];
  let cases = 0;
  let done = 0;
  const began = now();
  const tell = ({ chosen, options }: GridSetting): void => {
    const spent = now() - began;
    if (spent < QUIET_S) return;
    const text = chosen.map(({ option }) => `${option}=${options[option] ?? "usual"}`).join(" ");
    observe({ phase: "plan", case: text, done, total, secondsLeft: (spent / done) * (total - done) });
  };
  try {
    for (const setting of gridSettings(plan, LOADING)) {
      const made = await placedInPlan(setting, read, () =>
        cutSetting(setting.options, plan, loaded, planned, baseline),
      );
      done++;
      for (const one of made) {
        cuts.push(one);
        cases += copies * one.cut.cases;
      }
      if (cases > MOST_CASES || copies * cuts.length > MOST_SHARDS) {
        throw tooMany(at, `${cases} in ${copies * cuts.length} shards after ${done} of ${total} settings`);
      }
      tell(setting);
    }
  } finally {
    await loaded.close();
  }
  return cuts;
}

/** Refuses a grid whose size is beyond all reason before anything is made of it. */
function refuseMany(plan: SweepPlan, at: ReadPlan["at"]): void {
  const settings = countSettings(plan);
  const copies = plan.machines.length * plan.repeats;
  const variants = plan.variants?.split(",").length ?? 1;
  const lengths = plan.lengths === undefined ? 1 : lengthsIn(plan.lengths, at).length;
  const cases = settings * copies * variants * lengths;
  // What is excluded is only known once it is gone through.
  const isMany = settings > MOST_SHARDS || (plan.exclude.length === 0 && cases > MOST_CASES);
  if (isMany) throw tooMany(at, `${cases} or more in ${settings} settings`);
}

function tooMany(at: ReadPlan["at"], got: string): UsageError {
  return new UsageError(
    `${at(["grid"])}: grid: must have at most ${MOST_CASES} cases in ${MOST_SHARDS} shards, with all repeats on all machines, got ${got}; leave out values, or make several sweeps of it`,
  );
}

function lengthsIn(text: string, at: ReadPlan["at"]): readonly number[] {
  try {
    return parseLengths("lengths", text);
  } catch (thrown) {
    throw thrown instanceof UsageError
      ? new UsageError(`${at(["grid", "lengths"])}: ${thrown.message}`)
      : thrown;
  }
}
