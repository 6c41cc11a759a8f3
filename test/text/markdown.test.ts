import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { escapedMarkdown, Markdown, markdown } from "../../src/text/markdown.ts";
import { hostileResults, unprintables } from "../report/hostile-results.ts";
import { sampleResults } from "../report/sample-results.ts";

describe("a string in Markdown is data", () => {
  test.each([
    ["a | b", "a \\| b"],
    ["**bold** _it_ `code`", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\`"],
    ["[x](javascript:alert)", "\\[x\\](javascript:alert)"],
    ["<script>&amp;", "&lt;script&gt;&amp;amp;"],
    ["back\\slash", "back\\\\slash"],
    ["one\ntwo", "one\\\\u{a}two"],
    ["$x$ ~y~", "\\$x\\$ \\~y\\~"],
    ["  # head", "#<!-- --> head"],
    ["- item", "\\- item"],
    ["1. item", "1<!-- -->. item"],
    ["1.50 ms", "1.50 ms"],
    ["@you and a@b.org", "@<!-- -->you and a@<!-- -->b.org"],
    ["https://x.org www.x.org", "https:<!-- -->//x.org www<!-- -->.x.org"],
    ["see #1, GH-2", "see #<!-- -->1, GH<!-- -->-2"],
  ])("%j becomes %j", (text, escaped) => {
    expect(escapedMarkdown(text)).toBe(escaped);
  });

  test("no character that means something stands unescaped, whatever the string", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 700 }), (text) => {
        const escaped = escapedMarkdown(text);
        const bare = escaped.replaceAll("<!-- -->", "").replace(/\\[\\`*_[\]|~$]|&(amp|lt|gt);/g, "");
        expect(bare).not.toMatch(/[\\`*_[\]|~$<>&\n]/);
        expect(escaped).not.toMatch(/[@#](?!<!-- -->)|:\/\//);
        expect(unprintables(escaped)).toEqual([]);
      }),
    );
  });

  test("what is Markdown already stays as it is", () => {
    expect(markdown`${new Markdown("**a**")} ${["*", 1]}`.text).toBe("**a** \\*1");
  });
});

describe("the summary", () => {
  const charts = [{ id: "time", title: "Time over length", file: "time.svg" }];
  const text = summaryMarkdown([{ results: sampleResults(), charts }], "Mine", "index.html");

  test("has a section for each topic, with its first chart seen and all else folded", () => {
    expect(text.match(/^#+ .*$/gm)).toEqual([
      "# Mine",
      "## sample.jsonl",
      "### Ranking at 4k",
      "### Fastest at each length",
      "### From where it pays",
      "### The trade: speed against faithfulness",
      "### Does it grow as theory says?",
      "### How near the limit",
      "### Memory",
      "### Patterns",
      "### Evidence: can I trust this?",
      "### All cases",
    ]);
    expect(text.match(/<summary>/g)).toHaveLength(text.match(/^<\/details>$/gm)?.length ?? 0);
    expect(text).toContain("[The whole report](index.html)");
    expect(text).toContain("\n![Time over length](time.svg)\n");
    expect(text).toMatch(/^\| full \| 4\.\d+ ms ±\d% \|/m);
  });

  test("has as many cells in each row of a table as in its head", () => {
    const tables = text.match(/(?:^\|.*\|\n)+/gm) ?? [];
    expect(tables).toHaveLength(6);
    for (const table of tables) {
      expect(new Set(table.match(/^\|.*\|$/gm)?.map((row) => row.split("|").length)).size).toBe(1);
    }
  });

  test("of hostile results holds no markup of theirs, no line of theirs, and no name in full", () => {
    const hostile = summaryMarkdown([{ results: hostileResults(), charts: [] }], "x", null);
    const own = /^(?:<details>|<\/details>|<summary>[^<>]*<\/summary>)$/gm;
    expect(hostile.replaceAll("<!-- -->", "").replace(own, "")).not.toMatch(/[<>]/);
    expect(unprintables(hostile)).toEqual([]);
    expect(hostile).not.toContain("x".repeat(501));
    for (const line of hostile.split("\n"))
      expect(line).toMatch(/^$|^(#{1,3}|-|\|) |^\|---|^<\/?(?:details|summary)>|^[A-Z\d]/);
  });

  test("of several files has a section each, and of none that was measured says why", () => {
    const failed = sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red | gate" }) });
    const both = summaryMarkdown(
      [failed, failed].map((results) => ({ results, charts: [] })),
      "Two",
      null,
    );
    expect(both.match(/^## /gm)).toHaveLength(2);
    expect(both).toMatch(/^- failed: \d+ cases, every case: red \\\| gate$/m);
  });
});
