import { describe, expect, it } from "vitest";
import { hashText, randomStream } from "../../src/core/random.ts";
import { shapeOf } from "../../src/core/shape.ts";
import type { TensorSpec } from "../../src/core/tensor-spec.ts";
import { tensorNamed } from "../../src/core/tensors.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import type { Judged } from "../../src/mechanisms/judged.ts";
import { type Naming, withNamed } from "../../src/mechanisms/named-inputs.ts";
import { simpleKind } from "../../src/mechanisms/simple-kind.ts";

const SHAPE = shapeOf({ batch: 2, heads: 2, length: 3, headDim: 4 });

/** A kind with one input besides q, k and v. */
function having(spec: TensorSpec): Judged {
  const kind = simpleKind({
    id: "weighted",
    flops: () => 1,
    reference: ({ queries, valueDim }) => new Float64Array(queries * valueDim),
    laws: [],
    inputs: () => ({ w: spec }),
  });
  return { mechanism: { kind: "weighted" }, kind };
}

function drawn(spec: TensorSpec, shape = SHAPE, naming: Naming = {}, seed = 5): number[] {
  const inputs = syntheticSource("gaussian", 1).inputs(shape);
  return [...tensorNamed(withNamed(having(spec), inputs, seed, naming), "w")];
}

const normals = (count: number, ...keys: number[]) => {
  const random = randomStream(...keys);
  return Array.from({ length: count }, () => Math.fround(random.gaussian()));
};

describe("what a kind has besides q, k and v", () => {
  const stream = hashText("some/w");

  it("is drawn from one stream a head, that its own name and seed begin", () => {
    const spec: TensorSpec = { dims: ["heads", 3, 2], of: "weights", stream: "some/w", seed: 7 };
    expect(drawn(spec)).toEqual([...normals(6, 7, stream, 0), ...normals(6, 7, stream, 1)]);
    expect(drawn({ ...spec, seed: undefined as never })).toEqual([
      ...normals(6, 5, stream, 0),
      ...normals(6, 5, stream, 1),
    ]);
  });

  it("has a stream for each row where wider rows are to append only", () => {
    const spec: TensorSpec = {
      dims: ["heads", "length", "length"],
      of: "weights",
      stream: "some/w",
      seed: 7,
      streamPerRow: true,
    };
    const small = drawn(spec);
    const large = drawn(spec, { ...SHAPE, length: 5, queries: 5 });
    for (let row = 0; row < 3; row++) {
      expect(small.slice(9 + row * 3, 9 + row * 3 + 3)).toEqual(normals(3, 7, stream, 1, row));
      expect(large.slice(25 + row * 5, 25 + row * 5 + 3)).toEqual(small.slice(9 + row * 3, 12 + row * 3));
    }
  });

  it("may draw the numbers of a head in its own way, which knows the shape", () => {
    const spec: TensorSpec = {
      dims: ["heads", 1, 2],
      of: "weights",
      stream: "some/w",
      fill: (random, to, { headDim }) => to.fill(headDim * random.below(1000)),
    };
    const below = (head: number) => 4 * randomStream(5, stream, head).below(1000);
    expect(drawn(spec)).toEqual([below(0), below(0), below(1), below(1)]);
  });

  it("is the tensor of the source that has its name, and lies where room was made for it", () => {
    const spec: TensorSpec = { dims: ["heads", 1, 2], of: "weights", stream: "some/w" };
    const asked: unknown[] = [];
    const room = new Float32Array(4);
    const source = {
      named: (...words: unknown[]) => {
        asked.push(words);
        return Float32Array.of(1, 2, 3, 4);
      },
    };
    expect(drawn(spec, SHAPE, { source, allocate: () => room })).toEqual([1, 2, 3, 4]);
    expect([...room]).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([["some.w", spec, SHAPE]]);
    expect(drawn(spec, SHAPE, { source: { named: () => null } })).toEqual(drawn(spec));
  });

  it("has room for the tokens of the task where it belongs to the layer, which in decoding are to come", () => {
    const inputs = syntheticSource("gaussian", 1).inputs(SHAPE);
    const spec: TensorSpec = { dims: ["heads", "length", 2], of: "weights" };
    const capacity = { ...SHAPE, length: 8, queries: 8 };
    const named = withNamed({ ...having(spec), shape: capacity }, inputs, 5);
    expect(tensorNamed(named, "w")).toHaveLength(2 * 8 * 2);
  });
});
