import { describe, expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import { workloads } from "../../src/report/charts/workloads.ts";
import { seriesOf } from "../../src/report/series.ts";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { renderSvg } from "../../src/report/svg.ts";
import { workloadTable } from "../../src/report/tables/workload-table.ts";
import { chartsOf } from "../../src/report/topics/index.ts";
import { hostileTraces, unprintables } from "./hostile-results.ts";
import { type SampleOptions, sampleResults } from "./sample-results.ts";
import { xmlFault } from "./xml-fault.ts";

const MEANS = { gaussian: 0.8, "text:": 0.5, "image:patch=2": 0 };

/** Errors of which local's is a half of the mean of v's, linear's twice as large, and bigbird has one of two. */
function withErrors(options: SampleOptions = {}, inputs: Readonly<Record<string, number>> = MEANS) {
  const factors: Readonly<Record<string, number>> = { full: 0, local: 0.5, linear: 2, bigbird: 1, global: 1 };
  return sampleResults({
    lengths: [256, 512],
    alter: (line) => {
      const factor = factors[line.variant];
      if (factor === undefined || line.length !== 256) return line;
      const errors = Object.entries(inputs).map(([input, mean]) => ({
        input,
        length: 512,
        error: mean === 0 ? factor / 10 : factor * mean,
        mean_error: mean,
      }));
      const told = line.variant === "bigbird" ? errors.slice(0, 1) : errors;
      const apart = line.variant === "global" ? { fidelity_against: "something else" } : {};
      return { ...line, ...apart, fidelity_on: told };
    },
    ...options,
  });
}

const results = withErrors();

interface Drawn {
  readonly data: { readonly values: readonly Readonly<Record<string, unknown>>[] };
}

describe("errors on several inputs", () => {
  test("are a table of what approximates full attention, beside the mean of v", () => {
    const table = workloadTable(seriesOf(results.rows));
    expect(table).toMatchObject({
      title: "Errors on different inputs, of 512 tokens",
      heads: ["gaussian", "text", "image patch=2"],
    });
    expect(table?.means.map(({ text }) => text)).toEqual(["80 %", "50 %", "under 0.1 %"]);
    // Of old results: none is planned over one token.
    const rows = results.rows.map((row) => ({
      ...row,
      ...(row.fidelity_on && { fidelity_on: row.fidelity_on.map((one) => ({ ...one, length: 1 })) }),
    }));
    expect(workloadTable(seriesOf(rows))?.title).toBe(
      "Errors on different inputs, of 1 token, over which every variant is full attention",
    );
    expect(
      table?.rows.map(({ series, cells }) => [
        series.label,
        cells.map(({ error, overMean }) => `${error} ${overMean}`),
      ]),
    ).toEqual([
      ["local", ["40 % 0.50×", "25 % 0.50×", "5 % "]],
      ["bigbird", ["80 % 1.0×", "– ", "– "]],
      ["linear", ["160 % 2.0×", "100 % 2.0×", "20 % "]],
    ]);
    expect(summaryMarkdown([{ results, charts: [] }], "T", null)).toContain(
      "| local | 40 % (0.50×) | 25 % (0.50×) | 5 % |",
    );
  });

  test("are a chart with a point for each, and a line for the mean of v in each column", () => {
    const spec = JSON.parse(JSON.stringify(workloads.spec(results))) as Drawn & { layer: readonly Drawn[] };
    expect(
      spec.data.values.map(({ variant, input, error_text }) => `${variant} ${input} ${error_text}`),
    ).toEqual([
      "local gaussian 0.4",
      "local text 0.25",
      "local image patch=2 0.05",
      "bigbird gaussian 0.8",
      "linear gaussian 1.6",
      "linear text 1",
      "linear image patch=2 0.2",
    ]);
    expect(spec.layer[0].data.values.map(({ input }) => input)).toEqual([
      "gaussian",
      "text",
      "image patch=2",
    ]);
  });

  test("are drawn where there are some, without a word from Vega", async () => {
    expect(chartsOf(results).map(({ id }) => id)).toContain("workloads");
    expect(chartsOf(sampleResults()).map(({ id }) => id)).not.toContain("workloads");
    expect(workloads.spec(sampleResults())).toBeNull();
    expect(workloadTable(seriesOf(sampleResults().rows))).toBeNull();
    const { svg, warnings } = await drawn(results);
    expect(warnings).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(svg).toContain("Left out, measured against something else: global");
    for (const text of ["gaussian", "image patch=2", "mean of v", "local", "linear"]) {
      expect(svg).toContain(`>${text}<`);
    }
  });

  test("are no markup, whatever an input is called, and no two are called alike", async () => {
    const name = (end: string) => `text:</title><script>\u202e\u0007${"x".repeat(9999)}${end}`;
    const hostile = withErrors({}, { [name("a")]: 0.5, [name("b")]: 0.25 });
    const { svg } = await drawn(hostile);
    expect([hostileTraces(svg), unprintables(svg), xmlFault(svg)]).toEqual([[], [], null]);
    const table = workloadTable(seriesOf(hostile.rows));
    expect(new Set(table?.heads).size).toBe(2);
    const markdown = summaryMarkdown([{ results: hostile, charts: [] }], "T", null);
    expect([hostileTraces(markdown), unprintables(markdown)]).toEqual([[], []]);
  });
});

async function drawn(of: Results) {
  const warnings: string[] = [];
  const spec = workloads.spec(of);
  if (spec === null) throw new Error("there is a chart to draw");
  return { svg: await renderSvg(spec, (message) => warnings.push(message)), warnings };
}
