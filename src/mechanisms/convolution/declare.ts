import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import type { TensorSpecs } from "../../core/tensor-spec.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * What one layer makes of a window of tokens, by weights alone: `out_i` is a function of `v_{i+t-left}`, `0 <= t <
 * taps`, zeros outside the sequence; `left` is ⌊taps/2⌋, and taps - 1 if causal. q and k are not read. With d' the
 * width of v:
 *
 * - `depthwise`: `Σ_t w_t ⊙ v_{i+t-left}`, w `[taps, d']`.
 * - `full`: `Σ_t v_{i+t-left} W_t`, W `[taps, d', d']`, from channels to channels.
 * - `network`: `relu(Σ_t v_{i+t-left} W1_t) W2`, W1 `[taps, d', d']`, W2 `[d', d']`: two layers over the window.
 */
export interface Convolution extends Mechanism {
  readonly kind: "convolution";
  readonly form: "depthwise" | "full" | "network";
  /** Tokens of the window, from 1. */
  readonly taps: number;
  /** The image whose pixels are tokens, if the window is a square of pixels; omitted for a window of a sequence. */
  readonly image?: Image;
  readonly seed: number;
}

/**
 * An image in raster order. The window of a pixel is `side` × `side` pixels, from ⌊side/2⌋ rows above and columns to the left
 * of it on: as many as there are taps, which are in raster order too.
 */
export interface Image {
  /** Pixels in a row. */
  readonly width: number;
  readonly side: number;
  /** What is outside of it: zeros, or the nearest pixel. */
  readonly border: "zeros" | "nearest";
}

/** Whether a mechanism is a convolution, or a network over a window. */
export function isConvolution(mechanism: Mechanism): mechanism is Convolution {
  return mechanism.kind === "convolution";
}

/** Declares a variant that makes its output of a window of v. */
export function convolution<const P extends Parameters>(
  declaration: Declaration<P> & {
    form: Convolution["form"];
    taps: (values: ValuesOf<P>) => number;
    image?: (values: ValuesOf<P>) => Image;
    seed: (values: ValuesOf<P>) => number;
  },
): Variant {
  return declareVariant(
    declaration,
    (values): Convolution => ({
      kind: "convolution",
      form: declaration.form,
      taps: declaration.taps(values),
      ...(declaration.image !== undefined && { image: declaration.image(values) }),
      seed: declaration.seed(values),
    }),
  );
}

/** Tokens of the window before the row's own, in a sequence. */
export function tokensBefore({ taps }: Convolution, causal: boolean): number {
  return causal ? taps - 1 : Math.floor(taps / 2);
}

/** The pixel of an image of `height` rows that is at a place, which may be outside of it; null if that is zeros. */
export function pixelAt(
  { width, border }: Image,
  height: number,
  row: number,
  column: number,
): number | null {
  const isInside = row >= 0 && row < height && column >= 0 && column < width;
  if (!isInside && border === "zeros") return null;
  const within = (at: number, extent: number) => Math.max(0, Math.min(extent - 1, at));
  return within(row, height) * width + within(column, width);
}

/** The names of what the layer has learned: what the window is multiplied by, and the second layer, if any. */
export const WEIGHTS = {
  depthwise: ["conv.depthwise", null],
  full: ["conv.full", null],
  network: ["fc.w1", "fc.w2"],
} as const satisfies Readonly<Record<Convolution["form"], readonly [string, string | null]>>;

/**
 * What the layer has learned, normal numbers such that the output is about as large as v: one over the root of
 * what is summed.
 */
export function convolutionWeights({ form, taps, seed }: Convolution): TensorSpecs {
  const of = "weights";
  const [first, second] = WEIGHTS[form];
  const drawn = (name: string) => ({ of, seed, stream: name.replace(".", "/") }) as const;
  if (form === "depthwise")
    return { [first]: { dims: ["heads", taps, "valueDim"], std: 1 / Math.sqrt(taps), ...drawn(first) } };
  return {
    [first]: {
      dims: ["heads", taps, "valueDim", "valueDim"],
      std: ({ valueDim }) => 1 / Math.sqrt(taps * valueDim),
      ...drawn(first),
    },
    ...(second !== null && {
      [second]: {
        dims: ["heads", "valueDim", "valueDim"],
        std: ({ valueDim }) => 1 / Math.sqrt(valueDim),
        ...drawn(second),
      },
    }),
  };
}
