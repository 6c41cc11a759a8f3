import { expect, test } from "vitest";
import { facetFilter } from "../../../src/library/collection/facet-filter.ts";
import { facetCommand, facetFolders } from "../../../src/library/collection/facet-folders.ts";
import { withCases } from "../../../src/library/collection/facet-results.ts";
import { sampleShards } from "../../record/collection/sample-collection.ts";
import { collectionIn } from "./collection-in.ts";

const settings = [16, 32].flatMap((headDim) => [true, false].map((causal) => ({ headDim, causal })));
const { overview } = await collectionIn([
  ...settings.map((one) => ({ ...one, machine: "epyc" })),
  ...settings.map((one) => ({ ...one, machine: "xeon", input: "a,b=c.npz" })),
  { ...settings[0], machine: "epyc", environment: { cpu: "Other CPU" } },
]);
const namesOf = (text: string) =>
  facetFilter(text, overview).facets.map((index) => overview.facets[index].name);

test("the name of each facet finds it and no other", () => {
  const names = overview.facets.map(({ name }) => name);
  expect(new Set(names).size).toBe(9);
  for (const name of names) expect(namesOf(name)).toEqual([name]);
});

test("conditions hold together, and those of one name are alternatives", () => {
  expect(namesOf("machine=xeon,head-dim=16,causal=no")).toHaveLength(1);
  expect(namesOf("machine=epyc,machine=xeon,head-dim=16,causal=true")).toHaveLength(3);
  expect(namesOf("place=2")).toEqual([expect.stringContaining("machine=epyc,place=2")]);
});

test("a value may hold commas, and a name even what looks like a condition", async () => {
  expect(namesOf("input=a,b=c.npz,head-dim=16,causal=true")).toHaveLength(1);
  const { overview: odd } = await collectionIn([{ input: "a" }, { input: "a,machine=b" }]);
  expect(facetFilter("machine=here,input=a,machine=b", odd).facets).toEqual([1]);
});

test("conditions on cases leave the baseline, with which others are compared", () => {
  const { isAsked } = facetFilter("machine=epyc,variant=linear,length=64", overview);
  const row = { kernel: "js", batch: 1, heads: 1, head_dim: 16, causal: true, threads: 1, params: {} };
  const asked = (variant: string, length: number) => isAsked?.({ ...row, variant, length });
  expect([asked("linear", 64), asked("full", 64), asked("local", 64), asked("full", 128)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("what is left besides is the baseline that the plan names, not full attention", () => {
  const { isAsked } = facetFilter("variant=linear", overview);
  const asked = (baseline?: string) => {
    const [run] = sampleShards([
      { variants: ["local", "linear"], ...(baseline !== undefined && { baseline }) },
    ]);
    const own = withCases(run, { ...run.run.plan.cases[0], input: "gaussian" }, isAsked);
    return [...new Set(own.run.plan.cases.map(({ variant }) => variant))];
  };
  expect(asked()).toEqual(["full", "linear"]);
  expect(asked("local")).toEqual(["local", "linear"]);
});

test("what no facet has is refused in a line that tells what there is", () => {
  expect(() => namesOf("machine=arm")).toThrow(
    /unknown machine of the collection 'arm'; expected one of epyc, xeon/,
  );
  expect(() => namesOf("head-dim=64")).toThrow(
    /unknown head-dim of the collection '64'; expected one of 16, 32/,
  );
  expect(() => namesOf("colour=red")).toThrow(
    /unknown condition of --facet 'colour'; expected one of machine, place/,
  );
  expect(() => namesOf("epyc")).toThrow(
    /--facet: must be conditions such as machine=epyc,head-dim=64, got epyc/,
  );
  expect(() => namesOf("machine=xeon,place=2")).toThrow(/which no facet meets/);
});

test("folders of facets are made of plain letters, and no two are alike", () => {
  const folders = facetFolders(overview);
  expect(new Set(folders).size).toBe(9);
  for (const folder of folders) expect(folder).toMatch(/^facets\/[a-z0-9][a-z0-9._-]*$/);
  const evil = {
    ...overview,
    facets: overview.facets.map((facet) => ({ ...facet, name: "../../\u202e$(id);<b>" })),
  };
  expect(facetFolders(evil).slice(0, 3)).toEqual(["facets/id-b", "facets/id-b_2", "facets/id-b_3"]);
});

test("a command is words that a shell takes as they are", () => {
  expect(facetCommand("-x y.jsonl", { name: "machine=a,input=$(id)'" }, "o ut")).toBe(
    `attnbench report './-x y.jsonl' --facet 'machine=a,input=$(id)'\\''' --out 'o ut'`,
  );
});
