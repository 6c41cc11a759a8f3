import { countText } from "../../text/count-text.ts";
import { callsCovered } from "../compare-means.ts";
import type { TimedCell } from "../compare-times.ts";
import type { Difference, Side, Trust } from "../comparison.ts";
import { type EnvironmentDifference, otherPlaces } from "../environment-differences.ts";
import { type ComparedFile, isSameRun, NOISY, WEAK } from "../remarks.ts";
import { callsRemark } from "../remarks-on-means.ts";
import type { LoneRun } from "./pair-runs.ts";

/** Differences of two collections that are listed: those of their classes may be many. */
const MOST_DIFFERENCES = 100;

/** What is to be known of two collections before believing their comparison, shard by shard. */
export function sideNotes() {
  const sides = { base: newSide(), head: newSide() };
  const differences = new Map<string, Difference>();
  const places = new Set<string>();
  const inputs = new Set<string>();
  let [shards, same] = [0, 0];
  let calls: readonly [least: number, most: number] | null = null;
  return {
    add(
      base: ComparedFile,
      head: ComparedFile,
      environment: readonly EnvironmentDifference[],
      input: readonly Difference[],
    ) {
      shards++;
      same += Number(isSameRun(base, head));
      for (const [side, file] of [
        [sides.base, base],
        [sides.head, head],
      ] as const) {
        const { cpu, commit, dirty } = file.run.environment;
        side.cpus.add(cpu);
        side.commits.add(commit);
        side.dirty = dirty === null || side.dirty === null ? null : side.dirty || dirty;
        side.rounds += file.rounds.length;
        side.noisy += file.rounds.filter(({ warnings }) => warnings.length > 0).length;
        side.truncated ||= file.truncated === true;
      }
      for (const { field } of otherPlaces(environment)) places.add(field);
      for (const { field } of input) inputs.add(field);
      for (const { field, base: before, head: after } of [...environment, ...input]) {
        const key = JSON.stringify([field, before, after]);
        if (differences.size < MOST_DIFFERENCES) differences.set(key, { field, base: before, head: after });
      }
    },
    covered(cell: TimedCell) {
      const one = callsCovered(cell);
      if (one === null) return;
      calls = [Math.min(one, calls?.[0] ?? one), Math.max(one, calls?.[1] ?? one)];
    },
    side(which: keyof typeof sides, name: string): Side {
      const { cpus, commits, dirty } = sides[which];
      const [commit = null] = commits;
      return { name, commit: commits.size === 1 ? commit : null, dirty, cpu: cpusText([...cpus]) };
    },
    differences: (): readonly Difference[] => [...differences.values()],
    trust(): Trust {
      if (shards > 0 && same === shards) return { weight: "none", why: "both files hold the same runs" };
      return places.size > 0
        ? { weight: "none", why: "measured in two places" }
        : { weight: "weak", why: "weak evidence: measured one after the other" };
    },
    remarks(paired: number, lone: readonly LoneRun[]): readonly string[] {
      const onlyIn = (side: LoneRun["side"]) => {
        const some = lone.filter((one) => one.side === side);
        if (some.length === 0) return [];
        const cases = some.reduce((sum, { run }) => sum + run.cases, 0);
        return [`${countText(some.length, "shard")} only in ${side}, of ${countText(cases, "case")}`];
      };
      const onlyOne = [...onlyIn("base"), ...onlyIn("head")];
      return [
        ...(shards > 0 && same === shards ? ["both files hold the same runs"] : []),
        `${countText(paired, "shard")} compared, each with the same on the same class of machines${onlyOne.length > 0 ? `; ${onlyOne.join("; ")}` : ""}`,
        ...(places.size === 0
          ? []
          : [
              `measured in two places, whose ${[...places].join(", ")} differ: times may differ for that reason alone`,
            ]),
        ...(inputs.size === 0
          ? []
          : [`measured on different numbers (${[...inputs].join(", ")}): errors are not compared`]),
        ...Object.entries(sides).flatMap(([side, { rounds, noisy, truncated }]) => [
          ...(truncated ? [`the last line of ${side} was cut off and is ignored`] : []),
          ...(noisy > NOISY * rounds
            ? [`${Math.round((100 * noisy) / rounds)} % of the rounds of ${side} were disturbed`]
            : []),
        ]),
        WEAK,
        ...(calls === null ? [] : [callsRemark(...calls)]),
      ];
    },
  };
}

function newSide() {
  return {
    cpus: new Set<string>(),
    commits: new Set<string | null>(),
    dirty: false as boolean | null,
    rounds: 0,
    noisy: 0,
    truncated: false,
  };
}

function cpusText(cpus: readonly string[]): string {
  return cpus.length <= 3 ? cpus.join(", ") : `${cpus.slice(0, 2).join(", ")} and ${cpus.length - 2} more`;
}
