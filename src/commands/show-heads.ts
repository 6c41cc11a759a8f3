import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { UsageError } from "../core/errors.ts";
import type { HeadPictures } from "../core/head-pictures.ts";
import { nextLength } from "../core/next-length.ts";
import type { ParameterValues } from "../core/parameters.ts";
import { shapeOf } from "../core/shape.ts";
import type { InputSource } from "../core/tensors.ts";
import { callInputs } from "../mechanisms/call-inputs.ts";
import type { Kind } from "../mechanisms/kind.ts";
import { type OffConvolution, offConvolution, type ShiftedBias } from "../mechanisms/layer/as-convolution.ts";
import type { Layer } from "../mechanisms/layer/declare.ts";
import { headPictures } from "../mechanisms/layer/head-pictures.ts";
import { withNamed } from "../mechanisms/named-inputs.ts";
import { whyUndefined } from "../mechanisms/why-undefined.ts";
import { headsSvg, shiftText } from "../report/heads-svg.ts";
import { parseLength } from "../text/units.ts";
import { type Pixel, queryAt, usualImage } from "./pixel.ts";
import type { ShowOptions } from "./show.ts";

/** Channels of a token: enough for no two rows to be alike. */
const MODEL_DIM = 8;
/** Tokens of a layer whose heads are drawn: its oracle reads them all for every row. */
const MOST_TOKENS = 4096;
/** Tokens if nobody says how many. */
const USUAL_TOKENS = 1024;
/** Rows that are compared with the convolution. */
const MOST_ROWS = 256;

/** A layer whose heads look a fixed shift away. */
export interface ShiftedLayer {
  readonly mechanism: Layer;
  readonly kind: Kind;
  readonly bias: ShiftedBias;
  readonly variant: string;
  readonly params: ParameterValues;
}

/** What is asked of the heads of such a layer. */
export interface AskedHeads extends Pick<ShowOptions, "length" | "causal"> {
  readonly token: Pixel | string | null;
  readonly format: "text" | "json" | "svg";
  readonly source: InputSource;
}

/** Where each head of a layer looks from a token, and how far the layer is off the convolution that it then is. */
export function headsShown(layer: ShiftedLayer, asked: AskedHeads): string[] {
  const { mechanism, kind, bias, variant, params } = layer;
  const pattern = kind.pattern(mechanism);
  const length = lengthOf(layer, asked);
  const shape = shapeOf({ batch: 1, heads: 1, length, headDim: MODEL_DIM });
  const unfit = whyUndefined({ mechanism, kind }, { causal: asked.causal }, shape);
  if (unfit !== null) throw new UsageError(`show ${variant}: ${unfit}`);
  const token = asked.token === null ? middle(length, bias.shifts) : queryAt(asked.token, pattern, length);
  const pictures = headPictures(bias, length, token);
  const inputs = withNamed(
    { mechanism, kind },
    callInputs({ mechanism, kind }, asked.source, shape),
    PLAN_DEFAULTS.seed,
    {
      source: asked.source,
    },
  );
  const problem = { mechanism, kind, shape, causal: false, threads: 1, inputs };
  const off = offConvolution(problem, bias.shifts, MOST_ROWS);
  const captions = [captionOf(layer, length, token), ...differenceText(off, asked.source)];
  switch (asked.format) {
    case "json": {
      const heads = pictures.heads.map(({ head, shift, seen }) => ({ head, shift, seen }));
      return [
        JSON.stringify({
          variant,
          length,
          query: token,
          params,
          input: asked.source.name,
          heads,
          convolution: off,
        }),
      ];
    }
    case "svg":
      return [headsSvg(pictures, captions)];
    case "text":
      return [...captions, ...headLines(pictures)];
    default:
      return asked.format satisfies never;
  }
}

function lengthOf({ mechanism, kind, bias }: ShiftedLayer, { length, source }: AskedHeads): number {
  const most = Math.min(MOST_TOKENS, source.maxLength);
  if (length !== undefined) {
    const typed = parseLength("--length", length);
    if (typed <= most) return typed;
    throw new UsageError(`show: --length must be at most ${most} where heads are drawn, got ${typed}`);
  }
  const { width } = bias.shifts;
  const usual = Math.min(most, USUAL_TOKENS);
  return width === null ? nextLength(kind.pattern(mechanism), Math.min(usual, 64)) : usualImage(width, usual);
}

/** A pixel in the middle, from which no head looks beyond the border unless the image is too small. */
function middle(length: number, { width }: ShiftedBias["shifts"]): number {
  if (width === null) return Math.floor(length / 2);
  return Math.floor(length / width / 2) * width + Math.floor(width / 2);
}

function captionOf({ variant, bias }: ShiftedLayer, length: number, token: number): string {
  const { width, side, alpha } = bias.shifts;
  const from =
    width === null
      ? `token ${token} of ${length}`
      : `pixel ${Math.floor(token / width)},${token % width} of ${length / width} × ${width}`;
  return `${variant}: where its ${bias.shifts.width === null ? side : side ** 2} heads look from ${from}, alpha ${alpha}`;
}

function differenceText({ rows, difference, largest }: OffConvolution, { name }: InputSource): string[] {
  if (rows === 0)
    return ["no window lies within the sequence, so that nothing is compared with a convolution"];
  return [
    `largest difference from the convolution: ${difference.toExponential(1)} of ${largest.toPrecision(3)}`,
    `float64, ${rows} rows of ${name}`,
  ];
}

function headLines({ heads, isImage }: HeadPictures): string[] {
  return heads.map(({ head, shift, seen }) => {
    const place = isImage ? `pixel ${seen.row},${seen.column}` : `token ${seen.column}`;
    return `head ${head}  shift ${shiftText(shift, isImage)}  reads ${place} with ${(100 * seen.weight).toPrecision(3)} % of its weight`;
  });
}
