import type { RandomStream } from "./random.ts";
import type { Layout, Shape } from "./shape.ts";

/** A dimension of a tensor: one of the shape's, a number of its own, or made from one of the shape's. */
export type Dimension = keyof Shape | number | Derived | Counted;

/** So many times a dimension of the shape, and so many more, as `4·headDim` rows for the four gates of an LSTM. */
export interface Derived {
  readonly dim: keyof Shape;
  readonly times?: number;
  readonly plus?: number;
}

/** A number that follows from the shape in another way, and how it is written, such as `round(√length)`. */
export interface Counted {
  readonly of: (shape: Shape) => number;
  readonly text: string;
}

/**
 * An input of a call in addition to q, k and v, such as gates or learned weights. The last dimension is its
 * width, the one before counts its rows; row-major.
 */
export interface TensorSpec {
  readonly dims: readonly Dimension[];
  /**
   * The shape that dimensions, deviation, `fill` and `must` speak of, made of the call's; the call's own if omitted.
   * Within a layer, whose call has rows of whole tokens, it is that of the heads.
   */
  readonly within?: (call: Shape) => Shape;
  /** Where else a file may hold it, such as in a packed matrix of PyTorch's; nowhere if omitted. */
  readonly elsewhere?: (shape: Shape) => readonly Elsewhere[];
  /**
   * `token`: each row belongs to a token; `[batch, heads or kvHeads, queries or length, width]`. `weights`: it
   * belongs to the layer, and is the same whatever the tokens are.
   */
  readonly of: "token" | "weights";
  /**
   * Brings standard normal numbers into its domain, such as a logistic function for gates; the identity if
   * omitted. Verification permutes and negates nothing in it, but only changes the order of rows.
   */
  readonly domain?: (x: number) => number;
  /**
   * How many numbers at the end of each row of weights are no factors of k and have a domain, such as a rate that must be
   * above 0: verification, which reverses weights, leaves them at the end of a row. None if omitted.
   */
  readonly tail?: number;
  /**
   * What each of its numbers must be where a call brings them, with the rule in words, such as `from 0 to 1`; `fromEnd` if that
   * is for one number of each row alone, the last being 1.
   */
  readonly must?: {
    readonly hold: (x: number, shape: Shape) => boolean;
    readonly rule: string;
    readonly fromEnd?: number;
  };
  /** What it is where a file does not hold it, in words that follow `which is`; null if that needs no words, `drawn` if omitted. */
  readonly instead?: string | null;
  /** What a row holds and how it is drawn, in a few words, where `fill` draws it. */
  readonly rowText?: string;
  /** Standard deviation before that, which may follow from the shape; 1 if omitted. */
  readonly std?: number | ((shape: Shape) => number);
  /**
   * Draws the numbers of one head, row-major, where they are not independent and normal, such as orthogonal
   * rows: in place of the deviation.
   */
  readonly fill?: (random: RandomStream, to: Float32Array, shape: Shape) => void;
  /**
   * Whether each row of weights has a stream of its own, named by its index, so that wider rows only append.
   */
  readonly streamPerRow?: boolean;
  /** The name of the random stream that it is drawn from; its own if omitted. */
  readonly stream?: string;
  /** Whether weights serve as they are drawn, such as a Performer's features; omitted if training makes them useful. */
  readonly untrained?: boolean;
  /** The seed of weights that a parameter of the variant decides; that of the run if omitted. */
  readonly seed?: number;
}

/** An input `[rows, width]` as another program saves it. */
export interface Elsewhere {
  readonly name: string;
  /** The same; `[width, rows]`, as in PyTorch's `Linear`; or `[width]`, the one row that there is. */
  readonly saved: "alike" | "transposed" | "row";
  /** The first of our columns in a wider one that is transposed or a row, and how many that has; all if omitted. */
  readonly part?: { readonly from: number; readonly of: number };
}

/** The shape that a specification speaks of, of the call's. */
export function ownShape({ within }: TensorSpec, call: Shape): Shape {
  return within === undefined ? call : within(call);
}

/** Inputs by their names. */
export type TensorSpecs = Readonly<Record<string, TensorSpec>>;

/**
 * The name under which a user brings an input: its own if that has a dot, and otherwise that of its stream, such as
 * `gat.a` for `gat/a`.
 */
export function nameInFiles(name: string, { stream = name }: TensorSpec): string {
  return name.includes(".") ? name : stream.replaceAll("/", ".");
}

/** What is wrong with a specification, in words that follow its name; null if nothing is. */
export function whyNotSpec({ dims, of }: TensorSpec): string | null {
  const [width, rows, heads, batch] = dims.toReversed();
  if (of === "weights") {
    const misplaced = [width, rows].find((dim) => dim === "batch" || dim === "heads" || dim === "kvHeads");
    if (misplaced === undefined) return null;
    return `must end in its rows and its width, after ${misplaced}, got ${listed(dims)}; write 1 for one row`;
  }
  const isToken =
    dims.length === 4 &&
    batch === "batch" &&
    (heads === "heads" || heads === "kvHeads") &&
    (rows === "length" || rows === "queries") &&
    (typeof width === "number" || width === "headDim" || width === "valueDim");
  if (isToken) return null;
  return `must be [batch, heads or kvHeads, length or queries, a width] for tokens, got ${listed(dims)}`;
}

function listed(dims: readonly Dimension[]): string {
  return `[${dims.map(dimensionText).join(", ")}]`;
}

/** A dimension as it is written, such as `headDim + 1`. */
export function dimensionText(dim: Dimension): string {
  if (typeof dim !== "object") return `${dim}`;
  if ("of" in dim) return dim.text;
  const { dim: name, times, plus } = dim;
  return `${times === undefined ? "" : `${times}·`}${name}${plus === undefined ? "" : ` + ${plus}`}`;
}

/**
 * How such a tensor lies in memory; what comes before heads and rows counts as batch. All that weights have of
 * one head is its rows, however many dimensions it has, such as a matrix for each tap of a convolution.
 */
export function layoutBy(shape: Shape, spec: TensorSpec): Layout {
  const sizes = sizesBy(shape, spec);
  const [first] = spec.dims;
  if (spec.of === "weights" && (first === "heads" || first === "kvHeads") && sizes.length > 3) {
    const rows = sizes.slice(1, -1).reduce((product, size) => product * size, 1);
    return { batch: 1, heads: sizes[0], rows, width: sizes[sizes.length - 1] };
  }
  const [width = 1, rows = 1, heads = 1, batch = 1] = sizes.toReversed();
  return { batch, heads, rows, width };
}

/** The sizes of its dimensions. */
export function sizesBy(call: Shape, spec: TensorSpec): number[] {
  const shape = ownShape(spec, call);
  return spec.dims.map((dim) => {
    if (typeof dim === "number") return dim;
    if (typeof dim === "string") return shape[dim];
    if ("of" in dim) return dim.of(shape);
    return (dim.times ?? 1) * shape[dim.dim] + (dim.plus ?? 0);
  });
}
