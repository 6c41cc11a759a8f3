import fc from "fast-check";
import { expect, test } from "vitest";
import { QUANTITIES } from "../../../src/compare/work-changes.ts";
import { randomStream, shuffled } from "../../../src/core/random.ts";
import { type BlocksSettings, compareBlocks } from "../../../src/gate/judge/compare-blocks.ts";
import type { ReadBlocks } from "../../../src/record/read-blocks.ts";
import { GATE_RULE } from "../../../src/stats/two-stage-rule.ts";
import { refusal } from "../../input/refusal.ts";
import {
  blockFile,
  cellName,
  type EntryPlace,
  lostLine,
  mapBlocks,
  mapEntries,
  only,
  onlyCell,
  swapped,
  until,
  type World,
} from "./block-file.ts";

const strict: BlocksSettings = { accepted: new Set(), acceptMissing: false };
const judge = (world: World, settings = strict) => compareBlocks(blockFile(world), settings);
const verdictsOf = ({ cells }: ReturnType<typeof judge>) => cells.map(({ verdict }) => verdict);
const names = (count: number) => Array.from({ length: count }, (_, at) => cellName(at));
/** The verdicts of so many cells that are the same, but for one. */
const sameBut = (count: number, at: number, verdict: string) => Array(count).fill("same").with(at, verdict);

function withLines(blocks: ReadBlocks, ...lines: readonly ReadBlocks["lines"][number][]): ReadBlocks {
  return { ...blocks, lines: [...blocks.lines, ...lines] };
}

test("unchanged code passes, and every cell is surely the same", () => {
  const found = judge({ cells: 10 });
  expect(found).toMatchObject({ kind: "gate", outcome: "fine", reasons: [], work: [], oneSided: [] });
  expect(found.trust).toEqual({
    weight: "strong",
    why: expect.stringMatching(/^measured in turn, in \d+ blocks$/),
  });
  expect(found.headline).toBe("no change seen in 10 cells");
  expect(verdictsOf(found)).toEqual(Array(10).fill("same"));
  expect(found.failsOn).toEqual(["slower", "work", "missing"]);
  expect(found.margin).toBe(GATE_RULE.least);
});

test.each([
  [1.05, "slower"],
  [1.5, "slower"],
  [10, "slower"],
  [1 / 1.05, "faster"],
  [0.3, "faster"],
])("a cell that takes %d times as long is %s, and no other is", (ratio, verdict) => {
  const found = judge({ cells: 10, ratio: onlyCell(3, ratio) });
  expect(verdictsOf(found)).toEqual(sameBut(10, 3, verdict));
  const [cell] = found.cells.filter((one) => one.verdict === verdict);
  expect(cell.time.ratio / ratio).toBeCloseTo(1, 1);
  expect(cell.time.low).toBeLessThan(ratio);
  expect(cell.time.high).toBeGreaterThan(ratio);
  expect(cell.count).toBe(GATE_RULE.stage2Blocks);
  expect(cell.note).toBeNull();
  expect(found.outcome).toBe(verdict === "slower" ? "regressed" : "fine");
  if (verdict === "slower") expect(found.reasons).toEqual([`1 cell slower or broken: ${cellName(3)}`]);
});

test("a change of under 3 % is never called one, however sure it is", () => {
  for (const ratio of [1.029, 1 / 1.029]) {
    const found = judge({ cells: 4, noise: 1e-4, ratio: onlyCell(0, ratio) });
    expect(verdictsOf(found)).toEqual(Array(4).fill("same"));
    expect(found.outcome).toBe("fine");
  }
});

test("stage 2 alone decides: what looked slower in stage 1 by chance is the same", () => {
  const ratio = onlyCell(2, ({ stage }) => (stage === 1 ? 1.1 : 1));
  const found = judge({ cells: 5, ratio });
  expect(verdictsOf(found)).toEqual(Array(5).fill("same"));
  expect(found.cells[2].time.ratio).toBeCloseTo(1, 1);
  expect(found.cells[2].count).toBe(GATE_RULE.stage2Blocks);
  expect(found.outcome).toBe("fine");
});

test("a cell sent on as slower is never found faster, nor the other way round", () => {
  for (const [first, second] of [
    [1.1, 0.8],
    [0.9, 1.3],
  ]) {
    const ratio = onlyCell(0, ({ stage }) => (stage === 1 ? first : second));
    const found = judge({ cells: 3, ratio });
    expect(found.cells[0].verdict).toBe("unresolved");
    expect(found.outcome).not.toBe("regressed");
  }
});

test("minima that do not agree with the medians take the verdict away, and the run says nothing", () => {
  const found = judge({ cells: 4, ratio: onlyCell(1, 1.06), minima: () => 1, means: false });
  expect(found.cells.map((one) => one.medianVerdict)).toEqual(sameBut(4, 1, "unresolved"));
  expect(found.outcome).toBe("inconclusive");
  expect(found.reasons).toEqual([`${cellName(1)}: ${found.cells[1].note}`]);
  expect(found.cells[1].note).toMatch(/may be slower, but these blocks do not prove it/);
});

test("routed but unproved is inconclusive, never fine", () => {
  // A quarter of the blocks of stage 2 are much slower: a mean of 4 % and no proof.
  const ratio = onlyCell(0, ({ stage, block }) => (stage === 1 ? 1.06 : block % 4 === 0 ? 1.17 : 1));
  const found = judge({ cells: 4, noise: 0.001, ratio });
  expect(found.cells[0]).toMatchObject({
    verdict: "unresolved",
    note: expect.stringMatching(/may be slower/),
  });
  expect(found.outcome).toBe("inconclusive");
  expect(found.reasons).toEqual([`${cellName(0)}: ${found.cells[0].note}`]);
});

test("a cell whose noise hides 10 % is not gated, is listed, and does not hold up the others", () => {
  const ratio = onlyCell(4, ({ block }) => Math.exp(block % 2 === 0 ? 0.12 : -0.12));
  const found = judge({ cells: 6, ratio });
  const noisy = found.cells[4];
  expect(noisy.verdict).toBe("unresolved");
  expect(noisy.note).toMatch(/^too noisy to be gated: no slow-down under \d+ % would reliably be seen$/);
  expect(noisy.detectable).toBeGreaterThan(GATE_RULE.ungatedAbove);
  expect(found.outcome).toBe("fine");
  expect(verdictsOf(found)).toEqual(sameBut(6, 4, "unresolved"));
});

test("too much noise in most cells is inconclusive and says so", () => {
  const found = judge({ cells: 6, noise: 0.15, seed: 3 });
  expect(found.outcome).toBe("inconclusive");
  expect(found.reasons.at(-1)).toMatch(/\d of 6 cells could not be resolved: the machine is too noisy/);
  expect(found.trust.weight).toBe("weak");
});

test("a slow-down so large that it shows through noise that is not gated makes the run inconclusive", () => {
  const ratio = onlyCell(0, ({ block }) => 3 * Math.exp(block % 2 === 0 ? 0.12 : -0.12));
  const found = judge({ cells: 3, ratio, means: false });
  expect(found.cells[0]).toMatchObject({ verdict: "unresolved" });
  expect(found.outcome).toBe("inconclusive");
  expect(found.reasons[0]).toMatch(/it looks slower, but is too noisy to be gated/);
});

test("three quarters of the blocks must count, or the cell is unresolved and the run inconclusive", () => {
  const voidIn = (stage: number, least: number) => (place: EntryPlace) =>
    place.stage === stage && place.cell === cellName(0) && place.against === "head" && place.block >= least
      ? [0, 1, 2]
      : [];
  const atEnd = (stage: number, least: number) =>
    judge({ cells: 8, ratio: onlyCell(0, 1.1), disturbed: voidIn(stage, least), means: false });
  expect(atEnd(1, 5).cells[0].verdict).toBe("slower");
  // 12 of 16 is enough, 11 is not.
  expect(atEnd(2, 12).cells[0]).toMatchObject({ verdict: "slower", count: 12 });
  const few = atEnd(2, 11);
  expect(few.cells[0]).toMatchObject({ verdict: "unresolved", count: 11 });
  expect(few.cells[0].note).toMatch(/^11 of 16 blocks count/);
  expect(few.outcome).toBe("inconclusive");
  // Of stage 1, 4 of 6 are not.
  const unsent = judge({ cells: 8, disturbed: voidIn(1, 4) });
  expect(unsent.cells[0]).toMatchObject({ verdict: "unresolved", count: 4 });
  expect(unsent.outcome).toBe("inconclusive");
});

test("a cell of which no block counts is named, and the run is inconclusive", () => {
  const found = judge({ cells: 5, disturbed: ({ cell }) => (cell === cellName(1) ? [0, 1, 2, 3, 4] : []) });
  expect(found.cells[1]).toMatchObject({
    case: cellName(1),
    verdict: "unresolved",
    count: 0,
    detectable: null,
  });
  expect(found.outcome).toBe("inconclusive");
  expect(found.reasons.join("\n")).toContain(`${cellName(1)}: no block of it counts`);
});

test("a machine on which every block was disturbed is inconclusive, not an error", () => {
  const found = judge({ cells: 2, disturbed: () => [0, 1, 2, 3, 4] });
  expect(found).toMatchObject({ outcome: "inconclusive", geometricMean: null });
  expect(found.cells.map(({ verdict }) => verdict)).toEqual(["unresolved", "unresolved"]);
  expect(found.reasons.slice(0, 2)).toEqual([
    "base against itself was disturbed too often, or not measured, to vouch for stage 1",
    "the fixed kernel was disturbed in 6 of 6 blocks",
  ]);
});

const spoilers: readonly (readonly [string, World, RegExp])[] = [
  [
    "base that differs from itself",
    { ratio: only("twin", 1.08) },
    /base against itself came out slower \(\+\d+(\.\d+)? %\) in stage 1$/,
  ],
  [
    "base that is faster than itself",
    { ratio: only("twin", 0.9) },
    /base against itself came out faster \(-\d+(\.\d+)? %\) in stage 1$/,
  ],
  [
    "base that differs from itself in stage 2 alone",
    { ratio: ({ against, stage }) => (against === "twin" && stage === 1 ? 1 : 1.1) },
    /base against itself came out slower .* in stage 2$/,
  ],
  [
    "a fixed kernel that moved",
    { ratio: only("yardstick", 1.07) },
    /the fixed kernel, .*, moved by \+7(\.\d+)? %/,
  ],
  ["a fixed kernel that moved back", { ratio: only("yardstick", 0.9) }, /moved by -(9\.\d|10) %/],
  [
    "a fixed kernel disturbed in most blocks",
    {
      disturbed: ({ against, block }) => (against === "yardstick" && block !== 2 ? [0, 1, 2] : []),
    },
    /^the fixed kernel was disturbed in 5 of 6 blocks$/,
  ],
  [
    "no fixed kernel at all",
    { missing: ({ against }) => against === "yardstick" },
    /disturbed in 6 of 6 blocks/,
  ],
];

test.each(spoilers)("%s is inconclusive, and no cell keeps a verdict", (_, world, says) => {
  const found = judge({ cells: 8, noise: 0.003, ...world });
  expect(found.outcome).toBe("inconclusive");
  expect(new Set(verdictsOf(found))).toEqual(new Set(["unresolved"]));
  expect(found.reasons[0]).toMatch(says);
  expect(found.headline).toMatch(/^inconclusive: /);
});

test("a spoiled run never fails for time, but still for changed work, broken and missing cells", () => {
  const twin = only("twin", 1.2);
  const slow = onlyCell(2, 2);
  const ratio: World["ratio"] = (place) => twin(place) * slow(place);
  expect(judge({ cells: 5, ratio }).outcome).toBe("inconclusive");
  for (const change of [
    { executed_flops: 9000 },
    { outcome: "wrong" as const, reason: "row 3" },
    { outcome: "missing" as const },
  ]) {
    const facts: World["facts"] = (cell, side) => (side === "head" && cell === cellName(1) ? change : {});
    const found = judge({ cells: 5, ratio, facts });
    expect(found.outcome).toBe("regressed");
    expect(new Set(verdictsOf(found))).toEqual(new Set(["unresolved"]));
    expect(found.reasons.at(-1)).toMatch(/base against itself/);
    expect(found.trust).toEqual({ weight: "none", why: "times cannot be trusted" });
  }
});

test("a fixed kernel that moves by up to 5 % is no reason to stop", () => {
  for (const ratio of [1.045, 1 / 1.045]) {
    expect(judge({ noise: 0.002, ratio: only("yardstick", ratio) }).outcome).toBe("fine");
  }
});

const slow = blockFile({ cells: 6, ratio: onlyCell(1, 1.2) });
test.each([
  [
    "before stage 1",
    until(slow, ({ type }) => type === "stage"),
    /nothing was measured of 6 cells; no block/,
  ],
  ["before its first block", until(slow, ({ type }) => type === "block"), /nothing was measured of 6 cells/],
])("a gate that ended %s has measured nothing", (_, blocks, says) => {
  expect(refusal(() => compareBlocks(blocks, strict))).toMatch(says);
});

test.each([
  [
    "within stage 1",
    until(slow, (line) => line.type === "block" && line.block === 4),
    "stage 1 ended after 4 of 6 blocks",
  ],
  [
    "before stage 2",
    until(slow, (line) => line.type === "stage" && line.stage === 2),
    "it ended before stage 2",
  ],
  [
    "before the first block of stage 2",
    until(slow, (line) => line.type === "block" && line.stage === 2),
    "stage 2 ended after 0 of 16 blocks",
  ],
  [
    "within stage 2",
    until(slow, (line) => line.type === "block" && line.stage === 2 && line.block === 15),
    "stage 2 ended after 15 of 16 blocks",
  ],
])("a gate that ended %s is inconclusive, and no cell keeps a verdict", (_, blocks, reason) => {
  const found = compareBlocks(blocks, strict);
  expect(found.outcome).toBe("inconclusive");
  expect(new Set(verdictsOf(found))).toEqual(new Set(["unresolved"]));
  expect(found.reasons[0]).toBe(reason);
});

test("every end of a file but the last is inconclusive or nothing, never a pass", () => {
  const whole = blockFile({ cells: 3, ratio: onlyCell(1, 1.2) });
  for (let end = 0; end < whole.lines.length; end++) {
    const cut = { ...whole, lines: whole.lines.slice(0, end) };
    let outcome = "nothing";
    try {
      outcome = compareBlocks(cut, strict).outcome;
    } catch {
      refusal(() => compareBlocks(cut, strict));
    }
    expect(["nothing", "inconclusive"]).toContain(outcome);
  }
});

test("changed work fails, also of a cell that became faster, and passes where it is accepted", () => {
  const facts: World["facts"] = (cell, side) =>
    side === "head" && cell === cellName(0) ? { executed_flops: 8001, bytes: null } : {};
  const found = judge({ cells: 3, facts });
  expect(found.outcome).toBe("regressed");
  expect(found.work).toEqual([
    { case: cellName(0), quantity: "executed_flops", base: 8000, head: 8001, accepted: false },
    { case: cellName(0), quantity: "bytes", base: 2048, head: null, accepted: false },
  ]);
  expect(verdictsOf(found)).toEqual(["same", "same", "same"]);
  expect(found.headline).toBe("regressed: no change seen in 3 cells; work changed in 1 cell");
  const part = { ...strict, accepted: new Set(["bytes"] as const) };
  expect(judge({ cells: 3, facts }, part).outcome).toBe("regressed");
  const all = { ...strict, accepted: new Set(QUANTITIES) };
  expect(judge({ cells: 3, facts }, all)).toMatchObject({
    outcome: "fine",
    work: [{ accepted: true }, { accepted: true }],
  });
});

test.each([
  ["wrong", true, "verification: row 3"],
  ["missing", false, "it has no variant local"],
  ["unsupported", false, "only patterns"],
] as const)("a cell that is %s in head fails, and is missing or broken", (outcome, broken, reason) => {
  const facts: World["facts"] = (cell, side) =>
    side === "head" && cell === cellName(1) ? { outcome, reason } : {};
  const found = judge({ cells: 3, facts });
  expect(found.outcome).toBe("regressed");
  expect(found.oneSided).toEqual([{ case: cellName(1), side: "base", reason, broken }]);
  expect(found.cells.map((one) => one.case)).toEqual([cellName(0), cellName(2)]);
  const lenient = judge({ cells: 3, facts }, { ...strict, acceptMissing: true });
  // A cell that is wrong is not missing.
  expect(lenient.outcome).toBe(broken ? "regressed" : "fine");
});

test("a cell that head alone has, or has mended, fails nothing", () => {
  for (const outcome of ["wrong", "missing", "unsupported"] as const) {
    const facts: World["facts"] = (cell, side) =>
      side === "base" && cell === cellName(1) ? { outcome, reason: "not in base" } : {};
    const found = judge({ cells: 3, facts });
    expect(found.outcome).toBe("fine");
    expect(found.oneSided).toMatchObject([{ case: cellName(1), side: "head" }]);
  }
});

test("a cell right on no side is told neither way", () => {
  const facts: World["facts"] = (cell) => (cell === cellName(1) ? { outcome: "wrong", reason: "row 3" } : {});
  const found = judge({ cells: 3, facts });
  expect(found).toMatchObject({ outcome: "fine", oneSided: [] });
  expect(found.remarks).toContain(`${cellName(1)}: right on neither side, row 3`);
});

test("base that turned wrong in a block in all its cells leaves nothing to be said, and is no pass", () => {
  const blocks = until(blockFile({ cells: 1 }), (line) => line.type === "block" && line.block === 1);
  const found = compareBlocks(withLines(blocks, lostLine({ side: "base" })), strict);
  expect(found).toMatchObject({
    outcome: "inconclusive",
    cells: [],
    oneSided: [{ side: "head", broken: true }],
  });
});

test("a cell that turned wrong in a block is broken, though it was right when it was checked", () => {
  const found = compareBlocks(withLines(blockFile({ cells: 3 }), lostLine({ cell: cellName(2) })), strict);
  expect(found.outcome).toBe("regressed");
  expect(found.oneSided).toEqual([
    { case: cellName(2), side: "base", reason: "in a block: row 3 is off", broken: true },
  ]);
  expect(found.cells.map((one) => one.case)).toEqual([cellName(0), cellName(1)]);
  // The same of base is no fault of head's.
  const line = lostLine({ cell: cellName(2), side: "base" });
  expect(compareBlocks(withLines(blockFile({ cells: 3 }), line), strict).outcome).toBe("fine");
});

test("nothing measured is an error with the reason, unless head broke it all", () => {
  const both = (outcome: "wrong" | "missing") => (): { outcome: typeof outcome; reason: string } => ({
    outcome,
    reason: "gone",
  });
  expect(refusal(() => judge({ cells: 2, facts: both("wrong") }))).toBe(
    "gate: nothing was measured of 2 cells; gone",
  );
  const head: World["facts"] = (_, side) =>
    side === "head" ? { outcome: "missing", reason: "no kernel" } : {};
  expect(refusal(() => judge({ cells: 2, facts: head }))).toMatch(
    /nothing was measured of 2 cells; no kernel/,
  );
  const broken: World["facts"] = (_, side) => (side === "head" ? { outcome: "wrong", reason: "row 1" } : {});
  const found = judge({ cells: 2, facts: broken });
  expect(found).toMatchObject({ outcome: "regressed", cells: [], geometricMean: null });
});

test("what is to be known before believing it is said", () => {
  const remarksOf = (world: World) => judge({ cells: 4, ...world }).remarks;
  expect(remarksOf({})).toEqual([
    "means cover costs on one call in 20 or more often; rarer ones were not looked for",
    "measured in turn, in 6 blocks of fresh processes",
  ]);
  expect(remarksOf({ head: { code_sha256: "aa" } })).toContain("base and head are the same code");
  const module = { kind: "module", code_sha256: "cc" } as const;
  expect(remarksOf({ base: module, head: module })).toContain(
    "base and head are the same file; what it imports was not compared",
  );
  expect(remarksOf({ rule: { alpha: 0.05 } })).toContain(
    "judged by the rule in the file, which is not this version's own",
  );
  // How many blocks there are is no other rule.
  expect(remarksOf({ rule: { stage2Blocks: 32, stage1Blocks: 8 } })).toEqual([
    "means cover costs on one call in 20 or more often; rarer ones were not looked for",
    "measured in turn, in 8 blocks of fresh processes",
  ]);
  expect(remarksOf({ inject: 0.05 })).toContainEqual(expect.stringMatching(/was made 5 % slower on purpose/));
  expect(remarksOf({ disturbed: () => [1] })).toContain("20 % of the pairs were disturbed and omitted");
  const blocks = blockFile({ cells: 4 });
  const lost = lostLine({
    wrong: false,
    block: 9,
    cell: null,
    side: null,
    reason: "it said nothing for 60 s",
  });
  expect(compareBlocks(withLines(blocks, lost), strict).remarks).toContain(
    "1 block lost, most recently: it said nothing for 60 s",
  );
  expect(compareBlocks({ ...blocks, truncated: true }, strict).remarks[0]).toMatch(
    /last line .* was cut off/,
  );
});

test("what the sides differ in is listed", () => {
  expect(judge({}).differences).toEqual([{ field: "code_sha256", base: "aa", head: "bb" }]);
  expect(judge({ head: { code_sha256: "aa", commit: null } }).differences).toEqual([
    { field: "commit", base: "c0ffee", head: "not known" },
  ]);
  const told = (torch: string) => ({ code: { "mine.py": "a".repeat(64), "told:torch": torch } });
  expect(judge({ base: told("2.12.0"), head: told("2.13.0") }).differences).toContainEqual({
    field: "code",
    base: "told:torch 2.12.0",
    head: "told:torch 2.13.0",
  });
});

test("the rule in the file is the one that judges", () => {
  const world = { cells: 4, noise: 0.002, ratio: onlyCell(0, 1.05) };
  expect(judge({ ...world, rule: { least: 0.08 } }).outcome).toBe("fine");
  expect(judge(world).outcome).toBe("regressed");
});

test("the geometric mean is that of all cells, over blocks that hold them all", () => {
  const found = judge({ cells: 4, noise: 0, ratio: onlyCell(0, 2 ** 4) });
  expect(found.geometricMean?.ratio).toBeCloseTo(2, 9);
  const part = judge({
    cells: 4,
    noise: 0,
    missing: ({ stage, block, cell }) => stage === 1 && block < 5 && cell === cellName(1),
  });
  expect(part.geometricMean).toEqual({ ratio: expect.closeTo(1, 9), low: null, high: null });
});

/** Gates of any kind: unchanged, changed, noisy, disturbed. */
const worlds = fc.record({
  cells: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(1e6),
  noise: fc.constantFrom(0.002, 0.01, 0.03),
  ratio: fc
    .array(fc.constantFrom(0.5, 0.93, 0.97, 1, 1, 1.03, 1.08, 3), { minLength: 5, maxLength: 5 })
    .map((ratios) => ({ cell, against }: { cell: string; against: string }) => {
      return against === "head" ? (ratios[names(5).indexOf(cell)] ?? 1) : 1;
    }),
  disturbed: fc.constantFrom(
    () => [],
    ({ block }: { block: number }) => (block % 3 === 0 ? [0, 2] : []),
    ({ block }: { block: number }) => (block === 1 ? [0, 2, 3] : []),
  ),
});

test("base and head changed for one another: slower is faster, and every ratio its inverse", () => {
  const turned = {
    slower: "faster",
    faster: "slower",
    same: "same",
    "same-median": "same-median",
    unresolved: "unresolved",
  } as const;
  fc.assert(
    fc.property(worlds, (world) => {
      const blocks = blockFile(world);
      const there = compareBlocks(blocks, strict);
      const back = compareBlocks(swapped(blocks), strict);
      expect(back.cells.map((one) => one.case)).toEqual(there.cells.map((one) => one.case));
      for (const [index, cell] of there.cells.entries()) {
        const other = back.cells[index];
        // How much noise is too much depends on how many cells look slower.
        const noisy = [cell, other].some(({ note }) => note?.startsWith("too noisy") === true);
        if (!noisy) expect(other.verdict).toBe(turned[cell.verdict]);
        expect(other.time.ratio * cell.time.ratio).toBeCloseTo(1, 9);
        expect((other.time.low ?? 1) * (cell.time.high ?? 1)).toBeCloseTo(1, 9);
        expect([other.base_s, other.head_s]).toEqual([cell.head_s, cell.base_s]);
      }
      expect((there.geometricMean?.ratio ?? 1) * (back.geometricMean?.ratio ?? 1)).toBeCloseTo(1, 9);
    }),
    { numRuns: 25 },
  );
});

test("neither the order of blocks nor that of entries nor the machine's speed has a say", () => {
  fc.assert(
    fc.property(worlds, fc.nat(1e6), fc.constantFrom(2 ** -10, 2 ** 7), (world, seed, times) => {
      const blocks = blockFile(world);
      const expected = compareBlocks(blocks, strict);
      const random = randomStream(seed);
      const mixed = <T>(values: readonly T[]) => shuffled(values.length, random).map((at) => values[at]);
      const entries = mapBlocks(blocks, (block) => ({ ...block, entries: mixed(block.entries) }));
      const reordered = compareBlocks({ ...entries, lines: mixed(entries.lines) }, strict);
      expect(roundedOf(reordered)).toEqual(roundedOf(expected));
      const scale = (values: readonly number[]) => values.map((one) => one * times);
      const elsewhere = mapEntries(blocks, (entry) => ({
        ...entry,
        base_s: scale(entry.base_s),
        head_s: scale(entry.head_s),
        base_min_s: entry.base_min_s * times,
        head_min_s: entry.head_min_s * times,
        means: entry.means && {
          ...entry.means,
          base_s: scale(entry.means.base_s),
          head_s: scale(entry.means.head_s),
          base_waited_s: scale(entry.means.base_waited_s),
          head_waited_s: scale(entry.means.head_waited_s),
        },
      }));
      const scaled = compareBlocks(elsewhere, strict);
      const cells = scaled.cells.map((cell) => {
        const unscaled = <T extends { base_s: number; head_s: number }>(one: T): T => {
          return { ...one, base_s: one.base_s / times, head_s: one.head_s / times };
        };
        return { ...unscaled(cell), mean: cell.mean && unscaled(cell.mean) };
      });
      expect(roundedOf({ ...scaled, cells })).toEqual(roundedOf(expected));
    }),
    { numRuns: 15 },
  );
});

/** Sums in another order differ in their last digits. */
function roundedOf(comparison: ReturnType<typeof judge>): ReturnType<typeof judge> {
  const digits = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(9)) : value;
  return JSON.parse(JSON.stringify(comparison, digits)) as ReturnType<typeof judge>;
}

test("the order of the plan's cells decides the order of the verdicts, and nothing else", () => {
  const blocks = blockFile({ cells: 6, ratio: onlyCell(2, 1.3) });
  const { gate } = blocks;
  const turned = { ...gate, plan: { ...gate.plan, cells: gate.plan.cells.toReversed() } };
  const expected = compareBlocks(blocks, strict);
  const found = compareBlocks({ ...blocks, gate: turned }, strict);
  expect(found.cells.toReversed()).toEqual(expected.cells);
  expect(found.outcome).toBe(expected.outcome);
});

test("what was said of a kernel when its cell was checked is told once, with its cells", () => {
  const remarks = ["kernel x kept 2 threads busy where 1 was asked for"];
  const found = judge({ cells: 3, facts: (_, side) => (side === "head" ? { remarks } : {}) });
  expect(found.remarks.at(-1)).toBe(`head: ${remarks[0]} (${cellName(0)}, and 2 more)`);
});
