import { describe, expect, test } from "vitest";
import type { Results } from "../../../src/record/case-row.ts";
import { drawnSeries } from "../../../src/report/charts/drawn-series.ts";
import { drawnRows } from "../../../src/report/charts/learned/drawn-rows.ts";
import { learnedArena as learnedArenaOver } from "../../../src/report/charts/learned/learned-arena.ts";
import { learningCurves } from "../../../src/report/charts/learned/learning-curves.ts";
import { recallByState } from "../../../src/report/charts/learned/recall-by-state.ts";
import { renderSvg } from "../../../src/report/svg.ts";
import { allCharts, chartsOf } from "../../../src/report/topics/index.ts";
import { WORDS } from "../../../src/report/words.ts";
import { hostileTraces, unprintables } from "../hostile-results.ts";
import { FINDINGS, learnedAndTimed, learnedOnly, poisonedLearned } from "../sample-learned.ts";
import { sampleResults } from "../sample-results.ts";
import { xmlFault } from "../xml-fault.ts";

const learnedArena = learnedArenaOver(WORDS.pass);

type Row = Readonly<Record<string, unknown>>;

function rowsOf(chart: typeof recallByState, results: Results): readonly Row[] {
  return JSON.parse(JSON.stringify(chart.spec(results))).data.values;
}

const ofKind = (rows: readonly Row[], kind: string) => rows.filter((row) => row.kind === kind);
const alone = learnedOnly();
// Without noise, so that no digit depends on a platform's logarithm.
const both = learnedAndTimed({}, { noise: 0 });

describe.each([
  ["recall-by-state", recallByState, alone],
  ["learning-curves", learningCurves, alone],
  ["learned-arena", learnedArena, both],
])("the chart %s", (id, chart, results) => {
  test("is this specification", () => {
    const { data, ...spec } = JSON.parse(JSON.stringify(chart.spec(results)));
    // Its rows are tested by what they say.
    expect(data.values.length).toBeGreaterThan(0);
    expect(spec).toMatchSnapshot();
  });

  test.each([
    ["one task", {}],
    ["three tasks", { tasks: 3 }],
    ["a quick study", { quick: true }],
    ["one variant twice", { alterCell: twice }],
  ] as const)("is drawn without a word from Vega: %s", async (_, options) => {
    const found = chart.id === "learned-arena" ? learnedAndTimed(options) : learnedOnly(options);
    const spec = chart.spec(found);
    if (spec === null) throw new Error("there is a chart to draw");
    const words: string[] = [];
    const svg = await renderSvg(spec, (word) => words.push(word));
    expect(words).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(svg).toContain("linear");
  });

  test("has the same bytes twice, leaves its input as it was, and says of each mark whose it is", () => {
    const before = structuredClone(results.learned);
    expect(JSON.stringify(chart.spec(results))).toBe(JSON.stringify(chart.spec(results)));
    expect(results.learned).toEqual(before);
    for (const row of rowsOf(chart, results)) {
      expect(row.panel).toEqual(expect.any(String));
      if (row.kind !== "chance") expect(row.variant).toEqual(expect.any(String));
    }
  });

  test("is null where nothing was tested, and not spoken of where nothing was learned", () => {
    expect(chart.spec(learnedOnly({ alter: () => null }))).toBeNull();
    expect(chart.spec(sampleResults())).toBeNull();
    expect(chart.concerns?.(sampleResults())).toBe(false);
    expect(chartsOf(sampleResults()).map((one) => one.id)).not.toContain(id);
    expect(chartsOf(results).map((one) => one.id)).toContain(id);
    expect(allCharts.map((one) => one.id)).toContain(id);
  });

  test("holds no hostile string as markup or control character", async () => {
    const spec = chart.spec(poisonedLearned(results));
    if (spec === null) throw new Error("there is a chart to draw");
    const svg = await renderSvg(spec);
    expect([hostileTraces(svg), unprintables(svg), xmlFault(svg)]).toEqual([[], [], null]);
    const text = JSON.stringify(spec);
    expect(hostileTraces(text).filter((trace) => !trace.startsWith("<"))).toEqual([]);
    expect(unprintables(text)).toEqual([]);
  });

  test("takes variants named constructor, toString and __proto__", async () => {
    const odd = ["constructor", "toString", "hasOwnProperty", "__proto__"];
    const names = new Map(["delta", "linear", "local", "bigbird"].map((name, at) => [name, odd[at]]));
    const learned = learnedOnly({
      alterCell: (cell) => ({ ...cell, variant: names.get(cell.variant) ?? cell.variant }),
    }).learned;
    const rows = results.rows.map((row) => ({ ...row, variant: names.get(row.variant) ?? row.variant }));
    const spec = chart.spec({ ...results, rows, ...(learned !== undefined && { learned }) });
    if (spec === null) throw new Error("there is a chart to draw");
    expect(await renderSvg(spec)).toContain("<svg");
  });
});

/** A second cell of local in the place of sinkhorn's. */
function twice(cell: Parameters<NonNullable<Parameters<typeof learnedOnly>[0]>["alterCell"] & object>[0]) {
  return cell.variant === "delta" ? { ...cell, variant: "linear", params: { features: 8 } } : cell;
}

describe("recall against state", () => {
  const rows = rowsOf(recallByState, alone);

  test("has a dot for each test seed at the state that a layer keeps, and no mark of an interval", () => {
    for (const { variant, tests, state } of FINDINGS) {
      const own = ofKind(rows, "seed").filter((row) => row.variant === variant);
      expect(own.map(({ accuracy }) => accuracy)).toEqual(tests);
      if (state !== null) expect(own.map((row) => row.state)).toEqual(tests.map(() => state));
    }
  });

  test("puts what has no step to the right of all that has one", () => {
    const states = ofKind(rows, "seed").map(({ variant, state }) => [variant, Number(state)] as const);
    const none = states.flatMap(([variant, state]) => (variant === "bigbird" ? [state] : []));
    const others = states.flatMap(([variant, state]) => (variant === "bigbird" ? [] : [state]));
    expect(Math.min(...none)).toBeGreaterThan(Math.max(...others));
    expect(JSON.stringify(recallByState.spec(alone))).toContain('\\"none\\"');
  });

  test("has a bar at what a mask reaches with guessing, and none where it reaches all", () => {
    const bars = ofKind(rows, "ceiling").map(({ variant, accuracy }) => [variant, accuracy]);
    expect(bars).toEqual([
      ["local", expect.closeTo(0.1 + 0.9 / 128, 9)],
      ["bigbird", expect.closeTo(0.12 + 0.88 / 128, 9)],
    ]);
    expect(ofKind(rows, "chance").map(({ accuracy }) => accuracy)).toEqual([1 / 128]);
  });

  test("names each variant once, and no two names are at one place", () => {
    const names = ofKind(rows, "name");
    expect(names.map(({ variant }) => variant).sort()).toEqual(FINDINGS.map(({ variant }) => variant).sort());
    expect(new Set(names.map(({ label_x: x, label_y: y }) => `${x} ${y}`)).size).toBe(names.length);
  });

  test("joins the states of a variant where tasks differ in their models alone", () => {
    const several = learnedOnly({ tasks: 2 });
    const { learned } = several;
    if (learned === undefined) throw new Error("the sample holds what was learned");
    const [first, second] = learned.study.tasks;
    const tasks = [first, { ...first, task: second.task, model: { ...first.model, heads: 4 } }];
    const cells = learned.study.cells.map((cell) =>
      cell.task === second.task && cell.state_numbers !== null
        ? { ...cell, state_numbers: cell.state_numbers / 2 }
        : cell,
    );
    const sweep = { ...several, learned: { ...learned, study: { ...learned.study, tasks, cells } } };
    const drawn = rowsOf(recallByState, sweep);
    expect(new Set(drawn.map(({ panel }) => panel)).size).toBe(1);
    expect(JSON.stringify(recallByState.spec(sweep))).toContain('"type":"line"');
    expect(JSON.stringify(recallByState.spec(alone))).not.toContain('"type":"line"');
    const names = ofKind(drawn, "name").filter(({ variant }) => variant === "linear");
    expect(names.map(({ state }) => state)).toEqual([544]);
    expect(new Set(rowsOf(recallByState, several).map(({ panel }) => panel)).size).toBe(2);
  });

  test("draws a variant as charts of its times do", () => {
    const times = new Map(drawnSeries(both).map(({ variant, look }) => [variant, look]));
    for (const { variant, look } of drawnRows(both)) {
      if (times.has(variant)) expect(look).toEqual(times.get(variant));
    }
  });
});

describe("learning curves", () => {
  test("are of validation, one for each test seed at the chosen rate, and none of those that chose", () => {
    const looks = ofKind(rowsOf(learningCurves, alone), "look");
    const lines = Map.groupBy(looks, ({ variant, seed }) => `${variant} ${seed}`);
    expect(lines.size).toBe(FINDINGS.length * 3);
    const run = alone.learned?.runs.find(
      ({ cell, role, seed }) => cell === "linear mqar" && role === "test" && seed === 2,
    );
    expect(lines.get("linear 2")?.map(({ step, accuracy }) => ({ step, accuracy }))).toEqual(
      run?.curve.map(({ step, accuracy }) => ({ step, accuracy })),
    );
  });

  test("say above the panel what has not converged or diverged", () => {
    const lost = learnedOnly({
      alter: (line) =>
        line.cell === "linear mqar" && line.seed === 2
          ? { ...line, outcome: "diverged", accuracy: null, reason: "no number" }
          : line,
    });
    const panels = new Set(rowsOf(learningCurves, lost).map(({ panel }) => panel));
    expect(panels).toContain("retention\n3 of 3 still gaining");
    expect(panels).toContain("linear\n1 of 3 diverged");
    expect(panels).toContain("full\n");
  });
});

describe("Long Range Arena's bubbles of what was learned", () => {
  const rows = rowsOf(learnedArena, both);

  test("are at the mean of their seeds and at their speed over full, at each length that was timed", () => {
    const linear = rows.filter(({ variant }) => variant === "linear");
    expect(linear.map(({ length }) => length)).toEqual([256, 512, 1024, 2048]);
    const time = (variant: string) =>
      both.rows.find((one) => one.variant === variant && one.length === 2048)?.median_s ?? 0;
    expect(linear.at(-1)?.speed).toBeCloseTo(time("full") / time("linear"), 9);
    expect(linear[0].accuracy).toBeCloseTo((0.89 + 0.9 + 0.87) / 3, 12);
    expect(linear[0]).toMatchObject({ least: 0.87, most: 0.9 });
  });

  test("are of what was both trained and timed, and say with which parameters each was", () => {
    expect(new Set(rows.map(({ variant }) => variant))).toEqual(
      new Set(["full", "local", "bigbird", "linear"]),
    );
    expect(rows.find(({ variant }) => variant === "local")).toMatchObject({
      trained: "local, window 16",
      timed: "local, window 128",
    });
  });

  test("are not drawn where fewer than two variants beside full have both", () => {
    expect(learnedArena.spec(learnedAndTimed({}, { variants: 2 }))).toBeNull();
    expect(learnedArena.concerns?.(learnedOnly())).toBe(false);
  });

  test("let the reader choose the length", () => {
    const { params } = JSON.parse(JSON.stringify(learnedArena.spec(both)));
    expect(params).toEqual([{ name: "length", value: 2048 }]);
  });
});
