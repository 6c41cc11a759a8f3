import { TABLE_DEFAULTS } from "../core/defaults.ts";
import { UsageError } from "../core/errors.ts";
import type { TableCell, TableEntry } from "../core/table-one.ts";
import type { LoadedCatalogue } from "../library/catalogue.ts";
import { listing } from "../library/listing.ts";
import { chooseVariants } from "../library/settings.ts";
import { tableEntry } from "../library/table-one.ts";
import { formatLength } from "../text/format.ts";
import { formulaText, lettersOf, pathText, TABLE_NOTE, valueText } from "../text/table-one.ts";
import { type Column, textColumns } from "../text/text-columns.ts";
import { parseInteger, parseLengths } from "../text/units.ts";
import { type Io, print } from "./io.ts";

/** What Table 1 is printed for, as typed. */
export interface TableOptions {
  readonly lengths: string | undefined;
  readonly heads: string | undefined;
  readonly headDim: string | undefined;
  readonly causal: boolean;
  readonly settings: readonly string[];
  readonly family: string | undefined;
  readonly json: boolean;
}

/** Prints the row of Table 1 of each variant, family by family, with its values at some lengths. */
export function listTable(
  { variants, kinds }: Pick<LoadedCatalogue, "variants" | "kinds">,
  options: TableOptions,
  io: Io,
): void {
  const { causal } = options;
  const lengths = parseLengths("--lengths", options.lengths ?? TABLE_DEFAULTS.lengths);
  const heads = parseInteger("--heads", options.heads ?? TABLE_DEFAULTS.heads, 1, MOST_HEADS);
  const headDim = parseInteger("--head-dim", options.headDim ?? TABLE_DEFAULTS.headDim, 1, MOST_WIDTH);
  const families = listing(variants, kinds, options.family);
  const listed = new Set(families.flatMap(({ variants: members }) => members.map(({ variant }) => variant)));
  const everyone = variants.map(({ id }) => id).join(",");
  const entries = chooseVariants(variants, everyone, options.settings).flatMap(({ variant, overrides }) => {
    if (listed.has(variant)) {
      return [tableEntry(variant, kinds, { params: overrides, causal, lengths, heads, headDim })];
    }
    if (Object.keys(overrides).length === 0) return [];
    throw new UsageError(`--set: ${variant.id} is not in the family ${options.family}; omit one of them`);
  });
  if (options.json) {
    print(
      io,
      JSON.stringify({ lengths, heads, head_dim: headDim, variants: entries.map(entryJson) }, null, 2),
    );
    return;
  }
  for (const { id, summary } of families) {
    const members = entries.filter(({ family }) => family === id);
    print(io, `${id}: ${summary}`, "", ...tableLines(members, lengths, causal, io.columns), "");
  }
  // A sentence a line.
  print(io, ...TABLE_NOTE.split(/(?<=\.) (?=[A-Z])/));
}

const MOST_HEADS = 256;
const MOST_WIDTH = 2 ** 20;

/** One line a variant: its formulas, and at each length its complexity, sequential operations and path length. */
function tableLines(
  entries: readonly TableEntry[],
  lengths: readonly number[],
  causal: boolean,
  width: number,
): readonly string[] {
  const names = entries.map((one) => {
    const other = one.causal === causal ? "" : one.causal ? ", causal" : ", not causal";
    return `${one.variant}${other}`;
  });
  const formulas = [
    left(
      "complexity per layer and head",
      entries.map(({ perLayer }) => formulaText(perLayer)),
    ),
    left(
      "sequential operations",
      entries.map((one) => formulaText(one.sequential, lettersOf(one))),
    ),
    left(
      "maximum path length",
      entries.map((one) => formulaText(one.path, lettersOf(one))),
    ),
  ];
  const values = lengths.map((length) => {
    const [costs, steps, paths] = [
      entries.map(({ perLayer }) => valueText(perLayer, length)),
      entries.map(({ sequential }) => valueText(sequential, length)),
      entries.map((one) => pathText(one, length)),
    ].map((cells) => left("", cells).cells);
    return left(
      `at ${formatLength(length)}`,
      costs.map((cost, row) => `${cost}  ${steps[row]}  ${paths[row]}`),
    );
  });
  return textColumns({ head: "variant", cells: names }, [...formulas, ...values], width);
}

/** A column whose cells begin at the left. */
function left(head: string, cells: readonly string[]): Column {
  const width = Math.max(...[head, ...cells].map((text) => [...text].length));
  const padded = (text: string) => text + " ".repeat(width - [...text].length);
  return { head: padded(head), cells: cells.map(padded) };
}

/** JSON has no infinity. */
function entryJson(entry: TableEntry) {
  const number = (value: number | null) => (value === Number.POSITIVE_INFINITY ? "Infinity" : value);
  const cell = ({ text, letters, as, atMost, values }: TableCell) => ({
    formula: text,
    ...(letters && { letters }),
    ...(as !== undefined && { as }),
    ...(atMost && { at_most: true }),
    values: values.map(({ value }) => number(value)),
  });
  return {
    id: entry.variant,
    family: entry.family,
    causal: entry.causal,
    params: entry.params,
    per_layer: entry.perLayer.map(cell),
    sequential: entry.sequential.map(cell),
    path: entry.path.map(cell),
    searched: entry.searches.map(({ length, layers, exact }) => ({ length, layers: number(layers), exact })),
  };
}
