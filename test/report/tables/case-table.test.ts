import { expect, test } from "vitest";
import { seriesOf } from "../../../src/report/series.ts";
import { caseTable } from "../../../src/report/tables/case-table.ts";
import { sampleResults } from "../sample-results.ts";

test("an error against something else is named so, and not sorted among those against full attention", () => {
  const results = sampleResults({
    variants: 2,
    lengths: [256],
    alter: (line) =>
      line.variant === "full"
        ? line
        : {
            ...line,
            fidelity_error: 0.13,
            mean_fidelity_error: 0.12,
            fidelity_against: "attention of <b>unit</b> q and k",
          },
  });
  const series = seriesOf(results.rows);
  const { text } = caseTable(series, () => 0);
  expect(text).toContain(
    '<td data-sort="">–<span class="gain">0.13 against attention of &lt;b&gt;unit&lt;/b&gt; q and k, worse than the mean of v</span></td>',
  );
  expect(text).toContain('<td data-sort="2e-7">2.0e-7</td>');
});

test.each([
  ["choosing", "select_s"],
  ["projections", "project_s"],
] as const)("what part of a call is %s is told where some kernel says, and nowhere else", (part, field) => {
  const plain = seriesOf(sampleResults({ variants: 2, lengths: [256] }).rows);
  expect(caseTable(plain, () => 0).text).not.toContain(part);
  const rows = sampleResults({ variants: 2, lengths: [256] }).rows.map((row) =>
    row.variant === "full" || row.median_s === null ? row : { ...row, [field]: row.median_s / 4 },
  );
  const series = seriesOf(rows);
  const { text } = caseTable(series, () => 0);
  expect(text).toContain(`<th scope="col" data-unit="s">of which ${part}</th>`);
  expect(text).toContain('<span class="gain">25 % of the median</span>');
});
