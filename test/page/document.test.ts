import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { suitePage } from "../../src/page/document/page.ts";
import { builtSuiteScripts } from "../../src/page/document/scripts.ts";
import { pageStyle } from "../../src/report/page/style.ts";

const scripts = {
  ui: "ui()",
  engine: "<engine> </script> é",
  liveReport: "draw()",
  own: "own()",
  vega: "vega()",
};
const page = suitePage(scripts);

function hashed(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

test("the policy allows the page's script and those of reports by their hashes, and no other", () => {
  const sources = /script-src ([^;]*);/.exec(page.policy)?.[1].split(" ");
  expect(sources).toEqual(["'wasm-unsafe-eval'", hashed("ui()"), hashed("own()"), hashed("vega()")]);
  expect(page.html).toContain("<script>ui()</script>");
});

test("the policy allows the page's style and that of reports, which frames take over", () => {
  const [style, report] = /style-src (\S+) (\S+);/.exec(page.policy)?.slice(1) ?? [];
  expect(style).toBe(hashed(/<style>(.*?)<\/style>/s.exec(page.html)?.[1] ?? ""));
  expect(report).toBe(hashed(pageStyle()));
});

test("the policy allows no request, and the page declares it", () => {
  expect(page.policy).toMatch(/^default-src 'none'; /);
  expect(page.policy).not.toMatch(/connect-src|https?:|\*|unsafe-inline|'unsafe-eval'/);
  expect(page.html).toContain(`<meta http-equiv="Content-Security-Policy" content="${page.policy}">`);
});

test("scripts for workers come out of the page as they went in, and hold nothing that a parser acts on", () => {
  const packed = Object.fromEntries(
    [...page.html.matchAll(/<script type="text\/plain" id="([a-z-]+)">([^<]*)<\/script>/g)].map(
      ([, id, text]) => [id, gunzipSync(Buffer.from(text, "base64")).toString("utf8")],
    ),
  );
  expect(packed).toEqual({
    "engine-script": scripts.engine,
    "live-report-script": scripts.liveReport,
    "report-script": scripts.own,
    "vega-script": scripts.vega,
  });
});

test("the page names nothing elsewhere", () => {
  expect(page.html.replace(/<style>.*?<\/style>/s, "")).not.toMatch(/(?:src|href)="(?!data:,|#)/);
});

test("every control has a label, and ids are unique", () => {
  const ids = [...page.html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  const controls = [...page.html.matchAll(/<(?:input|select|textarea)[^>]*>/g)];
  expect(controls.length).toBeGreaterThan(10);
  for (const { index } of controls) {
    const before = page.html.slice(0, index);
    expect(before.lastIndexOf("<label"), page.html.slice(index, index + 60)).toBeGreaterThan(
      before.lastIndexOf("</label>"),
    );
  }
});

test("scripts that were not built are told with what to do", () => {
  expect(Object.values(builtSuiteScripts()).every((script) => script.length > 1000)).toBe(true);
});
