import type { Mechanism } from "../../core/mechanism.ts";
import { shapeOf } from "../../core/shape.ts";
import type { BoundTask, ModelSizes } from "../../tasks/task.ts";
import type { LearnerSpec } from "../learner.ts";
import { learnedParameters } from "./learned-weights.ts";
import { all, each, normal, type Parameter, uniform } from "./parameters.ts";

/** Channels of a feed-forward part, in widths of a token: Vaswani et al. 2017, arXiv 1706.03762, sec. 3.3. */
const FEED_FORWARD = 4;

/** A decay's logit at first: `ln α = ln σ(3)`, so that a state remembers about twenty tokens. */
const OPEN = 3;
/** The deviation of the taps of a short convolution, which is added to the identity. */
const TAP = 0.3;

/**
 * What a model learns: parts that a mechanism does not use are there, and count, in all, and besides them what its mechanism
 * itself learns, which most do not.
 */
export function declaredParameters({
  task,
  model,
  mechanism,
  cross = mechanism,
}: Pick<LearnerSpec, "task" | "model" | "mechanism" | "cross">): readonly Parameter[] {
  const { length, output } = task;
  const { heads, width, layers } = model;
  const learned = (place: string, of: Mechanism, keys: number, queries: number) =>
    Array.from({ length: layers }, (_, layer) => {
      const shape = shapeOf({ batch: 1, heads, headDim: width / heads, length: keys, queries });
      return learnedParameters(place.replace("*", `${layer}`), of, shape);
    }).flat();
  return [
    ...sharedParameters(task, model),
    ...learned("layers.*", mechanism, length, length),
    ...(output.kind === "decided"
      ? [
          ...learned("decoder.*", mechanism, output.most, output.most),
          ...learned("decoder.*.cross", cross, length, output.most),
        ]
      : []),
  ];
}

/** What all models of a task learn. */
function sharedParameters(task: BoundTask, model: ModelSizes): readonly Parameter[] {
  const { width } = model;
  const { output } = task;
  const layers = Array.from({ length: model.layers }, (_, layer) =>
    layerParameters(`layers.${layer}`, model),
  );
  const decoder =
    output.kind === "decided"
      ? [
          { name: "decoder.symbols", shape: [output.labels + 1, width], fill: normal(1 / Math.sqrt(width)) },
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
    { name: "labels", shape: [width, output.labels], fill: uniform(1 / Math.sqrt(width)) },
  ];
}

function tokenParameters({ input }: BoundTask, { width }: ModelSizes): Parameter[] {
  switch (input.kind) {
    case "symbols":
      return [{ name: "tokens", shape: [input.symbols, width], fill: normal(1 / Math.sqrt(width)) }];
    case "vectors":
      return [
        { name: "tokens", shape: [input.width, width], fill: uniform(1 / Math.sqrt(input.width)) },
        { name: "tokens.bias", shape: [width], fill: all(0) },
      ];
    default:
      return input satisfies never;
  }
}

function positions(name: string, tokens: number, model: ModelSizes): Parameter[] {
  if (!model.positions) return [];
  return [{ name, shape: [tokens, model.width], fill: normal(1 / Math.sqrt(model.width)) }];
}

function norm(name: string, width: number): Parameter[] {
  return [
    { name: `${name}.scale`, shape: [width], fill: all(1) },
    { name: `${name}.shift`, shape: [width], fill: all(0) },
  ];
}

function layerParameters(name: string, model: ModelSizes): Parameter[] {
  const { width, heads, convolution } = model;
  const of = uniform(1 / Math.sqrt(width));
  const taps = { name: `${name}.taps`, shape: [convolution, 3 * width], fill: normal(TAP) };
  const inner = FEED_FORWARD * width;
  const feedForward: readonly Parameter[] = [
    ...norm(`${name}.feed-forward.norm`, width),
    { name: `${name}.feed-forward.in`, shape: [width, inner], fill: of },
    { name: `${name}.feed-forward.in.bias`, shape: [inner], fill: all(0) },
    { name: `${name}.feed-forward.out`, shape: [inner, width], fill: uniform(1 / Math.sqrt(inner)) },
    { name: `${name}.feed-forward.out.bias`, shape: [width], fill: all(0) },
  ];
  return [
    ...norm(`${name}.norm`, width),
    { name: `${name}.qkv`, shape: [width, 3 * width], fill: of },
    ...(convolution > 0 ? [taps] : []),
    // The logits of decays, one a channel of each head, and then those of what is written, one a head.
    { name: `${name}.gates`, shape: [width, width + heads], fill: of },
    {
      name: `${name}.gates.bias`,
      shape: [width + heads],
      fill: each((_, index) => (index < width ? OPEN : 0)),
    },
    { name: `${name}.gain`, shape: [width], fill: all(1) },
    { name: `${name}.out`, shape: [width, width], fill: of },
    ...(model.feedForward ? feedForward : []),
  ];
}

function crossParameters(name: string, { width }: ModelSizes): Parameter[] {
  const of = uniform(1 / Math.sqrt(width));
  return [
    ...norm(`${name}.norm`, width),
    { name: `${name}.q`, shape: [width, width], fill: of },
    { name: `${name}.kv`, shape: [width, 2 * width], fill: of },
    { name: `${name}.gain`, shape: [width], fill: all(1) },
    { name: `${name}.out`, shape: [width, width], fill: of },
  ];
}
