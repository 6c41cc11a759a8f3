import { expect, test } from "vitest";
import { picture } from "../../../src/report/page/picture.ts";
import { renderSvg } from "../../../src/report/svg.ts";
import { unitCharts } from "../../../src/report/topics/index.ts";
import { hostileResults, hostileTraces, unprintables } from "../hostile-results.ts";
import { sampleResults } from "../sample-results.ts";
import { xmlFault } from "../xml-fault.ts";

const charts = unitCharts("pass");

test.each(charts)("the picture $id keeps its texts, colours and marks", async ({ spec }) => {
  for (const results of [sampleResults(), hostileResults()]) {
    const svg = await renderSvg(spec(results) ?? { data: { values: [] }, mark: "bar" });
    const { text } = picture(svg, "file-1-x", "label");
    expect(xmlFault(text)).toBeNull();
    expect(hostileTraces(text)).toEqual([]);
    expect(unprintables(text)).toEqual([]);
    for (const part of [/>[^<>]+</g, /(?:fill|stroke)="#[^"]*"/g, / opacity="0[^"]*"/g]) {
      // What marks in a row have in common is said once.
      expect(new Set(text.match(part))).toEqual(new Set(svg.match(part)));
    }
    expect(text.match(/<text\b/g)?.length).toBe(svg.match(/<text\b/g)?.length);
    expect(text.length).toBeLessThan(svg.length);
  }
});

test("names within a picture are its own, and so are those that refer to them", () => {
  const svg =
    '<svg width="9"><defs><clipPath id="clip0"></clipPath></defs><g clip-path="url(#clip0)"><a xlink:href="#clip0"></a><path fill="#aabbcc" style="cursor: pointer"/><text>id="clip0" style="1.23456"</text></g></svg>';
  expect(picture(svg, "one", "a <b>").text).toBe(
    '<svg role="img" aria-label="a &lt;b&gt;" width="9"><defs><clipPath id="one-clip0"></clipPath></defs><g clip-path="url(#one-clip0)"><a xlink:href="#one-clip0"></a><path fill="#aabbcc"/><text>id="clip0" style="1.23456"</text></g></svg>',
  );
});

test("marks of one shape share it, each at its own place and in its own colour", () => {
  const shape = "M0,3.49L-4.03,-3.49L4.03,-3.49Z";
  const marks = [1, 2, 3].map((x) => `<path transform="translate(${x},0)" d="${shape}" fill="#00000${x}"/>`);
  expect(picture(`<svg width="9">${marks.join("")}</svg>`, "one", "").text).toBe(
    `<svg role="img" aria-label="" width="9"><defs><path id="one-0" d="M0,3.5L-4,-3.5L4,-3.5Z"/></defs>${[1, 2, 3].map((x) => `<use x="${x}" y="0" href="#one-0" fill="#00000${x}"/>`).join("")}</svg>`,
  );
});

test("areas of one colour in a row are one, if nothing is seen through them", () => {
  const area = (x: number, paint: string) => `<path d="M${x},0h5v5h-5Z" ${paint}/>`;
  const drawn = (...parts: readonly string[]) => picture(`<svg>${parts.join("")}</svg>`, "one", "").text;
  const red = 'fill="#aa0000"';
  expect(drawn(area(0, red), area(5, red), area(9, 'fill="#00aa00"'), area(12, red))).toContain(
    `>${area(0, red).replace("Z", "ZM5,0h5v5h-5Z")}${area(9, 'fill="#00aa00"')}${area(12, red)}<`,
  );
  const pale = `${red} opacity="0.2"`;
  expect(drawn(area(0, pale), area(3, pale))).toContain(`>${area(0, pale)}${area(3, pale)}<`);
});

test("a place moves by less than a tenth of a pixel", () => {
  const svg =
    '<svg><path fill="#000000" d="M1.23456,-0.98765L1e-7,2" transform="translate(35.604136,24)"/></svg>';
  expect(picture(svg, "one", "").text).toContain('d="M1.2,-1L1e-7,2" transform="translate(35.6,24)"');
});
