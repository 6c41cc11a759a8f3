import { expect, it } from "vitest";
import { completeEdges } from "../../src/core/edges.ts";
import { shapeOf } from "../../src/core/shape.ts";
import type { InputSource } from "../../src/core/tensors.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { inputHash } from "../../src/library/input-hash.ts";
import { sampleResults } from "../report/sample-results.ts";

/** As if from a file, over these edges. */
function stored(rows: readonly number[] | undefined): InputSource {
  const source = syntheticSource("gaussian", 1);
  const edges = rows && completeEdges({ indptr: [0, rows.length, rows.length], indices: rows });
  return {
    ...source,
    stored: true,
    inputs: () => source.inputs(shapeOf({ batch: 1, heads: 1, length: 2, headDim: 2 })),
    ...(edges && { call: { edges } }),
  };
}

it("the edges of an input are part of its hash", () => {
  const { plan } = sampleResults().run;
  const hashes = [undefined, [0], [1], [0, 1]].map((rows) => inputHash(stored(rows), plan));
  // A node has its own edge, whether it is given or not.
  expect(hashes[3]).toBe(hashes[2]);
  expect(new Set(hashes).size).toBe(3);
});
