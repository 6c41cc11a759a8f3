import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellChooser } from "../../../src/compare/cell-filter.ts";
import { compareCollections, withName } from "../../../src/compare/collection/compare-collections.ts";
import { type CompareSettings, comparisonOf, USUAL_SETTINGS } from "../../../src/compare/compare-results.ts";
import type { Comparison } from "../../../src/compare/comparison.ts";
import { summarize } from "../../../src/record/case-row.ts";
import { openRuns } from "../../../src/record/collection/open-runs.ts";
import type { ResultLine, RunLine } from "../../../src/record/schema/result-lines.ts";
import { refusalOf } from "../../input/refusal.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { shardName } from "../../record/collection/sample-shards.ts";
import { fileOf } from "../../record/sample-lines.ts";
import { type FileOptions, fileLines } from "../two-files.ts";

const folder = scratchFolder();
const MACHINES = ["epyc", "xeon"];

type Lines = readonly [RunLine, ...ResultLine[]];

/** A shard of a sweep, on one of two classes of machines. */
function shard(index: number, seed: number, options: FileOptions = {}): Lines {
  const machine = MACHINES[index % MACHINES.length];
  const as = { sweep: "zoo", name: shardName(index), machine, repeat: 0 };
  const environment = { cpu: machine, ...options.environment };
  const started = `2026-11-${seed}`;
  return fileLines({ ...options, seed: 100 * seed + index, run: { shard: as, started }, environment });
}

let written = 0;
async function compared(
  base: readonly Lines[],
  head: readonly Lines[],
  settings: Partial<CompareSettings> = {},
  packed = false,
) {
  const chooser = cellChooser(settings.filter ?? {});
  const open = async (name: string, shards: readonly Lines[]) => {
    const text = shards.map(fileOf).join("");
    const path = folder.write(
      `${name}-${written++}.jsonl${packed ? ".gz" : ""}`,
      packed ? gzipSync(text) : text,
    );
    const runs = await openRuns(path, ({ plan, shard: one }) => {
      for (const cell of plan.cases) chooser.look(one === undefined ? cell : withName(one, cell));
    });
    return { name: `${name}.jsonl`, runs };
  };
  const [before, after] = [await open("base", base), await open("head", head)];
  try {
    return await compareCollections(before, after, { ...USUAL_SETTINGS, ...settings }, chooser);
  } finally {
    for (const { runs } of [before, after]) await runs.close();
  }
}

const slowed: FileOptions = {
  slow: ({ variant, length }) => (variant === "local" && length === 512 ? 1.2 : 1),
};

test("collections of one shard are compared as its files are", async () => {
  const [base, head] = [shard(0, 1), shard(0, 2, slowed)];
  const { comparison } = await compared([base], [head]);
  const [before, after] = [base, head].map(([run, ...lines]) => summarize("x", run, lines));
  const alone = comparisonOf(before, after);
  const named = (name: string) => `epyc/${shardName(0)}/${name}`;
  expect(comparison.cells).toEqual(
    alone.cells.map((cell) => ({ ...cell, case: named(cell.case), machine: "epyc" })),
  );
  expect(comparison).toMatchObject({
    headline: alone.headline,
    outcome: alone.outcome,
    work: [],
    oneSided: [],
  });
  expect(comparison.geometricMean?.ratio).toBeCloseTo(alone.geometricMean?.ratio ?? 0, 12);
  expect(comparison.unlisted).toBeUndefined();
});

test("cells that were slowed are named with their class, and groups are the classes", async () => {
  const { comparison, samples } = await compared(
    [0, 1, 2].map((index) => shard(index, 1)),
    [0, 1, 2].map((index) => shard(index, 2, index === 1 ? slowed : {})),
    { failOn: new Set(["slower"]) },
  );
  const slower = comparison.cells.filter(({ verdict }) => verdict === "slower");
  expect(slower.map(({ case: name, machine }) => [machine, name])).toEqual([
    ["xeon", `xeon/${shardName(1)}/local(window=4)/js/b1h2n512d8`],
  ]);
  expect(comparison).toMatchObject({
    outcome: "regressed",
    headline: "regressed: 1 of 18 cells slower, 17 unchanged",
  });
  expect(comparison.groups.map(({ name, cells }) => [name, cells])).toEqual([
    ["epyc", 12],
    ["xeon", 6],
  ]);
  expect(comparison.base.cpu).toBe("epyc, xeon");
  expect(samples.map(({ base, head }) => [base.length, head.length])).toEqual(Array(18).fill([10, 10]));
});

test("the order of shards, and whether files are packed, changes nothing", async () => {
  const [base, head] = [
    [0, 1, 2, 3].map((index) => shard(index, 1)),
    [0, 1, 2, 3].map((index) => shard(index, 2, slowed)),
  ];
  const { comparison } = await compared(base, head);
  expect((await compared(base, head, {}, true)).comparison).toEqual(comparison);
  const sorted = ({ cells }: Comparison) => cells.toSorted((a, b) => (a.case < b.case ? -1 : 1));
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), async (order) => {
      const other = await compared(
        order.map((at) => base[at]),
        order.toReversed().map((at) => head[at]),
      );
      expect(sorted(other.comparison)).toEqual(sorted(comparison));
      expect(other.comparison.headline).toBe(comparison.headline);
    }),
    { numRuns: 5 },
  );
});

test("shards that one file alone has are counted, and fail where base has what head lacks", async () => {
  const { comparison } = await compared(
    [0, 1, 2].map((index) => shard(index, 1)),
    [0, 3].map((index) => shard(index, 2)),
    { failOn: new Set(["missing"]) },
  );
  expect(comparison.oneSided).toEqual([
    {
      case: `xeon/${shardName(1)}`,
      side: "base",
      reason: "the shard, of 6 cases, is not in that file",
      broken: false,
    },
    {
      case: `epyc/${shardName(2)}`,
      side: "base",
      reason: "the shard, of 6 cases, is not in that file",
      broken: false,
    },
    {
      case: `xeon/${shardName(3)}`,
      side: "head",
      reason: "the shard, of 6 cases, is not in that file",
      broken: false,
    },
  ]);
  expect(comparison.outcome).toBe("regressed");
  expect(comparison.remarks).toContain(
    "1 shard compared, each with the same on the same class of machines; 2 shards only in base, of 12 cases; 1 shard only in head, of 6 cases",
  );
});

test("a class that is another machine in head is refused, unless machines may differ", async () => {
  const base = [0, 1].map((index) => shard(index, 1));
  const head = [shard(0, 2), shard(1, 2, { environment: { cpu: "another" } })];
  expect(await refusalOf(() => compared(base, head))).toMatch(
    /both files must come from the same machine and runtime, got cpu xeon against another; .* add --across-machines/,
  );
  const { comparison } = await compared(base, head, { acrossMachines: true });
  expect(comparison.trust).toEqual({ weight: "none", why: "measured in two places" });
  expect(comparison.differences).toEqual([{ field: "cpu", base: "xeon", head: "another" }]);
});

describe("cells are chosen", () => {
  const [base, head] = [[0, 1].map((index) => shard(index, 1)), [0, 1].map((index) => shard(index, 2))];
  const chosen = async (cells: readonly string[]) =>
    (await compared(base, head, { filter: { cells } })).comparison.cells.map(({ case: name }) => name);

  test("by their class, their shard or their own names", async () => {
    expect(await chosen(["epyc"])).toHaveLength(6);
    expect(await chosen([shardName(1)])).toHaveLength(6);
    expect(await chosen(["xeon/*n512d8"])).toHaveLength(2);
  });

  test("and a pattern or a variant that is in neither file is refused", async () => {
    expect(await refusalOf(() => chosen(["laptop"]))).toMatch(/--cells: must match a cell, got 'laptop'/);
    expect(await refusalOf(() => compared(base, head, { filter: { variants: "x" } }))).toMatch(
      /unknown variant 'x'/,
    );
  });
});

test("collections that share nothing are refused, and so is a run that is no shard", async () => {
  expect(await refusalOf(() => compared([shard(0, 1)], [shard(2, 2)]))).toMatch(
    /a shard must be in base\.jsonl and in head\.jsonl, got none/,
  );
  expect(await refusalOf(() => compared([shard(0, 1)], [fileLines()]))).toMatch(
    /a collection must be compared with a collection/,
  );
});

test("collections against themselves changed nothing, and say that they are the same runs", async () => {
  const shards = [0, 1].map((index) => shard(index, 1));
  const { comparison } = await compared(shards, shards);
  expect(comparison.headline).toBe("no change seen in 12 cells");
  expect(comparison.remarks[0]).toBe("both files hold the same runs");
  expect(comparison.geometricMean?.ratio).toBe(1);
});

test("of more than a thousand cells those that changed most are listed, and the rest are counted", async () => {
  const lengths = Array.from({ length: 260 }, (_, at) => 16 + at);
  const some: FileOptions = { variants: ["full", "local"], lengths, rounds: 6 };
  const change: FileOptions = { ...some, slow: ({ variant }) => (variant === "local" ? 1.5 : 1) };
  const { comparison } = await compared(
    [0, 1].map((index) => shard(index, 1, some)),
    [0, 1].map((index) => shard(index, 2, index === 0 ? change : some)),
    { failOn: new Set(["slower"]), threshold: 0.2 },
  );
  expect(comparison.cells.every(({ verdict }) => verdict === "slower")).toBe(true);
  const { cells = null, sight } = comparison.unlisted ?? { sight: null };
  if (cells === null) throw new Error("more than a thousand cells are not all listed");
  const counted = Object.values(cells).reduce((sum, count) => sum + count, 0) + comparison.cells.length;
  expect(counted).toBe(1040);
  expect(comparison.headline).toMatch(
    new RegExp(`^(regressed: )?(${comparison.cells.length} of 1040 cells slower|no change|whether any)`),
  );
  expect(sight === null || sight > 0).toBe(true);
});
