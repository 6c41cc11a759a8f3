import { readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { refuseUnfitHistory } from "../../../src/history/add-entries.ts";
import type { StoredEntry } from "../../../src/history/entry.ts";
import { addToHistory } from "../../../src/library/history/add.ts";
import type { ResultLine } from "../../../src/record/schema/result-lines.ts";
import { median } from "../../../src/stats/median.ts";
import { fileLines } from "../../compare/two-files.ts";
import { blockFile, lostLine, onlyCell, type World } from "../../gate/judge/block-file.ts";
import { commitHash, dayOf } from "../../history/sample-entries.ts";
import { scratchRepository } from "../../history/scratch-repository.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { fileOf } from "../../record/sample-lines.ts";

const folder = scratchFolder();
const repository = scratchRepository();
const base = repository.commit("base", 3);
const head = repository.commit("head", 4);
let count = 0;
const fresh = () => join(folder.path, `h${count++}.jsonl`);
const said = () => ({ history: fresh(), repository: repository.path });
const clean = { commit: head, dirty: false };

function runFile(name: string, options: Parameters<typeof fileLines>[0] = {}): string {
  return folder.write(name, fileOf(fileLines({ environment: clean, ...options })));
}

function gateFile(name: string, world: World = {}): string {
  const { gate, lines } = blockFile({ cells: 3, base: { commit: base }, head: { commit: head }, ...world });
  return folder.write(name, fileOf([gate, ...lines]));
}

const cellsOf = ({ cells }: StoredEntry) =>
  Object.fromEntries([...cells].map(([name, one]) => [name, one.median_s]));

describe("a run", () => {
  test("is one entry of its commit, with the median over the rounds of each cell", async () => {
    const lines = fileLines({ environment: clean, variants: ["full"], lengths: [256] });
    const { added } = await addToHistory([folder.write("run.jsonl", fileOf(lines))], said());
    expect(added).toMatchObject([
      { commit: head, committed: dayOf(4), measured: "2026-01-02T03:04:05.000Z", source: "run" },
    ]);
    const medians = lines.flatMap((line: ResultLine) =>
      line.type === "round" ? [median(line.samples)] : [],
    );
    const [[name, cell]] = [...added[0].cells];
    expect(name).toBe("full(window=4)/js/b1h2n256d8");
    expect(cell.median_s / median(medians)).toBeCloseTo(1, 4);
    expect(cell.low_s).toBeLessThanOrEqual(cell.median_s);
    expect(cell.high_s).toBeGreaterThanOrEqual(cell.median_s);
    expect(added[0].dirty).toBeUndefined();
    expect(added[0]).not.toHaveProperty("class", expect.anything());
  });

  test("leaves out what was not measured, and is refused if nothing was", async () => {
    const failed = runFile("some.jsonl", {
      lengths: [256, 512],
      alter: (line) => (line.length === 256 ? { ...line, outcome: "failed", reason: "it is wrong" } : line),
    });
    const { added } = await addToHistory([failed], said());
    expect([...added[0].cells.keys()].every((name) => name.includes("n512"))).toBe(true);
    const none = runFile("none.jsonl", { alter: () => null });
    await expect(addToHistory([none], said())).rejects.toThrow(
      /^history: \S+none\.jsonl: must hold a measured cell, got none; measure it again$/,
    );
  });

  test("has cells of another name where the input is another, and the same whatever the seed", async () => {
    const names = async (name: string, options: Parameters<typeof fileLines>[0]) => {
      const { added } = await addToHistory([runFile(name, options)], said());
      return [...added[0].cells.keys()];
    };
    const usual = await names("usual.jsonl", {});
    expect(await names("seed.jsonl", { plan: { seed: 7 } })).toEqual(usual);
    const peaked = await names("peaked.jsonl", { alter: (line) => ({ ...line, input: "peaked" }) });
    expect(peaked).toEqual(usual.map((name) => `${name}/input=peaked`));
    const layer = await names("layer.jsonl", {
      plan: { tensors: "layers.3.{q,k,v}" },
      alter: (line) => ({ ...line, input: "a.safetensors" }),
    });
    expect(layer[0]).toMatch(/\/input=a\.safetensors\/tensors=layers\.3\.\{q,k,v\}$/);
    // Not by the name that the file has for it, which may be any.
    const called = await names("called.jsonl", {});
    expect(called).toEqual(usual);
  });

  test("is read packed as well", async () => {
    const lines = fileOf(fileLines({ environment: clean }));
    const packed = folder.write("run.jsonl.gz", gzipSync(lines));
    const [one, other] = [
      await addToHistory([packed], said()),
      await addToHistory([folder.write("r.jsonl", lines)], said()),
    ];
    expect(one.added[0].id).toBe(other.added[0].id);
  });
});

describe("a gate", () => {
  test("is two entries, of base and head, by the medians over the blocks that decided each cell", async () => {
    const { added } = await addToHistory([gateFile("gate.jsonl", { ratio: onlyCell(1, 1.5) })], said());
    expect(added).toMatchObject([
      { commit: base, committed: dayOf(3), source: "gate" },
      { commit: head, committed: dayOf(4), source: "gate" },
    ]);
    const [before, after] = added.map(cellsOf);
    const ratios = Object.keys(before).map((name) => after[name] / before[name]);
    expect(ratios).toHaveLength(3);
    for (const [at, ratio] of ratios.entries()) expect(ratio).toBeCloseTo(at === 1 ? 1.5 : 1, 1);
    expect(added[0].cells.values().next().value?.low_s).toBeGreaterThan(0);
  });

  test("leaves out a cell that was wrong on a side", async () => {
    const facts: World["facts"] = (cell, side) =>
      cell.includes("n65") && side === "head" ? { outcome: "wrong", reason: "it is" } : {};
    const { added } = await addToHistory([gateFile("wrong.jsonl", { facts })], said());
    expect(added.map(({ cells }) => cells.size)).toEqual([2, 2]);
  });

  test("leaves out a cell that turned wrong in a block, with the times that it had before", async () => {
    const { gate, lines } = blockFile({ cells: 3, base: { commit: base }, head: { commit: head } });
    const [first] = gate.plan.cells;
    const wrong = lostLine({ cell: first.case, side: "head", wrong: true, reason: "row 3 is wrong" });
    const file = folder.write("turned.jsonl", fileOf([gate, ...lines, wrong]));
    const { added } = await addToHistory([file], said());
    expect(added.map(({ cells }) => [cells.size, cells.has(first.case)])).toEqual([
      [2, false],
      [2, false],
    ]);
  });

  test("takes times from the blocks of stage 2 where they decided: those of stage 1 chose the cell", async () => {
    const ratio: World["ratio"] = ({ cell, stage, against }) => {
      if (against !== "head" || !cell.includes("n65")) return 1;
      return stage === 1 ? 1.5 : 1.1;
    };
    const { added } = await addToHistory([gateFile("stages.jsonl", { ratio })], said());
    const [before, after] = added.map(cellsOf);
    const [name] = Object.keys(before).filter((one) => one.includes("n65"));
    expect(after[name] / before[name]).toBeCloseTo(1.1, 1);
  });

  test("adds one side if told so", async () => {
    const { added } = await addToHistory([gateFile("gate.jsonl")], { ...said(), side: "base" });
    expect(added.map(({ commit }) => commit)).toEqual([base]);
    await expect(addToHistory([gateFile("gate.jsonl")], { ...said(), side: "both" })).rejects.toThrow(
      /--side: must be base or head, got both; omit it for both/,
    );
  });

  test("is refused if it is a calibration, or if its times cannot be trusted", async () => {
    const calibration = gateFile("calibration.jsonl", { runs: 2 });
    await expect(addToHistory([calibration], said())).rejects.toThrow(
      /must be a gate's file of blocks, got that of a calibration/,
    );
    const moved = gateFile("moved.jsonl", { ratio: ({ against }) => (against === "yardstick" ? 1.4 : 1) });
    await expect(addToHistory([moved], said())).rejects.toThrow(
      /moved\.jsonl: times cannot be trusted, .*; run the gate again$/,
    );
  });
});

describe("a commit that the file does not settle", () => {
  const cases: readonly (readonly [string, Parameters<typeof fileLines>[0], RegExp])[] = [
    [
      "unknown",
      { environment: { commit: null, dirty: null } },
      /its commit is not known; say it with --commit REV$/,
    ],
    [
      "that it differed from",
      { environment: { commit: head, dirty: true } },
      /it differed from its commit [0-9a-f]{12} when it was measured; measure a commit, add it with --dirty, which is noted, or say what it was with --commit REV$/,
    ],
    [
      "it may have differed from",
      { environment: { commit: head, dirty: null } },
      /whether it differed from its commit is not known/,
    ],
    [
      "that no repository knows",
      { environment: { commit: commitHash(1), dirty: false } },
      /when [0-9a-f]{12} was committed is not known to the repository at .*; name its folder with --repository, fetch it, or say when with --committed/,
    ],
  ];
  test.each(cases)("is refused: one %s", async (_, options, says) => {
    const file = runFile("unsettled.jsonl", options);
    const options_ = said();
    await expect(addToHistory([file], options_)).rejects.toThrow(says);
    await expect(addToHistory([runFile("good.jsonl"), file], options_)).rejects.toThrow(says);
    expect(readdirSync(folder.path)).not.toContain(options_.history.slice(folder.path.length + 1));
  });

  test("is settled by --dirty, which is noted, and by --commit, which is not", async () => {
    const dirty = runFile("dirty.jsonl", { environment: { commit: head, dirty: true } });
    const noted = await addToHistory([dirty], { ...said(), dirty: true });
    expect(noted.added).toMatchObject([{ commit: head, dirty: true }]);
    const given = await addToHistory([dirty], { ...said(), commit: "HEAD~1" });
    expect(given.added).toMatchObject([{ commit: base, committed: dayOf(3) }]);
    expect(given.added[0].dirty).toBeUndefined();
    const both = await addToHistory([runFile("clean.jsonl")], { ...said(), dirty: true });
    expect(both.added[0].dirty).toBeUndefined();
  });

  test("is settled for each side of a gate by an option of its own", async () => {
    const file = gateFile("modules.jsonl", {
      base: { commit: null, dirty: null },
      head: { commit: null, dirty: null },
    });
    await expect(addToHistory([file], said())).rejects.toThrow(
      /modules\.jsonl, base: its commit is not known; say it with --base-commit REV$/,
    );
    await expect(addToHistory([file], { ...said(), baseCommit: "HEAD~1" })).rejects.toThrow(
      /modules\.jsonl, head: .* with --commit REV$/,
    );
    const { added } = await addToHistory([file], { ...said(), baseCommit: "HEAD~1", commit: "HEAD" });
    expect(added.map(({ commit }) => commit)).toEqual([base, head]);
  });

  test("has its date from git, or as said where git does not know", async () => {
    const elsewhere = runFile("elsewhere.jsonl", { environment: { commit: commitHash(1), dirty: false } });
    const dated = async (committed: string) =>
      (await addToHistory([elsewhere], { ...said(), committed })).added[0].committed;
    expect(await dated("2026-07-01T12:00:00+02:00")).toBe("2026-07-01T10:00:00Z");
    expect(await dated("2026-07-01")).toBe("2026-07-01T00:00:00Z");
    for (const text of ["yesterday", "2026-07-01T12:00", "2026-13-01", "+010000-01-01", "1751364000"]) {
      await expect(dated(text), text).rejects.toThrow(/^--committed: must be a day or a time with its zone/);
    }
    const known = { ...said(), committed: "2020-01-01" };
    await expect(addToHistory([runFile("known.jsonl")], known)).rejects.toThrow(
      /--committed: must be 2026-01-05T00:00:00Z, as git knows of [0-9a-f]{12}, got 2020-01-01T00:00:00Z; omit it/,
    );
    const named = { ...said(), commit: "no-such-branch" };
    await expect(addToHistory([elsewhere], named)).rejects.toThrow(
      /no-such-branch must be a commit of the repository at/,
    );
  });
});

test("the same file again, or the same under another name, adds nothing", async () => {
  const options = said();
  await addToHistory([gateFile("first.jsonl"), runFile("second.jsonl")], options);
  const again = await addToHistory([runFile("third.jsonl"), gateFile("fourth.jsonl")], options);
  expect([again.added.length, again.known.length]).toEqual([0, 3]);
});

test("what is neither results nor blocks is refused by the reader that knows best", async () => {
  const other = folder.write("other.csv", "variant,kernel,length,batch\n");
  await expect(addToHistory([other], said())).rejects.toThrow(/is a table of results/);
  await expect(addToHistory([join(folder.path, "nothing.jsonl")], said())).rejects.toThrow(/no such file/);
  await expect(addToHistory(["/dev/stdin"], said())).rejects.toThrow(
    /must be a file, got a pipe or standard input/,
  );
  expect(() => refuseUnfitHistory("h.db")).toThrow(/must be a file|ends in \.jsonl/);
});
