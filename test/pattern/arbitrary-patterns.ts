import fc, { type Arbitrary } from "fast-check";
import type { KeyMask } from "../../src/core/call-settings.ts";
import type { Pattern } from "../../src/core/pattern.ts";
import { axisCells, axisWindow } from "../../src/pattern/axis.ts";
import { band } from "../../src/pattern/band.ts";
import { blockBand } from "../../src/pattern/block-band.ts";
import { causal } from "../../src/pattern/causal.ts";
import { columns } from "../../src/pattern/columns.ts";
import { comb } from "../../src/pattern/comb.ts";
import { drawnEdges, edges } from "../../src/pattern/edges.ts";
import { firstTokens } from "../../src/pattern/first-tokens.ts";
import { globalBlocks } from "../../src/pattern/global-blocks.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { grid } from "../../src/pattern/grid.ts";
import { powersOfTwo } from "../../src/pattern/powers-of-two.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { segments } from "../../src/pattern/segments.ts";
import { union } from "../../src/pattern/union.ts";
import { within } from "../../src/pattern/within.ts";
import {
  type Definition,
  inAny,
  inBand,
  inBlockBand,
  inColumns,
  inComb,
  inEdges,
  inFirstTokens,
  inGlobalBlocks,
  inGlobalTokens,
  inMask,
  inPast,
  inPowersOfTwo,
  inSegments,
  inShiftedWindows,
  inWindows,
} from "./brute-force.ts";

/** A pattern as the source builds it beside what it means. */
export interface Stated {
  readonly pattern: Pattern;
  readonly definition: Definition;
}

/** Small enough to brute-force N² pairs, large enough for several blocks and for a batch of 64 rows to end inside. */
export const lengths = fc.integer({ min: 1, max: 150 });

/** Lengths of parameters: mostly small, sometimes beyond every length, sometimes without limit. */
const reaches = fc.oneof(
  { weight: 4, arbitrary: fc.nat(8) },
  { weight: 3, arbitrary: fc.nat(200) },
  { weight: 1, arbitrary: fc.constantFrom(Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER) },
);
const counts = reaches.map((reach) => Math.max(1, reach));
const sizes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 200 }) },
  { weight: 1, arbitrary: fc.constant(Number.MAX_SAFE_INTEGER) },
);

export const bands: Arbitrary<Stated> = fc.tuple(reaches, reaches).map(([left, right]) => ({
  pattern: band(left, right),
  definition: inBand(left, right),
}));

export const combs: Arbitrary<Stated> = fc.tuple(sizes, reaches).map(([stride, reach]) => ({
  pattern: reach === Number.POSITIVE_INFINITY ? comb(stride) : comb(stride, reach),
  definition: inComb(stride, reach),
}));

export const tokenGlobals: Arbitrary<Stated> = counts.map((tokens) => ({
  pattern: globalTokens(tokens),
  definition: inGlobalTokens(tokens),
}));

export const blockBands: Arbitrary<Stated> = fc.tuple(sizes, counts).map(([block, window]) => ({
  pattern: blockBand(block, window),
  definition: inBlockBand(block, window),
}));

export const blockGlobals: Arbitrary<Stated> = fc.tuple(sizes, counts).map(([block, count]) => ({
  pattern: globalBlocks(block, count),
  definition: inGlobalBlocks(block, count),
}));

export const tokensFirst: Arbitrary<Stated> = counts.map((tokens) => ({
  pattern: firstTokens(tokens),
  definition: inFirstTokens(tokens),
}));

export const blockColumns: Arbitrary<Stated> = fc.tuple(sizes, counts).map(([block, count]) => ({
  pattern: columns(block, count),
  definition: inColumns(block, count),
}));

export const powers: Arbitrary<Stated> = fc.constant({
  pattern: powersOfTwo(),
  definition: inPowersOfTwo,
});

/** What a pattern is in head 0, in every head: definitions know no heads. */
function ofFirstHead(pattern: Pattern): Pattern {
  const { headPeriod: _, ...rest } = pattern;
  return { ...rest, perHead: false, bind: (context) => pattern.bind({ ...context, head: 0 }) };
}

export const segmentations: Arbitrary<Stated> = fc
  .tuple(sizes, fc.integer({ min: 1, max: 9 }))
  .map(([size, stride]) => ({
    pattern: ofFirstHead(segments(size, stride)),
    definition: inSegments(size, stride, 0),
  }));

const widths = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(150, 2 ** 40));

export const windows: Arbitrary<Stated> = fc
  .record({
    // The definition goes through all pixels of a row.
    width: fc.integer({ min: 1, max: 160 }),
    size: fc.oneof(fc.nat(5), fc.nat(200)).map((half) => 2 * half + 1),
    dilation: fc.integer({ min: 1, max: 5 }),
    edge: fc.constantFrom("clamp", "truncate"),
  })
  .map(({ width, size, dilation, edge }) => {
    const along = axisWindow(size, dilation, edge);
    return {
      pattern: grid(width, along, along, { wholeRows: true }),
      definition: inWindows({ width, size, dilation, edge }),
    };
  });

export const cells: Arbitrary<Stated> = fc
  .tuple(widths, fc.integer({ min: 1, max: 30 }), fc.nat(40))
  .map(([width, size, shift]) => {
    const along = axisCells(size, shift);
    return {
      pattern: grid(width, along, along, { wholeRows: false }),
      definition: inShiftedWindows(width, size, shift),
    };
  });

/** Rows of a graph as they may be given: unsorted, twice, without the node itself, empty. */
export const rawEdges = fc
  .array(fc.array(fc.nat(149), { maxLength: 12 }), { minLength: 1, maxLength: 150 })
  .map((rows) => rows.map((row) => row.map((key) => key % rows.length)));

/** A graph at any length, also at one that it is not meant for: there it is cut, or nodes are alone. */
export const graphs: Arbitrary<Stated> = rawEdges.map((rows) => ({
  pattern: edges(csrOf(rows)),
  definition: inEdges(rows),
}));

/** The rows of a graph one after the other. */
export function csrOf(rows: ReadonlyArray<readonly number[]>): { indptr: number[]; indices: number[] } {
  const indptr = [0];
  for (const row of rows) indptr.push(indptr[indptr.length - 1] + row.length);
  return { indptr, indices: rows.flat() };
}

export const primitives = fc.oneof(
  bands,
  combs,
  tokenGlobals,
  blockBands,
  blockGlobals,
  tokensFirst,
  blockColumns,
  powers,
  segmentations,
  windows,
  cells,
  graphs,
);

/** Windows, paddings and both, some of which leave no key at most lengths. */
export const masks: Arbitrary<KeyMask> = fc
  .record({
    left: fc.option(fc.integer({ min: -3, max: 60 })),
    right: fc.option(fc.integer({ min: -3, max: 60 })),
    from: fc.oneof(fc.constant(0), fc.nat(40)),
    keys: fc.option(fc.integer({ min: 1, max: 120 })),
  })
  .map(({ keys, from, ...sides }) => ({ ...sides, from, to: keys === null ? null : from + keys }));

type Nested = Record<"any" | "union" | "causal" | "within", Stated>;

/** Unions, causal cuts and masked parts of primitives, nested in any order. */
export const algebra: Arbitrary<Stated> = fc.letrec<Nested>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    primitives,
    tie("union"),
    tie("causal"),
    tie("within"),
  ),
  within: fc.tuple(tie("any"), masks).map(([part, mask]) => ({
    pattern: within(part.pattern, mask),
    definition: inMask(part.definition, mask),
  })),
  union: fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map((parts) => ({
    pattern: union(...parts.map((part) => part.pattern)),
    definition: inAny(parts.map((part) => part.definition)),
  })),
  causal: tie("any").map((part) => ({
    pattern: causal(part.pattern),
    definition: inPast(part.definition),
  })),
})).any;

export interface Draw {
  readonly block: number;
  readonly count: number;
  readonly seed: number;
}

export const draws: Arbitrary<Draw> = fc.record({
  block: sizes,
  count: fc.oneof(fc.integer({ min: 1, max: 4 }), counts),
  seed: fc.nat(),
});

/** Unions, causal cuts and masked parts nested in any order around any number of random parts; they have no definition but `attends`. */
export const algebraWithDraws: Arbitrary<Pattern> = fc.letrec<{
  any: Pattern;
  drawn: Pattern;
  graph: Pattern;
  union: Pattern;
  causal: Pattern;
  within: Pattern;
}>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    primitives.map((stated) => stated.pattern),
    tie("drawn"),
    tie("graph"),
    tie("union"),
    tie("causal"),
    tie("within"),
  ),
  within: fc.tuple(tie("any"), masks).map(([pattern, mask]) => within(pattern, mask)),
  graph: fc.tuple(fc.nat(12), fc.nat()).map(([degree, seed]) => drawnEdges(degree, seed)),
  drawn: draws.map(({ block, count, seed }) => randomBlocks(block, count, seed)),
  union: fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map((parts) => union(...parts)),
  causal: tie("any").map(causal),
})).any;

/** Rows `from <= i < to` of a sequence: two shares of its length, in thousandths. */
export const rowRanges = fc.tuple(fc.nat(999), fc.nat(999)).map(([start, share]) => (length: number) => {
  const from = Math.floor((start * length) / 1000);
  return { from, to: from + 1 + Math.floor((share * (length - from)) / 1000) };
});
