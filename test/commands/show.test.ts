import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parameterize } from "../../src/core/variant.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { causalityOf } from "../../src/mechanisms/why-undefined.ts";
import { variants } from "../../variants/index.ts";
import {
  type Definition,
  inAny,
  inBand,
  inComb,
  inGlobalBlocks,
  inGlobalTokens,
  inPast,
  scan,
} from "../pattern/brute-force.ts";
import { commandLine } from "./command-line.ts";

interface Shown {
  variant: string;
  length: number;
  head: number;
  causal: boolean;
  params: Record<string, number | null>;
  pairs: number;
  rows: [number, number][][];
}

async function shown(words: string): Promise<Shown> {
  const { code, stdout, stderr } = await commandLine(`show ${words} --format json`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

/** The rows by the definition, one pair after the other. */
function rowsBy(definition: Definition, length: number): number[][][] {
  return Array.from({ length }, (_, row) => {
    const flat = scan(length, (key) => definition(row, key, length));
    return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);
  });
}

function isCanonical({ rows, length }: Shown): boolean {
  return rows.every((row) =>
    row.every(([from, to], at) => (row[at - 1]?.[1] ?? -1) < from && from < to && to <= length),
  );
}

const everything: Definition = () => true;

describe("the mask as JSON is the definition", () => {
  test.each<[string, Definition]>([
    ["full", everything],
    ["linear", everything],
    ["local --set window=3", inBand(3, 3)],
    ["truncated --set left=5 --set right=0", inBand(5, 0)],
    ["stride --set stride=7", inComb(7, Number.POSITIVE_INFINITY)],
    ["stride --set stride=5 --set reach=11", inComb(5, 11)],
    ["global --set tokens=4", inGlobalTokens(4)],
    [
      "longformer --set window=2 --set stride=9 --set tokens=1",
      inAny([inBand(2, 2), inComb(9, Number.POSITIVE_INFINITY), inGlobalTokens(1)]),
    ],
    ["longformer --set window=2 --set stride=0 --set tokens=3", inAny([inBand(2, 2), inGlobalTokens(3)])],
    ["bigbird --set block=5 --set window=0 --set global=1 --set random=0", inGlobalBlocks(5, 1)],
  ])("of %s, causal or not, at lengths that are no multiple of anything", async (words, definition) => {
    for (const length of [1, 2, 31, 64, 97]) {
      for (const causal of [false, true]) {
        const told = await shown(`${words} --length ${length}${causal ? " --causal" : ""}`);
        const rows = rowsBy(causal ? inPast(definition) : definition, length);
        expect(told.rows).toEqual(rows);
        const pairs = rows.flat().reduce((sum, [from, to]) => sum + to - from, 0);
        expect(told).toMatchObject({ length, causal, pairs, head: 0 });
      }
    }
  });

  test("for whatever parameters: half-open, sorted, disjoint, and as many pairs as it says", async () => {
    const small = fc.integer({ min: 0, max: 12 });
    const words = fc.record({
      variant: fc.constantFrom("longformer", "bigbird"),
      length: fc.integer({ min: 1, max: 80 }),
      causal: fc.boolean(),
      window: fc.integer({ min: 1, max: 12 }),
      stride: small,
    });
    await fc.assert(
      fc.asyncProperty(words, async ({ variant, length, causal, window, stride }) => {
        const block = variant === "bigbird" ? "--set block=4" : "";
        const settings = `--set window=${window} --set stride=${stride} ${block}`;
        const told = await shown(`${variant} ${settings} --length ${length}${causal ? " --causal" : ""}`);
        expect(isCanonical(told)).toBe(true);
        expect(told.rows).toHaveLength(length);
        expect(told.rows.flat().reduce((sum, [from, to]) => sum + to - from, 0)).toBe(told.pairs);
        const future = told.rows.filter((row, at) => (row.at(-1)?.[1] ?? 0) > at + 1);
        if (causal) expect(future).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("with every parameter told, also those that were not set", async () => {
    expect((await shown("sliding-window --set window=3")).params).toEqual({
      window: 3,
      left: null,
      right: null,
    });
  });
});

describe("the random blocks of bigbird", () => {
  const settings = "bigbird --length 256 --set block=8 --set window=3 --set global=1 --set random=2";
  const randomBlocks = ({ rows }: Shown) =>
    Array.from({ length: 32 }, (_, queryBlock) => {
      const row = rows[queryBlock * 8];
      const covered = (block: number) =>
        Math.abs(block - queryBlock) <= 1 ||
        block === 0 ||
        block === 31 ||
        queryBlock === 0 ||
        queryBlock === 31;
      return Array.from({ length: 32 }, (_, block) => block).filter(
        (block) => !covered(block) && row.some(([from, to]) => from <= block * 8 && block * 8 < to),
      );
    });

  test("are distinct, uncovered, and as many a row of blocks as were asked for", async () => {
    const drawn = randomBlocks(await shown(settings));
    expect(drawn.slice(1, 31).map((blocks) => blocks.length)).toEqual(Array(30).fill(2));
  });

  test("are the same for all rows of a block and for the same seed", async () => {
    const told = await shown(settings);
    for (const [at, row] of told.rows.entries()) expect(row).toEqual(told.rows[at - (at % 8)]);
    expect(await shown(settings)).toEqual(told);
  });

  test("differ by head and by seed", async () => {
    const seen = new Set<string>();
    for (const more of ["", "--head 1", "--head 2", "--set seed=1", "--set seed=2"]) {
      seen.add(JSON.stringify(randomBlocks(await shown(`${settings} ${more}`))));
    }
    expect(seen.size).toBe(5);
  });
});

// What a convolution's heads look at is drawn in another way.
const drawnAsPairs = variants.filter(({ id }) => id !== "conv-attention");

test.each(drawnAsPairs)("$id is drawn as text and as SVG, without control characters", async (variant) => {
  const { id } = variant;
  const causality = causalityOf(builtInKinds.judged(parameterize(variant, {})));
  const isCausal = causality !== "never";
  const width = Object.hasOwn(variant.params, "width") ? " --set width=8" : "";
  const text = await commandLine(`show ${id} --length 40${width}${isCausal ? " --causal" : ""}`);
  expect(text.code).toBe(0);
  const [caption, counted, ...drawn] = text.stdout.trimEnd().split("\n");
  expect(caption).toContain(`${id}${isCausal ? "  causal" : ""}  N=40`);
  expect(counted).toMatch(/^\d+ pairs, [\d.]+ % of 40²; rows are queries, columns keys$/);
  expect(drawn).toHaveLength(40);
  expect(drawn.join("")).toMatch(/^[·█]+$/);
  const always = causality === "always" ? " --causal" : "";
  const svg = await commandLine(`show ${id} --length 40${width}${always} --format svg`);
  expect(svg.stdout).toMatch(/^<svg [^>]*>.*<\/svg>\n$/s);
});

test("a long matrix is drawn in cells, shaded by the share of pairs", async () => {
  const { stdout } = await commandLine("show local --length 1000 --set window=20");
  const lines = stdout.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^each cell stands for (\d+) × \1 pairs$/);
  for (const line of lines.slice(2, -1)) expect(line).toMatch(/^[·░▒▓█]+$/);
});

test("what is not defined for a pattern is refused in one line that says the rule, what it got and what to do", async () => {
  const partial = await commandLine("show neighbourhood --length 100");
  expect(partial).toMatchObject({ code: 2, stdout: "" });
  expect(partial.stderr).toBe(
    "attnbench: show neighbourhood: grid(64, axisWindow(7, 1, clamp)) takes an image of whole rows, so the tokens " +
      "must be a multiple of its width 64, got 100; choose another length, or set width\n",
  );
  const causal = await commandLine("show swin --length 64 --causal");
  expect(causal).toMatchObject({ code: 2, stdout: "" });
  expect(causal.stderr).toBe(
    "attnbench: show swin: grid(64, axisCells(7, 0)) cannot be causal; omit --causal\n",
  );
});

test("a length that is not typed is one that the pattern takes", async () => {
  const { code, stdout } = await commandLine("show neighbourhood");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^neighbourhood {2}N=64 /);
});

describe("what one query attends", () => {
  const drawn = async (words: string) => {
    const { code, stdout, stderr } = await commandLine(`show ${words}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.trimEnd().split("\n");
  };

  test("is drawn in the image, with the pixel among its keys", async () => {
    expect(await drawn("swin --pixel 3,5 --set width=7 --set window=3 --length 40")).toEqual([
      "swin  N=40  grid(7, axisCells(3, 0))",
      "pixel 3,5 of 6 × 7 (query 26): 8 of 40 keys; @ marks it",
      "··············",
      "··············",
      "··············",
      "······████@@··",
      "······██████··",
      "······████",
    ]);
    expect(await drawn("axial --query 9 --set width=4 --length 12 --causal")).toEqual([
      "axial  causal  N=12  union(blockBand(4, 1), comb(4))",
      "pixel 2,1 of 3 × 4 (query 9): 4 of 12 keys; @ marks it",
      "··██····",
      "··██····",
      "██@@····",
    ]);
  });

  test("is drawn in the sequence, and says if the query is not among its own keys", async () => {
    expect(await drawn("streaming --query 9 --set window=3 --set sinks=2 --causal --length 12")).toEqual([
      "streaming  causal  N=12  union(firstTokens(2), band(2, 0))",
      "query 9: 5 of 12 keys; @ marks it",
      "████··········████@@····",
    ]);
    expect((await drawn("longnet --query 1 --set scales=4:2 --length 8")).slice(1)).toEqual([
      "query 1: 0 of 8 keys; o marks it, which is no key of itself",
      "··oo············",
    ]);
  });

  test("is drawn in a square image if no length is typed, a character a pixel if two do not fit", async () => {
    const lines = await drawn("neighbourhood --pixel 63,0");
    expect(lines[0]).toContain("N=4096");
    expect(lines.slice(2)).toHaveLength(64);
    expect(lines.at(-1)).toBe(`@██████${"·".repeat(57)}`);
    expect(lines.at(-8)).toBe("·".repeat(64));
  });

  test("is drawn in shaded cells where the image is wider than the page", async () => {
    const lines = await drawn("swin --pixel 0,0 --set width=200 --set window=6 --length 2000");
    expect(lines[2]).toMatch(/^@@▒▒·+$/);
    expect(lines[3]).toMatch(/^▒▒░░·+$/);
    expect(lines.at(-1)).toBe("each cell stands for 4 × 4 tokens");
    expect(lines).toHaveLength(2 + 3 + 1);
  });

  test("is the row of the matrix, as JSON and in any pattern", async () => {
    for (const words of [
      "axial --set width=6",
      "local --set window=3",
      "neighbourhood --set width=5 --set size=3",
    ]) {
      const whole = await shown(`${words} --length 30`);
      for (const query of [0, 13, 29]) {
        const one = JSON.parse((await drawn(`${words} --length 30 --query ${query} --format json`)).join(""));
        const { rows, pairs: _, ...facts } = whole;
        const keys = rows[query].reduce((sum, [from, to]) => sum + to - from, 0);
        expect(one).toMatchObject({ ...facts, query, keys, ranges: rows[query] });
        if (one.image === null) continue;
        const { image } = one as {
          image: { width: number; row: number; column: number; rows: number[][][] };
        };
        expect(image.row * image.width + image.column).toBe(query);
        const cells = image.rows.flatMap((ranges, row) =>
          ranges.flatMap(([from, to]) =>
            Array.from({ length: to - from }, (_, at) => row * image.width + from + at),
          ),
        );
        const expected = rows[query].flatMap(([from, to]) =>
          Array.from({ length: to - from }, (_, at) => from + at),
        );
        expect(cells).toEqual(expected);
      }
    }
    const [pixel] = await drawn("axial --pixel 2,1 --set width=6 --length 30 --format json");
    expect(pixel).toBe((await drawn("axial --query 13 --set width=6 --length 30 --format json"))[0]);
  });

  test("is drawn as SVG", async () => {
    const [svg] = [(await drawn("swin --pixel 3,10 --format svg")).join("\n")];
    expect(svg).toMatch(
      /^<svg [^>]*aria-label="swin {2}N=4096 {2}grid\(64, axisCells\(7, 0\)\) {2}pixel 3,10 of 64 × 64"/,
    );
    expect(svg).toContain('d="M10 3H11v1H10z"');
  });

  test.each<[words: string, says: string]>([
    ["local --pixel 3,2", "--pixel: band(128, 128) knows of no image; name a token with --query"],
    [
      "swin --pixel 64,0",
      "--pixel: must lie in the image of 64 rows of 64 pixels, got row 64, column 0, which count from 0; choose another, or another --length",
    ],
    [
      "swin --pixel 0,64",
      "--pixel: must lie in the image of 64 rows of 64 pixels, got row 0, column 64, which count from 0; choose another, or another --length",
    ],
    [
      "swin --pixel 5,5 --length 40 --set width=7",
      "--pixel: must lie in the image of 6 rows of 7 pixels, the last one with only 5, got row 5, column 5, which count from 0; choose another, or another --length",
    ],
    ...["3", "a,b", "3,10,2", "1.5,2", "--pixel=-1,2"].map((text): [string, string] => [
      `swin ${text.startsWith("-") ? text : `--pixel ${text}`}`,
      `--pixel: must be a row and a column from 0, such as 3,10, got '${text.replace("--pixel=", "")}'`,
    ]),
    ["swin --pixel 1,2 --query 3", "show: --pixel and --query both name the query to draw; omit one"],
    ["swin --query 5000", "--query: must be an integer from 0 to 4095, got '5000'"],
    ["local --query x", "--query: must be an integer from 0 to 31, got 'x'"],
    ["swin --pixel 1,2 --length 20000", "show: --length must be at most 16384 as text, got 20000"],
  ])("is refused in one line: %s", async (words, says) => {
    expect(await commandLine(`show ${words}`)).toEqual({
      code: 2,
      stdout: "",
      stderr: `attnbench: ${says}\n`,
    });
  });
});
