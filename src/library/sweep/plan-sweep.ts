import { FailureError, messageOf, UsageError } from "../../core/errors.ts";
import { countSettings, type GridSetting, gridSettings } from "../../sweep/plan/grid-settings.ts";
import type { SweepPlan } from "../../sweep/plan/plan.ts";
import type { ReadPlan } from "../../sweep/plan/read-plan.ts";
import type { Shard } from "../../sweep/shard.ts";
import { nameOfContent } from "../../sweep/shard-name.ts";
import { parseLengths } from "../../text/units.ts";
import type { Host } from "../host.ts";
import { type CutShard, cutSetting } from "./cut-setting.ts";
import { LoadedCode } from "./loaded-code.ts";

/** The most cases and shards of a sweep: more would be measured for years. */
const MOST_CASES = 10_000_000;
const MOST_SHARDS = 200_000;

/** Seconds of planning about which nothing need be said. */
const QUIET_S = 2;

/** Options by which code and inputs are loaded: the grid goes through the others first. */
const LOADING = ["plugin", "python", "simd", "kernel", "input", "tensors", "seed", "layer"] as const;
/**
 * Makes the shards of a plan: validates every setting of its grid as `run` validates its options, predicts what its cases
 * take, and cuts it. Each setting is planned once, for all classes of machines and all repeats, and a variant that is the
 * same in several settings is in one of them.
 */
export async function planSweep(
  { plan, at }: ReadPlan,
  { observe, now }: Pick<Host, "observe" | "now">,
): Promise<readonly Shard[]> {
  refuseMany(plan, at);
  const copies = plan.machines.length * plan.repeats;
  const total = countSettings(plan);
  const loaded = new LoadedCode();
  const planned = new Set<string>();
  const cuts: CutShard[] = [];
  let cases = 0;
  let done = 0;
  const began = now();
  try {
    for (const setting of gridSettings(plan, LOADING)) {
      if (now() - began > QUIET_S)
        observe({
          phase: "plan",
          case: setting.chosen
            .map(({ option }) => `${option}=${setting.options[option] ?? "usual"}`)
            .join(" "),
          done,
          total,
          secondsLeft: done === 0 ? null : ((now() - began) / done) * (total - done),
        });
      done++;
      for (const one of await placed(setting, plan, at, () =>
        cutSetting(setting.options, plan, loaded, planned),
      )) {
        cuts.push(one);
        cases += one.cut.cases * copies;
      }
      if (cases > MOST_CASES || cuts.length * copies > MOST_SHARDS) {
        throw tooMany(
          at,
          `${cases} cases in ${cuts.length * copies} shards after ${done} of ${total} settings`,
        );
      }
    }
  } finally {
    await loaded.close();
  }
  if (cuts.length === 0)
    throw new UsageError(`${at(["exclude"])}: must leave something of the grid, got nothing`);
  return plan.machines.flatMap(({ name: machine }) =>
    Array.from({ length: plan.repeats }, (_, repeat) =>
      cuts.map(({ cut, options, content }) => ({
        name: nameOfContent([machine, repeat, content]),
        machine,
        repeat,
        options,
        cases: cut.cases,
        predicted_s: Number(cut.seconds.toPrecision(4)),
      })),
    ).flat(),
  );
}

/** Refuses a grid whose size is beyond all reason before anything is made of it. */
function refuseMany(plan: SweepPlan, at: ReadPlan["at"]): void {
  const variants = plan.variants?.split(",").length ?? 1;
  const lengths = plan.lengths === undefined ? 1 : lengthsIn(plan.lengths, at).length;
  const least = countSettings(plan) * plan.machines.length * plan.repeats * variants * lengths;
  if (plan.exclude.length === 0 ? least > MOST_CASES : countSettings(plan) > MOST_CASES) {
    throw tooMany(at, `${least} or more`);
  }
}

function tooMany(at: ReadPlan["at"], got: string): UsageError {
  return new UsageError(
    `${at(["grid"])}: grid: must have at most ${MOST_CASES} cases in ${MOST_SHARDS} shards, all repeats on all machines counted, got ${got}; leave out values, or make several sweeps of it`,
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

/** Has an error say which setting it is about, and where that stands in the plan. */
async function placed<T>(
  { chosen, options }: GridSetting,
  plan: SweepPlan,
  at: ReadPlan["at"],
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (thrown) {
    if (!(thrown instanceof UsageError || thrown instanceof FailureError)) throw thrown;
    const message = messageOf(thrown);
    const option = /^--([a-z][a-z-]*)/.exec(message)?.[1] ?? "";
    const axis = chosen.find((one) => one.option === option);
    const several = plan.axes.filter(({ values }) => values.length > 1);
    const inWords = several.map((one) => `${one.option}=${options[one.option] ?? "usual"}`).join(" ");
    const where =
      axis !== undefined
        ? at(["grid", option, axis.index])
        : at(options[option] === undefined ? ["grid", option] : ["settings", option]);
    const Kind = thrown instanceof UsageError ? UsageError : FailureError;
    throw new Kind(`${where}${inWords === "" ? "" : `, with ${inWords}`}: ${message}`, { cause: thrown });
  }
}
