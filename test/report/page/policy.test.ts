import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { drawCharts } from "../../../src/report/drawings.ts";
import { renderPage } from "../../../src/report/page/page.ts";
import { contentPolicy, embeddedJson, inlineScript, inlineStyle } from "../../../src/report/page/policy.ts";
import { hostile, unprintables } from "../hostile-results.ts";
import { partsOf } from "../page-parts.ts";
import { sampleResults } from "../sample-results.ts";

test("the policy allows the page's own scripts and styles by their hashes, and nothing else", async () => {
  const { policy, scripts, styles, markup } = partsOf(
    renderPage([await drawCharts(sampleResults({ variants: 2 }))]),
  );
  expect(scripts).toHaveLength(2);
  expect(styles).toHaveLength(1);
  const sources = (texts: readonly string[]) =>
    texts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ");
  expect(policy.split("; ")).toEqual([
    "default-src 'none'",
    `script-src ${sources(scripts)}`,
    `style-src ${sources(styles)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  // What such a policy would refuse.
  expect(markup).not.toMatch(/<[^<>]* (?:style|on[a-z]+)="/);
});

test("without scripts none is allowed", () => {
  expect(contentPolicy([], [])).toContain("script-src 'none'; style-src 'none'");
});

test("data in the page means the same when parsed, and is no markup and no line of its own", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(hostile, "</script>", "<!--", "\ud800", "&lt;"),
  );
  fc.assert(
    fc.property(fc.jsonValue(), fc.dictionary(text, text), (value, strings) => {
      const embedded = embeddedJson([value, strings]);
      expect(JSON.parse(embedded)).toEqual(JSON.parse(JSON.stringify([value, strings])));
      expect(embedded).not.toMatch(/[<>&\n]/);
      expect(unprintables(embedded)).toEqual([]);
    }),
  );
});

test("a script or a style sheet that would end early, or be read as another text, is refused", () => {
  for (const text of ["'</script>'", "'</STYLE>'", "<!-- x", "a\r\nb", "a\0b"]) {
    expect(() => inlineScript(text)).toThrow(/must hold no tag/);
    expect(() => inlineStyle(text)).toThrow(/must hold no tag/);
  }
});
