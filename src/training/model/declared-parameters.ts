import type { BoundTask, ModelSizes } from "../../tasks/task.ts";
import { all, normal, type Parameter, uniform } from "./parameters.ts";

/** Channels of a feed-forward part, in widths of a token: Vaswani et al. 2017, arXiv 1706.03762, sec. 3.3. */
const FEED_FORWARD = 4;

/** A decay's logit at first: `ln α = ln σ(3)`, so that a state remembers about twenty tokens. */
const OPEN = 3;
/** The deviation of the taps of a short convolution, which is added to the identity. */
const TAP = 0.3;

/** What a model learns, whatever its attention is: parts that a mechanism does not use are there, and count, in all. */
export function declaredParameters(task: BoundTask, model: ModelSizes): readonly Parameter[] {
  const { width } = model;
  const { output } = task;
  const layers = Array.from({ length: model.layers }, (_, layer) =>
    layerParameters(`layers.${layer}`, model),
  );
  const decoder =
    output.kind === "decided"
      ? [
          { name: "decoder.symbols", shape: [output.labels + 1, width], draw: normal(1 / Math.sqrt(width)) },
          ...positions("decoder.positions", output.most, model),
          ...Array.from({ length: model.layers }, (_, layer) => [
            ...layerParameters(`decoder.${layer}`, model),
            ...crossParameters(`decoder.${layer}.cross`, model),
          ]).flat(),
          ...norm("encoded", width),
        ]
      : [];
  return [
    ...tokenParameters(task, model),
    ...positions("positions", task.length, model),
    ...layers.flat(),
    ...decoder,
    ...norm("last", width),
    { name: "labels", shape: [width, output.labels], draw: uniform(1 / Math.sqrt(width)) },
  ];
}

function tokenParameters({ input }: BoundTask, { width }: ModelSizes): Parameter[] {
  switch (input.kind) {
    case "symbols":
      return [{ name: "tokens", shape: [input.symbols, width], draw: normal(1 / Math.sqrt(width)) }];
    case "vectors":
      return [
        { name: "tokens", shape: [input.width, width], draw: uniform(1 / Math.sqrt(input.width)) },
        { name: "tokens.bias", shape: [width], draw: all(0) },
      ];
    default:
      return input satisfies never;
  }
}

function positions(name: string, tokens: number, model: ModelSizes): Parameter[] {
  if (!model.positions) return [];
  return [{ name, shape: [tokens, model.width], draw: normal(1 / Math.sqrt(model.width)) }];
}

function norm(name: string, width: number): Parameter[] {
  return [
    { name: `${name}.scale`, shape: [width], draw: all(1) },
    { name: `${name}.shift`, shape: [width], draw: all(0) },
  ];
}

function layerParameters(name: string, model: ModelSizes): Parameter[] {
  const { width, heads, convolution } = model;
  const of = uniform(1 / Math.sqrt(width));
  const taps = { name: `${name}.taps`, shape: [convolution, 3 * width], draw: normal(TAP) };
  const inner = FEED_FORWARD * width;
  const feedForward: readonly Parameter[] = [
    ...norm(`${name}.feed-forward.norm`, width),
    { name: `${name}.feed-forward.in`, shape: [width, inner], draw: of },
    { name: `${name}.feed-forward.in.bias`, shape: [inner], draw: all(0) },
    { name: `${name}.feed-forward.out`, shape: [inner, width], draw: uniform(1 / Math.sqrt(inner)) },
    { name: `${name}.feed-forward.out.bias`, shape: [width], draw: all(0) },
  ];
  return [
    ...norm(`${name}.norm`, width),
    { name: `${name}.qkv`, shape: [width, 3 * width], draw: of },
    ...(convolution > 0 ? [taps] : []),
    // The logits of decays, one a channel of each head, and then those of what is written, one a head.
    { name: `${name}.gates`, shape: [width, width + heads], draw: of },
    { name: `${name}.gates.bias`, shape: [width + heads], draw: (_, index) => (index < width ? OPEN : 0) },
    { name: `${name}.gain`, shape: [width], draw: all(1) },
    { name: `${name}.out`, shape: [width, width], draw: of },
    ...(model.feedForward ? feedForward : []),
  ];
}

function crossParameters(name: string, { width }: ModelSizes): Parameter[] {
  const of = uniform(1 / Math.sqrt(width));
  return [
    ...norm(`${name}.norm`, width),
    { name: `${name}.q`, shape: [width, width], draw: of },
    { name: `${name}.kv`, shape: [width, 2 * width], draw: of },
    { name: `${name}.gain`, shape: [width], draw: all(1) },
    { name: `${name}.out`, shape: [width, width], draw: of },
  ];
}
