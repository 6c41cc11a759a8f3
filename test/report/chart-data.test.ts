import { describe, expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import type { Chart } from "../../src/report/charts/chart.ts";
import { frontier } from "../../src/report/charts/frontier.ts";
import { gallery } from "../../src/report/charts/gallery.ts";
import { gateError } from "../../src/report/charts/gate-error.ts";
import { ideal as idealOver } from "../../src/report/charts/ideal.ts";
import { rounds } from "../../src/report/charts/rounds.ts";
import { speedup as speedupOver } from "../../src/report/charts/speedup.ts";
import { workspace } from "../../src/report/charts/workspace.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { WORDS } from "../../src/report/words.ts";
import { sampleLayers } from "./sample-layers.ts";
import { sampleResults } from "./sample-results.ts";

const ideal = idealOver(WORDS.pass);
const speedup = speedupOver(WORDS.pass);

interface Specification {
  readonly data: { readonly values: readonly Readonly<Record<string, unknown>>[] };
  readonly params: readonly { readonly name: string; readonly value: number }[];
}

function specOf(chart: Chart, results: Results): Specification {
  return JSON.parse(JSON.stringify(chart.spec(results)));
}

function rowsOf(chart: Chart, results: Results) {
  return specOf(chart, results).data.values;
}

const exact = sampleResults({ noise: 0, variants: 2 });

test("a speed-up that rises above 1 is marked once, where the two times are the same", () => {
  const marks = rowsOf(speedup, exact).filter(({ crossing }) => crossing !== undefined);
  // 256·N² = 256·257·N at N = 257, and an overhead that both have moves neither.
  expect(marks).toHaveLength(1);
  expect(marks[0].series).toBe("local");
  expect(marks[0].crossing).toBeCloseTo(257, 0);
  expect(marks[0].crossing_text).toBe("257");
});

test("marks that would cover one another stand beside one another", () => {
  const alike = sampleResults({
    variants: 1,
    alter: (line) => ({ ...line }),
    kernels: ["a", "b", "c"],
    lengths: [128, 512],
  });
  const twins = alike.rows.flatMap((row) => [
    row,
    { ...row, case: `twin ${row.case}`, variant: "twin", median_s: row.length === 128 ? 1 : 1e-9 },
  ]);
  const marks = rowsOf(speedup, { ...alike, rows: twins }).filter(({ crossing }) => crossing !== undefined);
  expect(marks).toHaveLength(3);
  expect(new Set(marks.map(({ crossing_at }) => crossing_at)).size).toBe(3);
  expect(marks[0].crossing_at).toBe(1);
});

test("the workspace stands beside 4 bytes a pair, or the state where there are no pairs", () => {
  const rows = rowsOf(workspace, sampleResults({ noise: 0, lengths: [256, 512, 1024, 2048] }));
  const at = (series: string, length: number) =>
    rows.find((row) => row.series === series && row.length === length);
  expect(at("full", 256)).toMatchObject({ workspace_bytes: 65_536, modelled: 4 * 256 * 256 });
  expect(at("linear", 2048)).toMatchObject({ modelled: 4 * 64 * 65 });
});

test("the workspace of a layer stands beside the scores, or the states, of all of its heads", () => {
  const rows = rowsOf(workspace, sampleLayers({ noise: 0, lengths: [256, 512] }));
  const at = (series: string, length: number) =>
    rows.find((row) => row.series === series && row.length === length);
  expect(at("full", 256)).toMatchObject({ modelled: 4 * 8 * 256 * 256 });
  expect(at("linear", 256)).toMatchObject({ modelled: 4 * 8 * 64 * 65 });
});

test("the scores modelled are those of every head of q, the state is that of every head of k and v", () => {
  const results = sampleResults({ noise: 0, lengths: [256] });
  const unlike = results.rows.map((row) => ({ ...row, heads: 8, kv_heads: 2, value_dim: 16 }));
  const modelled = rowsOf(workspace, { ...results, rows: unlike }).map((row) => [row.series, row.modelled]);
  expect(Object.fromEntries(modelled)).toMatchObject({
    full: 4 * 8 * 256 * 256,
    linear: 4 * 2 * 64 * (16 + 1),
  });
});

test("the speed is that of the output's tokens, which are the queries", () => {
  const results = sampleResults({ noise: 0, lengths: [256] });
  const speeds = (rows: typeof results.rows) =>
    rowsOf(frontier, { ...results, rows }).map(({ speed }) => speed);
  const whole = speeds(results.rows);
  expect(whole.length).toBeGreaterThan(1);
  expect(speeds(results.rows.map((row) => ({ ...row, queries: 32 })))).toEqual(
    whole.map((speed) => Number(speed) / 8),
  );
});

test("what was achieved is the speed-up that the other chart shows, against the work saved", () => {
  const achieved = rowsOf(ideal, exact).map(({ length, achieved }) => [length, achieved]);
  const gained = rowsOf(speedup, exact)
    .filter(({ crossing }) => crossing === undefined)
    .map(({ length, speed_up }) => [length, speed_up]);
  expect(achieved).toEqual(gained);
  expect(rowsOf(ideal, exact)[4].ideal).toBeCloseTo(4096 / 257, 12);
});

test("the frontier shows the longest length, and another where the parameter says so", async () => {
  const spec = specOf(frontier, sampleResults());
  expect(spec.params).toEqual([{ name: "length", value: 4096 }]);
  const drawn = frontier.spec(sampleResults());
  if (drawn === null) throw new Error("there is a chart to draw");
  expect(await renderSvg(drawn)).toContain(">Speed against faithfulness, sequence length 4k<");
  const bubbles = /mark-symbol role-mark.*?<\/g>/.exec(await renderSvg(drawn))?.[0].match(/<path /g);
  expect(bubbles).toHaveLength(7);
  const shorter = await renderSvg({ ...drawn, params: [{ name: "length", value: 512 }] });
  expect(shorter).toContain(">Speed against faithfulness, sequence length 512<");
});

describe("the frontier of twenty variants", () => {
  const errors = (variant: string): number => (variant === "full" ? 2e-7 : variant === "linear" ? 0.7 : 1.3);
  const many = sampleResults({
    noise: 0,
    variants: 20,
    alter: (line) => ({
      ...line,
      fidelity_error: line.variant === "plugin-3" ? null : errors(line.variant),
      mean_fidelity_error: line.variant === "plugin-3" ? null : 0.8,
    }),
  });
  const rows = rowsOf(frontier, many);
  const text = JSON.stringify(frontier.spec(many));

  test("has a label at every point", () => {
    expect(rows).toHaveLength(19 * 5);
    for (const { label_x: x, label_y: y } of rows) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
    }
  });

  test("has the mean of v as a line, and dims what is worse than that", () => {
    expect(text).toContain('"text":"mean of v: 0.8"');
    expect(
      new Set(rows.map(({ variant, worse }) => `${worse === true ? "worse" : "not worse"} ${variant}`)),
    ).toContain("not worse linear");
    const worse = new Set(rows.filter((row) => row.worse === true).map(({ variant }) => variant));
    expect(worse.size).toBe(17);
    expect(worse.has("full")).toBe(false);
  });

  test("names what has no error below its title", async () => {
    const spec = frontier.spec(many);
    if (spec === null) throw new Error("there is a chart to draw");
    expect(await renderSvg(spec)).toContain(">Left out, having no error against full attention: plugin-3<");
  });

  test("has the colours of families, and those of plug-ins are one of them", () => {
    const families = Object.fromEntries(rows.map(({ variant, family }) => [variant, family]));
    expect(families).toMatchObject({
      full: "dense",
      local: "sparse",
      linear: "feature-map",
      "plugin-1": "plug-in",
    });
    expect(text).toContain('"domain":["dense","sparse","feature-map","plug-in"]');
  });

  test("has a place of its own for what is full attention itself", () => {
    const drawn = rows.filter(({ variant }) => variant === "full").map(({ error }) => error);
    expect(new Set(drawn).size).toBe(1);
    expect(drawn[0]).toBeLessThan(0.7);
    expect(text).toContain('"exact');
  });

  test("has a line for each mean of v where some approximate something else, full attention's first", () => {
    const own = many.rows.map((row) =>
      row.variant === "linear" ? { ...row, mean_fidelity_error: 0.5 } : row,
    );
    const both = JSON.stringify(frontier.spec({ ...many, rows: own }));
    expect(both).toContain('"text":"mean of v: 0.8","first":true');
    expect(both).toContain('"text":"mean of v, for linear: 0.5","first":false');
  });

  test("leaves out what is measured against something else, and its mean of v, and names it", async () => {
    const unit = "full attention of unit q and k";
    const own = many.rows.map((row) =>
      row.variant === "linear"
        ? { ...row, fidelity_error: 0.1, mean_fidelity_error: 0.12, fidelity_against: unit }
        : row,
    );
    const spec = frontier.spec({ ...many, rows: own });
    if (spec === null) throw new Error("there is a chart to draw");
    expect(new Set(rowsOf(frontier, { ...many, rows: own }).map(({ variant }) => variant))).not.toContain(
      "linear",
    );
    expect(JSON.stringify(spec)).not.toContain("mean of v, for");
    const svg = await renderSvg(spec);
    expect(svg).toContain(">Left out, measured against full attention of unit q and k: linear<");
    const [tip] = rowsOf(speedup, { ...many, rows: own }).filter(({ variant }) => variant === "linear");
    expect(tip.fidelity).toBe("none; against full attention of unit q and k: 0.1 (mean of v 0.12)");
  });

  test("has neither line nor shade in files from before there was a yardstick", () => {
    expect(JSON.stringify(frontier.spec(sampleResults({ noise: 0 })))).not.toContain("mean of v");
  });
});

test("a case that the gate failed is drawn with those it let pass", () => {
  const results = sampleResults({
    variants: 2,
    alter: (line) =>
      line.variant === "local" ? { ...line, outcome: "failed", reason: "red", gate_error: 1 } : line,
  });
  expect(rowsOf(gateError(WORDS.pass), results).filter(({ error }) => error === 1)).toHaveLength(5);
});

test("rounds stand in time order, as multiples of the case's median, a hundred of them at most", () => {
  const few = rowsOf(rounds(WORDS.pass), { ...exact, rounds: exact.rounds.toReversed() });
  const local = few.filter(({ series }) => series === "local");
  expect(local.map(({ at_s }) => at_s)).toEqual([0, 10, 20, 30, 40, 50, 60, 70]);
  expect(local.map(({ ratio }) => ratio)).toEqual(Array(8).fill(1));
  const many = rowsOf(rounds(WORDS.pass), sampleResults({ variants: 1, lengths: [256], rounds: 1001 }));
  expect(many.length).toBeLessThanOrEqual(100);
  expect(many.length).toBeGreaterThan(50);
});

interface Panels {
  readonly title: { readonly text: string };
  readonly data: { readonly values: readonly Readonly<Record<string, unknown>>[] };
}

test("the gallery has a heading for each family, with its variants under it, and images by themselves", () => {
  const as: Readonly<Record<string, string>> = { stride: "axial", global: "swin" };
  const results = sampleResults({
    variants: 4,
    alter: (line) => ({
      ...line,
      variant: as[line.variant] ?? line.variant,
      params: { width: 6, window: 3 },
    }),
  });
  const { vconcat } = JSON.parse(JSON.stringify(gallery.spec(results))) as { vconcat: readonly Panels[] };
  const found = vconcat.map(({ title, data }) => [
    title.text.split(":")[0],
    [...new Set(data.values.map(({ variant }) => variant))],
  ]);
  expect(found).toEqual([
    ["dense", ["full"]],
    ["sparse", ["local"]],
    ["image", ["axial", "swin"]],
    ["image", ["axial", "swin"]],
  ]);
  expect(vconcat[3].title.text).toBe("image: what the pixel with a dot attends, in its image");
  const axial = vconcat[3].data.values.filter(({ variant }) => variant === "axial");
  expect(axial).toHaveLength(36);
  expect(axial.filter(({ part }) => part !== null)).toHaveLength(11);
  expect(axial.filter(({ isQuery }) => isQuery)).toMatchObject([{ part: "local", left: 4 / 6, top: 3 / 6 }]);
});

test("variants of a family that attend every pair share a panel, and each has cells in it", () => {
  const as: Readonly<Record<string, string>> = { local: "rope", stride: "alibi", global: "sink-logit" };
  const results = sampleResults({
    variants: 4,
    alter: (line) => ({ ...line, variant: as[line.variant] ?? line.variant, params: { base: 7 } }),
  });
  const { vconcat } = JSON.parse(JSON.stringify(gallery.spec(results))) as { vconcat: readonly Panels[] };
  expect(vconcat).toHaveLength(1);
  const cells = vconcat[0].data.values;
  expect(new Set(cells.map(({ panel }) => panel))).toEqual(new Set(["full, alibi, rope,\nsink-logit"]));
  expect(cells.map(({ variant }) => variant)).toEqual(["full", "alibi", "rope", "sink-logit"]);
});

test("an image's panels are drawn without a word from Vega", async () => {
  const results = sampleResults({
    variants: 1,
    alter: (line) => ({ ...line, variant: "swin", params: { width: 6, window: 3 } }),
  });
  const spec = gallery.spec(results);
  if (spec === null) throw new TypeError("the gallery must have a chart");
  const warnings: string[] = [];
  const svg = await renderSvg(spec, (message) => warnings.push(message));
  expect(warnings).toEqual([]);
  expect(svg).toContain(">6 × 6 pixels<");
});

test("lengths are numbers of keys where queries are other tokens, and sequence lengths elsewhere", () => {
  const fixed = sampleResults({ variants: 2, alter: (line) => ({ ...line, queries: 16 }) });
  const charts = [speedup, frontier, rounds(WORDS.pass)];
  for (const chart of charts) {
    const text = JSON.stringify(chart.spec(fixed));
    expect(text, chart.id).toContain("number of keys");
    expect(text, chart.id).not.toContain("sequence length");
    expect(JSON.stringify(chart.spec(exact)), chart.id).toContain("sequence length");
  }
});
