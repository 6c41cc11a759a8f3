import { PLAN_DEFAULTS, SHOW_DEFAULTS } from "../core/defaults.ts";
import { printable, UsageError, unknownName } from "../core/errors.ts";
import type { Mechanism } from "../core/mechanism.ts";
import { nextLength } from "../core/next-length.ts";
import type { BoundPattern, Pattern } from "../core/pattern.ts";
import { shapeOf } from "../core/shape.ts";
import { parameterize } from "../core/variant.ts";
import { openInput } from "../input/open-input.ts";
import { asWideAs } from "../library/as-wide.ts";
import { loadCatalogue } from "../library/catalogue.ts";
import { chooseVariant } from "../library/settings.ts";
import { reads } from "../mechanisms/judged.ts";
import type { Kind } from "../mechanisms/kind.ts";
import { shiftedBias } from "../mechanisms/layer/as-convolution.ts";
import { isLayer } from "../mechanisms/layer/declare.ts";
import { whyUndefined } from "../mechanisms/why-undefined.ts";
import { queryPicture } from "../pattern/query-picture.ts";
import { patternSvg } from "../report/pattern-svg.ts";
import { querySvg } from "../report/query-svg.ts";
import { parseInteger, parseLength } from "../text/units.ts";
import { drawPattern } from "./draw-pattern.ts";
import { drawQuery, markText } from "./draw-query.ts";
import { EXIT, type ExitCode, type Io, print } from "./io.ts";
import { weightLines } from "./list-weights.ts";
import { type Pixel, parsePixel, queryAt, usualImage } from "./pixel.ts";
import { headsShown } from "./show-heads.ts";

export interface ShowOptions {
  readonly variant: string;
  readonly length: string | undefined;
  readonly head: string | undefined;
  /** A pixel, `ROW,COLUMN`, or a query: only its keys are drawn. At most one of the two. */
  readonly pixel: string | undefined;
  readonly query: string | undefined;
  /** Instead of a matrix, the inputs besides q, k and v. */
  readonly weights: boolean;
  /** What a layer whose heads are a convolution is compared with it on; as `run` takes it. */
  readonly input: string | undefined;
  readonly causal: boolean;
  readonly settings: readonly string[];
  /** `text`, `json` or `svg`. */
  readonly format: string | undefined;
  readonly plugins: readonly string[];
}

/**
 * The formats, with the longest matrix each takes: longer ones make no useful picture, and hundreds of
 * megabytes of JSON.
 */
const MOST_TOKENS = { text: 16_384, json: 16_384, svg: 1024 } as const;
/** The longest sequence of which the keys of one query are drawn. */
const MOST_KEYS = 16_384;
type Format = keyof typeof MOST_TOKENS;
const MOST_HEADS = 1024;

/** Draws the attention matrix of a variant: which keys each query attends; or one row of it, where it lies. */
export async function show(options: ShowOptions, io: Io): Promise<ExitCode> {
  const { variants, kinds } = await loadCatalogue(options.plugins, "auto");
  const source = await openInput(options.input ?? PLAN_DEFAULTS.input, PLAN_DEFAULTS.seed);
  const chosen = chooseVariant(variants, options.variant, options.settings);
  const { variant, overrides } = asWideAs(source.grid, chosen);
  const { mechanism, kind, params } = kinds.judged(parameterize(variant, overrides));
  const format = formatOf(options.format ?? SHOW_DEFAULTS.format);
  if (options.weights) {
    const listed = listFormat(options, format);
    print(io, ...weightLines(variant.id, params, kind.inputs?.(mechanism) ?? {}, listed));
    return EXIT.fine;
  }
  const bias = isLayer(mechanism) && options.head === undefined ? shiftedBias(mechanism) : null;
  if (bias !== null && isLayer(mechanism)) {
    const { length, causal } = options;
    const layer = { mechanism, kind, bias, variant: variant.id, params };
    print(io, ...headsShown(layer, { length, causal, token: askedOf(options), format, source }));
    return EXIT.fine;
  }
  if (options.input !== undefined) {
    throw new UsageError(
      `show: --input is for layers whose heads are a convolution, got ${printable(options.input, 60)}; omit it`,
    );
  }
  const asked = askedOf(options);
  const declared = kind.pattern(mechanism, options.causal);
  const length = lengthOf(options.length, declared, asked, format);
  const head = parseInteger("--head", options.head ?? SHOW_DEFAULTS.head, 0, MOST_HEADS - 1);
  const { causal } = options;
  // The pattern does not depend on it.
  const shape = shapeOf({ batch: 1, heads: head + 1, length, headDim: widthFor(mechanism) });
  const unfit = whyUndefined({ mechanism, kind }, { causal }, shape);
  if (unfit !== null) throw new UsageError(`show ${variant.id}: ${unfit}`);
  const shown: Shown = {
    facts: { variant: variant.id, length, head, causal, params },
    caption: [variant.id, ...(causal ? ["causal"] : []), `N=${length}`, readText(declared.text, kind)].join(
      "  ",
    ),
    pattern: reads({ mechanism, kind, shape, causal, threads: 1 })[head],
  };
  if (asked === null) print(io, ...matrix(shown, format, io.columns));
  else {
    const query = queryAt(asked, declared, length);
    print(io, ...oneQuery(shown, query, declared.imageWidth, format, io.columns));
  }
  return EXIT.fine;
}

interface Shown {
  /** What JSON begins with. */
  readonly facts: { readonly variant: string; readonly length: number } & Readonly<Record<string, unknown>>;
  readonly caption: string;
  readonly pattern: BoundPattern;
}

/** A pattern in words, and whether it is only what may be chosen, from numbers that are not known here. */
function readText(text: string, { choices }: Kind): string {
  return choices === undefined ? text : `${text}, of which q and k choose`;
}

function matrix({ facts, caption, pattern }: Shown, format: Format, columns: number): string[] {
  const { length } = facts;
  const pairs = pattern.pairs();
  switch (format) {
    case "json": {
      const rows = Array.from({ length }, (_, row) => pairUp(pattern.intervals(row)));
      return [JSON.stringify({ ...facts, pairs, rows })];
    }
    case "svg":
      return [patternSvg(pattern, caption)];
    case "text": {
      const share = ((100 * pairs) / (length * length)).toPrecision(3);
      const counted = `${pairs} pairs, ${share} % of ${length}²; rows are queries, columns keys`;
      return [caption, counted, ...drawPattern(pattern, columns)];
    }
    default:
      return format satisfies never;
  }
}

function oneQuery(
  { facts, caption, pattern }: Shown,
  query: number,
  imageWidth: number | undefined,
  format: Format,
  columns: number,
): string[] {
  const picture = queryPicture(pattern, query, imageWidth);
  const { isImage, width, height, row, column, rows } = picture;
  const ranges = pairUp(pattern.intervals(query));
  const keys = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const place = isImage ? `pixel ${row},${column} of ${height} × ${width}` : `query ${query}`;
  switch (format) {
    case "json": {
      const image = isImage ? { width, height, row, column, rows: rows.map(pairUp) } : null;
      return [JSON.stringify({ ...facts, query, keys, ranges, image })];
    }
    case "svg":
      return [querySvg(picture, `${caption}  ${place}`)];
    case "text":
      return [
        caption,
        `${place}${isImage ? ` (query ${query})` : ""}: ${keys} of ${facts.length} keys; ${markText(picture)}`,
        ...drawQuery(picture, columns),
      ];
    default:
      return format satisfies never;
  }
}

function askedOf({ pixel, query }: ShowOptions): Pixel | string | null {
  if (pixel !== undefined && query !== undefined) {
    throw new UsageError("show: --pixel and --query both name the query to draw; omit one");
  }
  return pixel === undefined ? (query ?? null) : parsePixel(pixel);
}

/** The list is the same for any length and head, and no picture. */
function listFormat(
  { length, head, pixel, query, causal }: ShowOptions,
  format: Format,
): Exclude<Format, "svg"> {
  const typed = Object.entries({ length, head, pixel, query }).find(([, value]) => value !== undefined);
  const beside = typed?.[0] ?? (causal ? "causal" : null);
  if (beside !== null) {
    throw new UsageError(`show: --weights lists what a layer has for any length and head; omit --${beside}`);
  }
  if (format === "svg") throw new UsageError("show: --weights is written as text or json, got svg");
  return format;
}

/** The length as typed; otherwise the usual one, or a square image if a pixel of one is drawn. */
function lengthOf(
  typed: string | undefined,
  pattern: Pattern,
  asked: Pixel | string | null,
  format: Format,
): number {
  const most = asked === null ? MOST_TOKENS[format] : MOST_KEYS;
  if (typed === undefined) {
    const image = asked === null ? undefined : pattern.imageWidth;
    return image === undefined ? nextLength(pattern, SHOW_DEFAULTS.length) : usualImage(image, most);
  }
  const length = parseLength("--length", typed);
  if (!(length <= most)) {
    throw new UsageError(`show: --length must be at most ${most} as ${format}, got ${length}`);
  }
  return length;
}

function pairUp(flat: readonly number[]): number[][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);
}

function formatOf(name: string): Format {
  if (Object.hasOwn(MOST_TOKENS, name)) return name as Format;
  throw unknownName("format", name, Object.keys(MOST_TOKENS));
}

/** Wide enough to be turned in pairs of channels, by the heads of a layer too. */
function widthFor(mechanism: Mechanism): number {
  if (!isLayer(mechanism)) return 2;
  return [mechanism.headDim, mechanism.valueDim].reduce<number>(
    (width, part) => width * (typeof part === "number" ? 1 : part.tokenOver),
    2,
  );
}
