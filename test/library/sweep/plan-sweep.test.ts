import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostFor } from "../../../src/library/host.ts";
import { prepareRun } from "../../../src/library/run.ts";
import { choicesOf } from "../../../src/library/sweep/option-forms.ts";
import { planSweep } from "../../../src/library/sweep/plan-sweep.ts";
import { identityKey } from "../../../src/record/schema/identity.ts";
import type { Plan } from "../../../src/record/schema/result-lines.ts";
import { gridSettings } from "../../../src/sweep/plan/grid-settings.ts";
import type { Shard } from "../../../src/sweep/shard.ts";
import { examples } from "../../examples.ts";
import { planned, readPlanned, shardsOf } from "./planned.ts";

const namesOf = (shards: readonly Shard[]) => shards.map(({ name }) => name);

/** What `run` would do with these options. */
async function runPlan(options: Parameters<typeof choicesOf>[0]): Promise<Plan> {
  const { plan, catalogue } = await prepareRun(choicesOf(options), hostFor({}), { mayBeSkipped: true });
  await catalogue.close();
  return plan;
}

/** What is measured, by which kernel, and how often. */
const keysOf = ({ cases, seed, rounds }: Plan) =>
  cases.map((one) => JSON.stringify([seed, rounds, identityKey(one)]));
const isFull = ({ variant }: Plan["cases"][number]) => variant === "full";

/** Values of a few options, of which each grid takes some. */
const axes = {
  heads: fc.constantFrom([1], [1, 2], ["2", 4]),
  "head-dim": fc.constantFrom([8], [8, 16]),
  causal: fc.constantFrom([true], [false, true]),
  mode: fc.constantFrom(["forward"], ["forward", "decode"]),
  seed: fc.constantFrom([1], [1, 2]),
  dtype: fc.constantFrom(["float32"], ["float32", "float16"]),
  set: fc.constantFrom(
    [[]],
    [[], ["local.window=4"]],
    [["local.window=4"], ["local.window=6", "bigbird.random=1"]],
  ),
};
const grids = fc.record(
  {
    variants: fc
      .subarray(["local", "linear", "bigbird", "full", "longformer", "cosformer"], { minLength: 0 })
      .map((some) => ["local", "bigbird", ...some]),
    lengths: fc.subarray([8, 16, 24], { minLength: 1 }),
    ...axes,
  },
  { requiredKeys: ["variants", "lengths"] },
);

describe("the shards of a plan", () => {
  test("measure every case of the grid once, on each class of machines and in each repeat, and the baseline each", async () => {
    await fc.assert(
      fc.asyncProperty(grids, fc.integer({ min: 4, max: 20 }), async (grid, most) => {
        const plan = { name: "p", grid, shard: { cases: most }, repeats: 2, machines: { a: null, b: null } };
        const shards = await shardsOf(plan);
        const wanted = new Set<string>();
        for (const { options } of gridSettings(readPlanned(plan).plan)) {
          const variants = [...new Set(["full", ...grid.variants])];
          for (const key of keysOf(
            await runPlan({ ...options, variants, lengths: grid.lengths.map(String) }),
          )) {
            wanted.add(key);
          }
        }
        for (const machine of ["a", "b"]) {
          for (const repeat of [0, 1]) {
            const found: string[] = [];
            for (const shard of shards.filter((one) => one.machine === machine && one.repeat === repeat)) {
              const made = await runPlan(shard.options);
              expect(made.cases).toHaveLength(shard.cases);
              const baseline = made.cases.filter(isFull);
              // At every length at which something is compared with it.
              expect(new Set(baseline.map(({ length }) => length))).toEqual(
                new Set(made.cases.map(({ length }) => length)),
              );
              const rest = keysOf({ ...made, cases: made.cases.filter((one) => !isFull(one)) });
              found.push(...rest, ...new Set(keysOf({ ...made, cases: baseline })));
            }
            const others = found.filter((key) => !key.includes('\\"full\\"'));
            expect(new Set(others).size).toBe(others.length);
            expect(new Set(found)).toEqual(wanted);
          }
        }
        expect(new Set(namesOf(shards)).size).toBe(shards.length);
      }),
      examples(30),
    );
  });

  test("stay within what the plan allows, unless a variant with the baseline at one length does not", async () => {
    const grid = { variants: ["local", "linear", "bigbird", "longformer"], lengths: "8,16,32,64" };
    for (const cases of [2, 3, 4, 5, 8, 12, 100]) {
      const shards = await shardsOf({ name: "p", grid, shard: { cases } });
      for (const one of shards) expect(one.cases).toBeLessThanOrEqual(cases);
      // The fewer there are, the seldomer the baseline is measured.
      const least =
        cases >= 20
          ? 1
          : cases >= 8
            ? Math.ceil(4 / Math.floor((cases - 4) / 4))
            : 4 * Math.ceil(4 / Math.floor(cases / 2));
      expect(shards).toHaveLength(least);
    }
    const [alone] = await shardsOf({
      name: "p",
      grid: { variants: "full", lengths: 8 },
      shard: { time: "1ms" },
    });
    expect(alone.cases).toBe(1);
  });

  test("are expected to take longer the more they measure", async () => {
    const time = async (grid: object, more = {}) => {
      const shards = await shardsOf({
        name: "p",
        grid: { variants: "local", ...grid },
        shard: { time: "2h" },
        ...more,
      });
      return shards.reduce((sum, { predicted_s }) => sum + predicted_s, 0);
    };
    const usual = await time({ lengths: 256 });
    expect(await time({ lengths: 4096 })).toBeGreaterThan(usual);
    expect(await time({ lengths: 256, variants: "local,linear" })).toBeGreaterThan(usual);
    expect(await time({ lengths: 256 }, { settings: { rounds: 200 } })).toBeGreaterThan(usual);
    expect(await time({ lengths: 256 }, { repeats: 3 })).toBeCloseTo(3 * usual, 6);
  });
});

describe("the names of shards", () => {
  const plan = {
    name: "p",
    grid: { variants: ["local", "linear"], lengths: [8, 16], heads: [1, 2], causal: [true, false] },
    machines: { a: null, b: null },
    repeats: 2,
  };

  test("are the same whenever the plan is, in whatever order its keys are, and however a number is written", async () => {
    const names = namesOf(await shardsOf(plan));
    expect(namesOf(await shardsOf(plan))).toEqual(names);
    const { name, grid, ...rest } = plan;
    const turned = Object.fromEntries(Object.entries(grid).toReversed());
    expect(namesOf(await shardsOf({ ...rest, grid: turned, name }))).toEqual(names);
    const text = `name: p\nrepeats: 2\nmachines: { b: , a: }\ngrid: { variants: "local, linear", lengths: 8..16, heads: ["1", 2], causal: [true, false] }`;
    expect(namesOf(await shardsOf(text)).sort()).toEqual(names.toSorted());
  });

  test("say what is measured, and not what is left to the usual value", async () => {
    const { heads: _, ...fewer } = plan.grid;
    const explicit = namesOf(
      await shardsOf({ ...plan, grid: { ...fewer, heads: [1], threads: 1, dtype: "float32" } }),
    );
    expect(namesOf(await shardsOf({ ...plan, grid: fewer }))).toEqual(explicit);
  });

  test.each([
    ["one value more of an axis", { grid: { ...plan.grid, heads: [1, 2, 4] } }, "all"],
    ["one value less", { grid: { ...plan.grid, heads: [2] } }, "fewer"],
    [
      "another axis, of which the usual value is one",
      { grid: { ...plan.grid, "head-dim": [64, 32] } },
      "all",
    ],
    [
      "a variant more at the end",
      { grid: { ...plan.grid, variants: ["local", "linear", "bigbird"] }, shard: { cases: 6 } },
      "all",
    ],
    ["a class of machines more", { machines: { ...plan.machines, c: null } }, "all"],
    ["a repeat more", { repeats: 3 }, "all"],
    ["another engine", { engine: "slurm" }, "same"],
    ["other rounds", { settings: { rounds: 3 } }, "none"],
    ["another seed", { settings: { seed: 3 } }, "none"],
    ["another deadline", { settings: { deadline: "3s" } }, "none"],
    ["other lengths", { grid: { ...plan.grid, lengths: [8] } }, "none"],
  ])("stay as they are after %s, if what they measure does", async (_, edit, kept) => {
    const before = namesOf(await shardsOf({ ...plan, ...("shard" in edit && { shard: edit.shard }) }));
    const after = new Set(namesOf(await shardsOf({ ...plan, ...edit })));
    const same = before.filter((name) => after.has(name));
    if (kept === "none") expect(same).toEqual([]);
    else if (kept === "fewer") expect(same).toEqual([...after].filter((name) => before.includes(name)));
    else expect(same).toEqual(before);
    if (kept === "fewer") expect(same).toHaveLength(after.size);
    if (kept === "same") expect(after.size).toBe(before.length);
  });
});

describe("a grid", () => {
  const grid = { variants: "local", lengths: 8 };
  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      "a billion cases",
      `name: p\ngrid:\n  variants: local\n${axisOf("seed", 1000)}${axisOf("rounds", 1000)}${axisOf("batch", 1000)}`,
      /line 2: grid: must have at most 10000000 cases .*got 1000000000 or more in 1000000000 settings; leave out values/,
    ],
    [
      "more than numbers count",
      `name: p\ngrid:\n${["seed", "rounds", "batch", "heads", "queries"].map((name) => axisOf(name, 9000)).join("")}`,
      /got 59049000000000000000 or more/,
    ],
    [
      "as many by repeats on many machines",
      `name: p\nrepeats: 1000\ngrid:\n${axisOf("seed", 1000)}machines:\n${Array.from({ length: 100 }, (_, at) => `  m${at}:\n`).join("")}`,
      /line 3: grid: must have at most .*got 100000000 or more/,
    ],
    [
      "as many by lengths of every variant",
      `name: p\ngrid:\n  lengths: 1..1M\n  variants: ${Array.from({ length: 1000 }, () => "local").join(",")}\n${axisOf("seed", 999)}`,
      /got 20979000 or more/,
    ],
    [
      "an unknown variant",
      "name: p\ngrid:\n  variants: locl\n  lengths: 8\n",
      /line 3: unknown variant 'locl'/,
    ],
    [
      "an unknown baseline",
      "name: p\nbaseline: fulll\ngrid:\n  lengths: 8\n",
      /line 2: unknown variant 'fulll'/,
    ],
    [
      "lengths that are none",
      "name: p\ngrid:\n  lengths: 8..\n",
      /line 3: .*lengths: a length must be a whole number/,
    ],
    [
      "heads that cannot share",
      "name: p\ngrid:\n  lengths: 8\n  heads: [4, 6]\n  kv-heads:\n    - 2\n    - 4\n",
      /line 7, with heads=6 kv-heads=4: --kv-heads: must divide the 6 heads of q, got 4/,
    ],
    [
      "a setting of no variant",
      "name: p\ngrid:\n  variants: local\n  lengths: 8\nsettings:\n  set: [linear.x=1]\n",
      /line 6: unknown parameter of linear 'x'/,
    ],
    [
      "a setting without its variant",
      "name: p\ngrid:\n  variants: local\n  lengths: 8\n  set: [window=4]\n",
      /line 5: --set window=4: must name its variant when several are chosen; write local\.window=4$/,
    ],
    [
      "an input that is not there",
      "name: p\ngrid:\n  lengths: 8\n  input: [gaussian, nope.npz]\n",
      /line 4, with input=nope\.npz: .*nope\.npz: no such file/,
    ],
    [
      "a plug-in that is not there",
      "name: p\ngrid: { lengths: 8 }\nsettings:\n  plugin: ./nope.ts\n",
      /line 4: plug-in \.\/nope\.ts: there is no such file/,
    ],
    [
      "a mode that is none",
      "name: p\ngrid:\n  lengths: 8\n  mode: [forward, sideways]\n",
      /line 4, with mode=sideways: unknown mode 'sideways'/,
    ],
    [
      "too long a time",
      "name: p\ngrid:\n  lengths: 8\nsettings:\n  deadline: 9000h\n",
      /line 5: --deadline: must be a time/,
    ],
  ];

  test.each(refused)("of %s is refused with its line", async (_, text, says) => {
    await expect(shardsOf(text)).rejects.toThrow(says);
  });

  test("of which all is excluded is refused", async () => {
    const plan = { name: "p", grid: { ...grid, heads: [1, 2] }, exclude: [{ heads: 1 }, { heads: 2 }] };
    await expect(shardsOf(plan)).rejects.toThrow(/exclude: must leave something of the grid/);
  });

  test("leaves out what is excluded, and nothing else", async () => {
    const all = { ...grid, heads: [4, 6], "kv-heads": [null, 2, 4], causal: [true, false] };
    const shards = await shardsOf({
      name: "p",
      grid: all,
      exclude: [
        { heads: 6, "kv-heads": 4 },
        { heads: 4, causal: true },
      ],
    });
    const left = shards.map(
      ({ options }) => `${options.heads}/${options["kv-heads"] ?? "as many"} ${options.causal}`,
    );
    // As many as heads is what 4 of 4 are.
    expect(left.sort()).toEqual([
      "4/2 false",
      "4/as many false",
      "6/2 false",
      "6/2 true",
      "6/as many false",
      "6/as many true",
    ]);
  });

  test("that goes through a parameter measures the variant that has it once a value, and all others once", async () => {
    const shards = await shardsOf({
      name: "p",
      grid: {
        variants: ["local", "linear"],
        lengths: 8,
        set: [[], "local.window=2", "local.window=4"],
        curve: [null, "bigbird.random=1,2"],
      },
    });
    const made = await Promise.all(shards.map(({ options }) => runPlan(options)));
    const names = made.flatMap(({ cases }) =>
      cases.filter((one) => !isFull(one)).map((one) => one.case.split("/")[0]),
    );
    expect(names.sort()).toEqual([
      expect.stringMatching(/^bigbird\(.*random=1/),
      expect.stringMatching(/^bigbird\(.*random=2/),
      expect.stringMatching(/^linear\(/),
      "local(window=128)",
      "local(window=2)",
      "local(window=4)",
    ]);
  });
});

describe("a plan that names a baseline", () => {
  const named = { name: "p", grid: { variants: ["full", "linear"], lengths: [8, 16], heads: [1, 2] } };

  test("has it told, by its own name, and measured in every shard; full attention goes without saying", async () => {
    const { baseline, shards } = await planned({ ...named, baseline: "sliding-window" });
    expect(baseline).toBe("local");
    expect(shards).toHaveLength(2);
    for (const { options } of shards) expect(options.variants).toEqual(["local", "full", "linear"]);
    expect(await planned(named)).not.toHaveProperty("baseline");
  });

  test("may set parameters of it, whether it is among the variants or not; of what is in no shard it may not", async () => {
    const plan = { ...named, baseline: "pooled", settings: { set: ["pooled.ratio=4"] } };
    const { baseline, shards } = await planned(plan);
    expect(baseline).toBe("pooled");
    for (const { options } of shards) {
      expect(options).toMatchObject({
        variants: ["pooled", "full", "linear"],
        set: ["pooled.ratio=4"],
      });
      const { cases } = await runPlan(options);
      const params = cases.filter(({ variant }) => variant === "pooled").map((one) => one.params);
      expect(params).toHaveLength(2);
      for (const one of params) expect(one).toMatchObject({ ratio: 4 });
    }
    await expect(shardsOf({ ...plan, settings: { set: ["local.window=4"] } })).rejects.toThrow(
      "--set local.window=4: local is not among the chosen variants; choose it with --variants",
    );
  });

  test("is warned of where the baseline is not defined, with the reason and an example, and nowhere else", async () => {
    const plan = {
      ...named,
      baseline: "nystrom",
      grid: { ...named.grid, causal: [true, false], kernel: "js" },
    };
    const warned = async (one: object) => {
      const lines: string[] = [];
      await planSweep(readPlanned(one), {
        observe: () => {},
        now: () => 0,
        warn: (line) => lines.push(line),
      });
      return lines.filter((line) => line.includes("the baseline"));
    };
    expect(await warned(plan)).toEqual([
      expect.stringMatching(
        /^in 2 of 4 shards, such as nystrom,full,linear at 8,16 .*causal=true.*: the baseline nystrom is not defined or not supported, and nothing is compared with it: .*cannot be causal/,
      ),
    ]);
    expect(await warned({ ...plan, baseline: "local" })).toEqual([]);
  });

  test("has other shards than one that measures the same over another", async () => {
    const all = { ...named, grid: { ...named.grid, variants: ["full", "local", "linear"] } };
    const names = await Promise.all(
      ["full", "local", "linear"].map(async (baseline) => namesOf(await shardsOf({ ...all, baseline }))),
    );
    expect(new Set(names.flat()).size).toBe(6);
  });

  test.each([
    [
      "through a parameter of it",
      { set: ["local.window=2", "local.window=4"] },
      "window=2 and with window=4",
    ],
    ["from no parameter to one", { set: [[], "local.window=4"] }, "none set and with window=4"],
    ["along a curve of it", { curve: "local.window=2,4" }, "window=2 and with window=4"],
  ])(
    "is refused where the grid goes %s, since ratios over several would be one row",
    async (_, axis, got) => {
      const plan = {
        ...named,
        baseline: "local",
        grid: { ...named.grid, variants: "full,local,linear", ...axis },
      };
      await expect(shardsOf(plan)).rejects.toThrow(
        `baseline: must have the same parameters in all of the grid, got local with ${got}; set them once, under settings`,
      );
      expect((await planned({ ...plan, baseline: "linear" })).baseline).toBe("linear");
    },
  );
});

function axisOf(option: string, count: number): string {
  return `  ${option}: [${Array.from({ length: count }, (_, at) => at + 1).join(",")}]\n`;
}
