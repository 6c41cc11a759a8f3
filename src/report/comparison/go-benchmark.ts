import type { ComparedCell, Comparison, Side } from "../../compare/comparison.ts";
import { IDENTITY, type Identified, type IdentityName } from "../../record/schema/identity.ts";
import { labeller, shortName } from "../../text/labels.ts";
import { sideText } from "./side-tables.ts";

/** The times of one case, seconds per call: one number per round, or block, on each side. */
export interface CaseSamples {
  readonly case: string;
  readonly base: readonly number[];
  readonly head: readonly number[];
}

/**
 * Both sides in Go's benchmark format, for `benchstat base.txt head.txt`: one line per sample, of which
 * benchstat needs six to give an interval; for a cell without samples, one line with its median.
 * Configuration lines that differ would split the two sides into separate tables, so differences are in lines
 * that readers ignore.
 *
 * https://golang.org/design/14313-benchmark-format
 */
export function goBenchmarks(
  comparison: Comparison,
  samples: readonly CaseSamples[] = [],
): { readonly base: string; readonly head: string } {
  const samplesOf = new Map(samples.map((one) => [one.case, one]));
  const label = labeller();
  const named = comparison.cells.map((cell) => ({
    cell,
    name: label([benchmarkName(cell)]).replace(/ \((\d+)\)$/, "/copy=$1"),
  }));
  const text = (side: "base" | "head"): string => {
    const lines = named.flatMap(({ cell, name }) => {
      const own = samplesOf.get(cell.case)?.[side].filter(isTime) ?? [];
      const seconds = own.length > 0 ? own : [side === "base" ? cell.base_s : cell.head_s].filter(isTime);
      return seconds.map((each) => `${name}-${cell.threads} 1 ${nanoseconds(each)} ns/op`);
    });
    return [...heading(comparison[side], side, lines.length), ...lines, ""].join("\n");
  };
  return { base: text("base"), head: text("head") };
}

function heading(side: Side, name: string, lines: number): readonly string[] {
  return [
    "tool: attnbench",
    `# ${name}: ${sideText(side)}`,
    ...(lines === 0 ? ["# no cell was measured on both sides"] : []),
    "",
  ];
}

/** Short keys of the format, if they are not the fields' names. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ["length", "n"],
  ["head_dim", "d"],
]);

/** A parameter has a key of its own, and the number of threads follows the name. */
const ELSEWHERE: ReadonlySet<IdentityName> = new Set(["params", "threads"]);

/**
 * `BenchmarkAttention/variant=local/kernel=wasm/n=1024/…`; the number of threads follows it as Go's would.
 */
function benchmarkName(cell: ComparedCell): string {
  const row: Identified = cell;
  const own = IDENTITY.filter(({ name }) => !ELSEWHERE.has(name) && row[name] !== undefined);
  const parts: readonly (readonly [key: string, value: string])[] = [
    ...own.map(({ name, of }) => [KEYS.get(name) ?? name, `${of(cell)}`] as const),
    ...Object.entries(cell.params).map(
      ([key, value]) => [`param.${word(key)}`, `${value ?? "none"}`] as const,
    ),
  ];
  return ["BenchmarkAttention", ...parts.map(([key, value]) => `${key}=${word(value)}`)].join("/");
}

/** A name without white space, separators or unprintable characters. */
function word(text: string): string {
  return shortName(text, 60).replace(/[^\p{L}\p{N}._+~,-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase()}`).join(""),
  );
}

function isTime(seconds: number): boolean {
  return seconds >= 0 && seconds < Number.POSITIVE_INFINITY;
}

function nanoseconds(seconds: number): string {
  return `${Number((seconds * 1e9).toPrecision(9))}`;
}
