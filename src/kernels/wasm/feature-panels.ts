import {
  channelFactor,
  type FeatureMap,
  horizonOf,
  learnedOf,
  taylorChannels,
} from "../../mechanisms/feature-map/declare.ts";
import { MAP, MOST_HEAD_DIM, PANEL, PANEL_KEYS, PANEL_QUERIES, panelRows } from "./layout.ts";

/** Which of a map's features are made together, as many as a row has room for: `count` of them, `first … end-1` as the map counts them. */
export interface FeaturePanel {
  readonly count: number;
  readonly first: number;
  readonly end: number;
}

/** A feature map as `assembly/features.ts` makes it. */
export interface PlannedMap {
  readonly map: number;
  readonly panels: readonly FeaturePanel[];
  /** Channels that features are made of. */
  readonly width: number;
  /** What channels, or the halves of squares, are multiplied by. */
  readonly factor: number;
  /** ε in the unit of the sums that are divided. */
  readonly epsilon: number;
  /** What q and k are multiplied by: the rows of an input times a factor; null for nothing. */
  readonly weights: { readonly name: string; readonly rows: number; readonly factor: number } | null;
  /** The number of tokens over which angles reach π/2; null if there are none. */
  readonly horizon: number | null;
  /** Whether features are weights of softmaxes, and states have exponents. */
  readonly scaled: boolean;
}

/** Why the module does not compute a map of heads `headDim` wide; null if it does. */
export function whyNotMapped({ feature }: FeatureMap, headDim: number): string | null {
  if (feature.kind === "taylor") {
    const channels = taylorChannels(feature, headDim);
    if (channels <= MOST_HEAD_DIM) return null;
    return `it expands at most ${MOST_HEAD_DIM} channels, got ${channels}`;
  }
  if (feature.kind !== undefined || elementwiseMap(feature.id) !== undefined) return null;
  return `of elementwise feature maps it knows elu+1 and relu, got ${feature.id}`;
}

function elementwiseMap(id: string): number | undefined {
  return id === "elu+1" ? MAP.elu : id === "relu" ? MAP.relu : undefined;
}

/** Plans the features of heads `headDim` wide over `length` tokens. */
export function plannedMap(mechanism: FeatureMap, headDim: number, length: number): PlannedMap {
  const { feature, epsilon } = mechanism;
  const plain = { width: headDim, factor: 1, epsilon, weights: null, horizon: null, scaled: false };
  const weightsBy = (factor: number): PlannedMap["weights"] => {
    const learned = learnedOf(feature);
    return learned === null ? null : { ...learned, factor };
  };
  switch (feature.kind) {
    case undefined:
      return {
        ...plain,
        map: elementwiseMap(feature.id) ?? MAP.elu,
        panels: [{ count: headDim, first: 0, end: headDim }],
      };
    case "reweighted":
      return {
        ...plain,
        map: MAP.reweighted,
        panels: halves(headDim),
        horizon: horizonOf(feature, length),
      };
    case "channel-softmax":
      return { ...plain, map: MAP.channelSoftmax, panels: halves(headDim) };
    case "rolled":
      return {
        ...plain,
        map: MAP.rolled,
        panels: cut(2 * headDim * feature.rolls, MOST_HEAD_DIM).map(([first, end]) => {
          return { count: end - first, first, end };
        }),
      };
    case "trigonometric":
      return {
        ...plain,
        map: MAP.trigonometric,
        panels: cut(feature.features, MOST_HEAD_DIM / 2).map(([first, end]) => {
          return { count: 2 * (end - first), first, end };
        }),
        // Features are without their factor D^-½, which sums of them have twice.
        epsilon: epsilon * feature.features,
        weights: weightsBy(1),
      };
    case "taylor": {
      const width = taylorChannels(feature, headDim);
      const factor = channelFactor(mechanism, headDim);
      const panels = taylorPanels(width);
      return { ...plain, map: MAP.taylor, panels, width, factor, weights: weightsBy(factor) };
    }
    case "favor": {
      const factor = channelFactor(mechanism, headDim);
      return {
        ...plain,
        map: MAP.favor,
        panels: cut(feature.features, MOST_HEAD_DIM).map(([first, end]) => {
          return { count: end - first, first, end };
        }),
        factor: (Math.LOG2E * factor ** 2) / 2,
        weights: weightsBy(Math.LOG2E * factor),
        scaled: true,
      };
    }
    default:
      return feature satisfies never;
  }
}

/** Whether features are made of rows that were prepared, or multiplied by weights. */
export function rowsArePrepared({ map }: PlannedMap): boolean {
  return map === MAP.taylor || map === MAP.trigonometric || map === MAP.favor;
}

/** Two features a channel: both halves together, or one after the other. */
function halves(headDim: number): FeaturePanel[] {
  if (2 * headDim <= MOST_HEAD_DIM) return [{ count: 2 * headDim, first: 0, end: 2 }];
  return [0, 1].map((first) => ({ count: headDim, first, end: first + 1 }));
}

function cut(count: number, most: number): Array<readonly [first: number, end: number]> {
  const panels = Math.ceil(count / most);
  return Array.from({ length: panels }, (_, at) => [at * most, Math.min(count, (at + 1) * most)] as const);
}

/** Parts 1, x', and the rows of the upper triangle of x'x'ᵀ, as many together as a panel has room for. */
function taylorPanels(width: number): FeaturePanel[] {
  const counts = [1, width, ...Array.from({ length: width }, (_, row) => width - row)];
  const panels: FeaturePanel[] = [];
  let count = 0;
  let first = 0;
  for (const [part, more] of counts.entries()) {
    if (count + more > MOST_HEAD_DIM) {
      panels.push({ count, first, end: part });
      count = 0;
      first = part;
    }
    count += more;
  }
  panels.push({ count, first, end: counts.length });
  return panels;
}

/** Where the parts of a state are. */
export interface StateLayout {
  /** Words of the whole state. */
  readonly words: number;
  /** Words of its largest panel, with the panel's own normaliser and exponents. */
  readonly panelWords: number;
  /** Words of a state of a gradient, transposed or not, and of its largest panel. */
  readonly transposedWords: number;
  readonly transposedPanelWords: number;
  /** The words of each panel, as `assembly/panel.ts` reads them. */
  readonly table: Int32Array;
}

/**
 * Floats of a row of so many numbers in a state of a gradient: up to a whole panel of columns, and a line more where rows would
 * otherwise fall on few of the cache's sets.
 */
function spreadRow(count: number): number {
  const floats = wholePanels(count);
  return floats % 128 === 0 ? floats + 16 : floats;
}

function wholePanels(count: number): number {
  return Math.ceil(count / PANEL_KEYS.wide) * PANEL_KEYS.wide;
}

/** Rows of a transposed state: one for each column of v and one more, up to whole panels and blocks of four. */
export function transposedRows(width: number): number {
  return width + PANEL_QUERIES;
}

/**
 * Lays out a state: all rows, `width` wide, then all normalisers, then all exponents if it has any. Transposed, a state is
 * `[valueDim + 1, features]`, panel by panel, the last row being the normaliser.
 */
export function stateLayout({ panels, scaled }: PlannedMap, width: number): StateLayout {
  const rows = panels.map(({ count }) => Math.ceil(count / PANEL_QUERIES) * PANEL_QUERIES * width);
  const sums = panels.map(({ count }) => Math.ceil(count / 8) * 8);
  const transposed = panels.map(({ count }) =>
    Math.max(transposedRows(width) * spreadRow(count), wholePanels(count) * spreadRow(width)),
  );
  const allRows = sumOf(rows);
  const allSums = sumOf(sums);
  const fields = Object.keys(PANEL).length;
  const table = new Int32Array(panels.length * fields);
  for (const [index, { count, first, end }] of panels.entries()) {
    const sumsAt = allRows + sumOf(sums.slice(0, index));
    const words: Record<keyof typeof PANEL, number> = {
      count,
      first,
      end,
      rows: 4 * sumOf(rows.slice(0, index)),
      rowsBytes: 4 * rows[index],
      sums: 4 * sumsAt,
      scales: 4 * (sumsAt + allSums),
      transposed: 4 * sumOf(transposed.slice(0, index)),
    };
    for (const [name, word] of Object.entries(words)) {
      table[index * fields + PANEL[name as keyof typeof PANEL]] = word;
    }
  }
  const parts = scaled ? 2 : 1;
  return {
    words: allRows + parts * allSums,
    panelWords: Math.max(...rows.map((words, index) => words + parts * sums[index])),
    transposedWords: sumOf(transposed),
    transposedPanelWords: Math.max(...transposed),
    table,
  };
}

/** Rows that panels of `count` rows compute. */
export function rowsComputed(count: number): number {
  const whole = Math.floor((count - 1) / PANEL_QUERIES) * PANEL_QUERIES;
  return whole + panelRows(count - whole);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
