import { expect, test } from "vitest";
import { rankingTex } from "../../../src/report/tables/ranking-tex.ts";
import { latexText } from "../../../src/text/latex.ts";
import { hostileResults } from "../hostile-results.ts";
import { sampleDecode } from "../sample-decode.ts";
import { sampleResults } from "../sample-results.ts";

test("the ranking is a table of booktabs, a row a variant, the fastest first", () => {
  const lines = rankingTex(sampleResults({ noise: 0 })).split("\n");
  expect(lines[0]).toBe("% sample.jsonl: Time of one call, sequence length 4k");
  expect(lines[1]).toMatch(/^\\begin\{tabular\}\{lr+\}$/);
  expect(lines[2]).toBe("\\toprule");
  expect(lines[3]).toMatch(/^variant & time & \\ensuremath\{\\times\} over full & .*\\\\$/);
  expect(lines[4]).toBe("\\midrule");
  expect(lines.slice(5, 12).map((line) => line.split(" & ")[0])).toEqual([
    "linear",
    "global",
    "stride",
    "local",
    "longformer",
    "bigbird",
    "full",
  ]);
  expect(lines.slice(12)).toEqual(["\\bottomrule", "\\end{tabular}", ""]);
  const columns = lines[1].split("r").length;
  for (const line of [lines[3], ...lines.slice(5, 12)]) expect(line.match(/ & /g)).toHaveLength(columns - 2);
});

test("steps have a table of their own, and results without a time none", () => {
  expect(rankingTex(sampleDecode())).toContain("Time per token");
  expect(rankingTex({ ...sampleResults(), rows: [] })).toBe("");
});

test("nothing in a text is a command", () => {
  expect(latexText("a_b & 50 % of $5 {x} #1 ~ ^ \\end")).toBe(
    "a\\_b \\& 50 \\% of \\$5 \\{x\\} \\#1 \\textasciitilde{} \\textasciicircum{} \\textbackslash{}end",
  );
  expect(latexText("12 µs ±3 % 1.5×")).toBe(
    "12 \\ensuremath{\\mu}s \\ensuremath{\\pm}3 \\% 1.5\\ensuremath{\\times}",
  );
});

test("names that are commands of LaTeX stay names, and none begins a line", () => {
  const results = hostileResults();
  const evil = "\\input{/etc/passwd}\n\\end{tabular}%&$#_";
  const tex = rankingTex({
    ...results,
    rows: results.rows.map((row) => (row.variant === "full" ? row : { ...row, variant: evil })),
  });
  expect(tex).toContain("\\textbackslash{}input\\{");
  expect(tex).not.toContain("\\input");
  expect(tex.match(/\\end\{tabular\}/g)).toHaveLength(1);
});
