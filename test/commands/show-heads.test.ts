import { describe, expect, test } from "vitest";
import { xmlFault } from "../report/xml-fault.ts";
import { commandLine } from "./command-line.ts";

interface Told {
  readonly query: number;
  readonly input: string;
  readonly heads: readonly {
    readonly shift: readonly [number, number];
    readonly seen: { readonly row: number; readonly column: number; readonly weight: number };
  }[];
  readonly convolution: { readonly rows: number; readonly difference: number; readonly largest: number };
}

async function told(words: string): Promise<Told> {
  const { code, stdout, stderr } = await commandLine(`show conv-attention ${words} --format json`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

describe("a layer that is a convolution is shown by its heads", () => {
  test("which read the pixels around one, and make a convolution to rounding", async () => {
    const { query, heads, convolution } = await told("--length 64 --set width=8 --pixel 3,4");
    expect(query).toBe(28);
    expect(heads).toHaveLength(9);
    for (const { shift, seen } of heads) {
      expect([seen.row, seen.column]).toEqual([3 + shift[0], 4 + shift[1]]);
      expect(seen.weight).toBeCloseTo(1, 12);
    }
    expect(convolution.rows).toBe(64);
    expect(convolution.difference).toBeLessThan(1e-13 * convolution.largest);
  });

  test("at a border the nearest, and of a sequence the tokens along it", async () => {
    const corner = await told("--length 64 --set width=8 --pixel 0,0");
    expect(corner.heads[0].seen).toMatchObject({ row: 0, column: 0 });
    const sequence = await told("--length 20 --set width=none --query 5");
    expect(sequence.heads.map(({ seen }) => seen.column)).toEqual([4, 5, 6]);
    expect(sequence.convolution.rows).toBe(18);
  });

  test("on a picture, whose width is the image's", async () => {
    const { input, convolution } = await told("--input image:");
    expect(input).toContain("image");
    expect(convolution.rows).toBe(256);
    expect(convolution.largest).toBeGreaterThan(0.1);
    expect(convolution.difference).toBeLessThan(1e-13 * convolution.largest);
  });

  test("less sharply they are off it, which is said", async () => {
    const { convolution, heads } = await told("--length 64 --set width=8 --set alpha=1");
    expect(convolution.difference).toBeGreaterThan(0.1);
    expect(heads[4].seen.weight).toBeLessThan(0.5);
  });

  test("as text and as a picture", async () => {
    const words = "show conv-attention --length 64 --set width=8";
    const { stdout } = await commandLine(words);
    expect(stdout.split("\n")).toHaveLength(13);
    expect(stdout).toMatch(/^largest difference from the convolution: \d\.\de-1[56] of \d/m);
    const svg = await commandLine(`${words} --format svg`);
    expect(xmlFault(svg.stdout.trim())).toBeNull();
    expect(svg.stdout.match(/>head \d: /g)).toHaveLength(9);
  });

  test.each([
    ["conv-attention --length 65", "a multiple of its width 64, got 65"],
    ["conv-attention --length 8k", "--length must be at most 4096 where heads are drawn, got 8192"],
    ["conv-attention --length 64 --causal", "cannot be causal"],
    [
      "conv-attention --set width=8 --pixel 9,9 --length 64",
      "--pixel: must lie in the image of 8 rows of 8 pixels",
    ],
    ["conv-attention --input imag", "unknown input 'imag'"],
    ["full --input image:", "--input is for layers whose heads are a convolution"],
    ["conv-attention --set kernel=32", "conv-attention.kernel must be an integer from 1 to 31"],
    ["conv-attention --set alpha=1000001", "conv-attention.alpha must be a number from 0 to 1000000"],
  ])("refuses %s in one line", async (words, rule) => {
    const { code, stdout, stderr } = await commandLine(`show ${words}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(rule);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
