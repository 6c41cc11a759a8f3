import { SHOW_DEFAULTS } from "../core/defaults.ts";
import { UsageError, unknownName } from "../core/errors.ts";
import { shapeOf } from "../core/shape.ts";
import { parameterize } from "../core/variant.ts";
import { loadCatalogue } from "../library/catalogue.ts";
import { chooseVariant } from "../library/settings.ts";
import { reads } from "../mechanisms/judged.ts";
import { whyUndefined } from "../mechanisms/why-undefined.ts";
import { patternSvg } from "../report/pattern-svg.ts";
import { parseInteger, parseLength } from "../text/units.ts";
import { drawPattern } from "./draw-pattern.ts";
import { EXIT, type ExitCode, type Io, print } from "./io.ts";

export interface ShowOptions {
  readonly variant: string;
  readonly length: string | undefined;
  readonly head: string | undefined;
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
type Format = keyof typeof MOST_TOKENS;
const MOST_HEADS = 1024;

/** Draws the attention matrix of a variant: which keys each query attends. */
export async function show(options: ShowOptions, io: Io): Promise<ExitCode> {
  const { variants, kinds } = await loadCatalogue(options.plugins, "auto");
  const { variant, overrides } = chooseVariant(variants, options.variant, options.settings);
  const { mechanism, kind, params } = kinds.judged(parameterize(variant, overrides));
  const format = formatOf(options.format ?? SHOW_DEFAULTS.format);
  const length = parseLength("--length", options.length ?? SHOW_DEFAULTS.length);
  if (!(length <= MOST_TOKENS[format])) {
    throw new UsageError(`show: --length must be at most ${MOST_TOKENS[format]} as ${format}, got ${length}`);
  }
  const head = parseInteger("--head", options.head ?? SHOW_DEFAULTS.head, 0, MOST_HEADS - 1);
  const { causal } = options;
  const shape = shapeOf({ batch: 1, heads: head + 1, length, headDim: 1 });
  const unfit = whyUndefined({ mechanism, kind }, { causal }, shape);
  if (unfit !== null) throw new UsageError(`show ${variant.id}: ${unfit}`);
  const pattern = reads({ mechanism, kind, shape, causal, threads: 1 })[head];
  const pairs = pattern.pairs();
  const caption = [
    variant.id,
    ...(causal ? ["causal"] : []),
    `N=${length}`,
    kind.pattern(mechanism).text,
  ].join("  ");

  switch (format) {
    case "json": {
      const rows = Array.from({ length }, (_, row) => pairUp(pattern.intervals(row)));
      print(io, JSON.stringify({ variant: variant.id, length, head, causal, params, pairs, rows }));
      break;
    }
    case "svg":
      print(io, patternSvg(pattern, caption));
      break;
    case "text": {
      const share = ((100 * pairs) / (length * length)).toPrecision(3);
      print(io, caption, `${pairs} pairs, ${share} % of ${length}²; rows are queries, columns keys`);
      print(io, ...drawPattern(pattern, io.columns));
      break;
    }
    default:
      format satisfies never;
  }
  return EXIT.fine;
}

function pairUp(flat: readonly number[]): number[][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);
}

function formatOf(name: string): Format {
  if (Object.hasOwn(MOST_TOKENS, name)) return name as Format;
  throw unknownName("format", name, Object.keys(MOST_TOKENS));
}
