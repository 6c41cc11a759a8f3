import { expect, test } from "vitest";
import { entriesOfRuns } from "../../../src/library/history/entries-of-runs.ts";
import type { ResultLine, RunLine } from "../../../src/record/schema/result-lines.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { sampleShard } from "../../record/collection/sample-shards.ts";
import { fileOf } from "../../record/sample-lines.ts";

const folder = scratchFolder();
let count = 0;

type Shard = readonly [RunLine, ...ResultLine[]];

function shard(
  index: number,
  machine: string,
  {
    started,
    times = 1,
    ...environment
  }: Partial<RunLine["environment"]> & { readonly started?: string; readonly times?: number } = {},
): Shard {
  const [run, ...lines] = sampleShard(index, { machine, cases: 1, rounds: 2 });
  const timed = lines.map((line) =>
    line.type === "round" ? { ...line, samples: line.samples.map((sample) => sample * times) } : line,
  );
  const known = { commit: "a".repeat(40), dirty: false };
  return [
    {
      ...run,
      started: started ?? run.started,
      environment: { ...run.environment, ...known, ...environment },
    },
    ...timed,
  ];
}

const entries = (...shards: readonly Shard[]) =>
  entriesOfRuns(folder.write(`${count++}.jsonl`, fileOf(shards.flat())));

test("a collection is an entry for each class of machines", async () => {
  const found = await entries(shard(0, "epyc"), shard(1, "xeon", { cpu: "Xeon" }), shard(2, "epyc"));
  expect(found.map(({ class: name, place, source }) => [name, place.cpu, source])).toEqual([
    ["epyc", "Example CPU", "sweep"],
    ["xeon", "Xeon", "sweep"],
  ]);
});

test("a case that several shards of a class measured has the rounds of all", async () => {
  const [one] = await entries(shard(0, "epyc"), shard(1, "epyc", { times: 3 }));
  const alone = await entries(shard(0, "epyc"));
  const [whole, half] = [one, alone[0]].map(({ cells }) => cells.values().next().value?.median_s ?? 0);
  expect(whole / half).toBeCloseTo(2, 1);
});

test("a class whose shards ran in two places, or of two commits, is as many entries", async () => {
  const places = await entries(shard(0, "epyc"), shard(1, "epyc", { node: "27.0.0" }));
  expect(places.map(({ place }) => place.node)).toEqual(["26.10.0", "27.0.0"]);
  const commits = await entries(shard(0, "epyc"), shard(1, "epyc", { commit: "b".repeat(40) }));
  expect(commits.map(({ commit }) => commit?.[0])).toEqual(["a", "b"]);
  const changed = await entries(shard(0, "epyc"), shard(1, "epyc", { dirty: true }));
  expect(changed.map(({ dirty }) => dirty)).toEqual([false, true]);
});

test("it was measured when its first shard began, and a moment that is none is refused", async () => {
  const found = await entries(
    shard(0, "epyc", { started: "2026-05-02T00:00:00Z" }),
    shard(1, "epyc", { started: "2026-05-01T23:00:00-02:00" }),
    shard(2, "epyc", { started: "2026-05-03T00:00:00Z" }),
  );
  expect(found.map(({ measured }) => measured)).toEqual(["2026-05-02T00:00:00.000Z"]);
  await expect(entries(shard(0, "epyc", { started: "noon" }))).rejects.toThrow(
    /class epyc: must say when it began, .* got noon/,
  );
});
