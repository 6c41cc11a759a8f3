// Runs in the page as well: imports nothing.

/** What the page needs to enlarge the patterns of a chart: what `usermeta.patterns` of its specification is. */
export interface PatternCards {
  /** The parts of all patterns, with the words and colours of the legend. */
  readonly parts: readonly { readonly word: string; readonly color: string }[];
  readonly cards: readonly PatternCard[];
}

/** What is said of a pattern beside its enlarged picture. */
export interface PatternCard {
  /** Its variant, or all variants that look like this. */
  readonly title: string;
  /** Its family in a line. */
  readonly family: string;
  /** Tokens in the picture. */
  readonly length: number;
  /** The panel of its matrix, and the series whose cells are drawn: those of the others are the same. */
  readonly panel: string;
  readonly series: string;
  /** The panel of its image; null if its tokens are no pixels. */
  readonly image: string | null;
  readonly parameters: readonly CardParameter[];
}

/** A parameter by its name, as drawn and as measured. */
export type CardParameter = readonly [name: string, drawn: string, measured: string];

/** Cells of a matrix that are of one part: queries from row to row, keys from key to key. */
export interface PartArea {
  readonly part: string;
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly keyFrom: number;
  readonly keyTo: number;
}

/** What a specification says of its patterns; null if it has none. */
export function patternCardsOf(spec: object): PatternCards | null {
  const { usermeta } = spec as { readonly usermeta?: { readonly patterns?: PatternCards } };
  return usermeta?.patterns ?? null;
}

/** The pairs of each part, of which no two overlap, in the order of the legend. */
export function pairsByPart(
  areas: readonly PartArea[],
  parts: PatternCards["parts"],
): readonly { readonly word: string; readonly color: string; readonly pairs: number }[] {
  const pairs = new Map<string, number>();
  for (const { part, rowFrom, rowTo, keyFrom, keyTo } of areas) {
    pairs.set(part, (pairs.get(part) ?? 0) + (rowTo - rowFrom) * (keyTo - keyFrom));
  }
  return parts.flatMap((part) => {
    const own = pairs.get(part.word);
    return own === undefined ? [] : [{ ...part, pairs: own }];
  });
}
