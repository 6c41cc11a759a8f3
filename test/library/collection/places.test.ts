import { expect, test } from "vitest";
import { placeSorter, placeWarnings } from "../../../src/library/collection/places.ts";
import { type SampleShard, sampleShards } from "../../record/collection/sample-collection.ts";

function placesIn(...shards: readonly SampleShard[]) {
  const sorter = placeSorter("sample.jsonl");
  for (const { run } of sampleShards(shards)) sorter.take(run);
  return sorter.places();
}

const labels = (...shards: readonly SampleShard[]) => placesIn(...shards).map(({ label }) => label);

test.each([
  ["another processor", { cpu: "Other CPU" }],
  ["other instructions", { cpu_features: { avx2: false } }],
  ["another runtime", { node: "25.0.0" }],
  ["other code", { code: { core: "b".repeat(64) } }],
  ["fewer processors", { cores_allowed: "0-1" }],
])("%s makes a place of its own within a class, and it is said", (_, environment) => {
  const places = placesIn({ machine: "epyc" }, { machine: "epyc", environment }, { machine: "epyc" });
  expect(places.map(({ label, shards }) => [label, shards])).toEqual([
    ["epyc", 2],
    ["epyc (2)", 1],
  ]);
  expect(placeWarnings(places)).toEqual([
    expect.stringMatching(
      /^class epyc: 1 shard was measured in another place than most \(.+\), and is reported apart as epyc \(2\): /,
    ),
  ]);
});

test.each([
  ["other processors, as many", { cores_allowed: "0-1" }, { cores_allowed: "2,5" }],
  ["another load", { load: 3 }, { load: 0 }],
  ["another commit of the same code", { commit: "d".repeat(40) }, { commit: "e".repeat(40) }],
  ["a ceiling measured at another moment", { ceilings: [] }, {}],
])("%s is the same place", (_, one, other) => {
  expect(labels({ environment: one }, { environment: other })).toEqual(["here"]);
});

test("the place of a class that has most shards is the class, whichever was read first", () => {
  const odd: SampleShard = { environment: { cpu: "Odd CPU" } };
  expect(labels(odd, {}, {})).toEqual(["here (2)", "here"]);
  expect(placeWarnings(placesIn({}, {}))).toEqual([]);
});

test("the same input by name with other content is not pooled", () => {
  const [{ run }, other] = sampleShards([{ input: "x.npz" }, { input: "x.npz" }]);
  const sorter = placeSorter("sample.jsonl");
  sorter.take({ ...run, input_sha256: "1" });
  sorter.take({ ...other.run, input_sha256: "2" });
  expect(sorter.places()[1]).toMatchObject({ label: "here (2)", differs: ["input"] });
});

test("a class whose machines are all unlike is refused", () => {
  const unlike = Array.from({ length: 101 }, (_, at) => ({ environment: { cpu: `CPU ${at}` } }));
  expect(() => placesIn(...unlike)).toThrow(/a class of machines must be machines alike, got more than 100/);
});
