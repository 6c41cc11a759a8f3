import { describe, expect, it } from "vitest";
import type { GivenGates } from "../../../src/core/call-settings.ts";
import { everyRow } from "../../../src/core/rows.ts";
import { type Shape, shapeOf } from "../../../src/core/shape.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { problemOf } from "../../kernels/arbitrary-problems.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { apartFromRecurrent } from "./apart.ts";
import { chunked } from "./chunked.ts";

/** Chunks of one token, those that divide no length here, and all tokens: the parallel form. */
const CHUNKS = [1, 7, 64, 1000];

const ids = recurrences.map((variant): readonly [string, Variant] => [variant.id, variant]);

function asked(variant: Variant, shape: Shape, gates: GivenGates = {}): JudgedProblem {
  const { mechanism } = builtInKinds.under(parameterize(variant, {}), { gates });
  return problemOf(mechanism, shape, true, "gaussian", shape.length);
}

function expectAlike(problem: JudgedProblem, chunks = CHUNKS): void {
  for (const chunk of chunks) expect([chunk, apartFromRecurrent(problem, chunk)]).toEqual([chunk, null]);
}

/** Gates at the ends of what they may be, in the place of those that were drawn. */
function withEnds(problem: JudgedProblem): JudgedProblem {
  const ends: Readonly<Record<string, readonly number[]>> = {
    g: [0, Number.NEGATIVE_INFINITY, -1e-9, -50, -0.25, -800, 0, -1e-30],
    beta: [0, 1, 0.5, 1, 1, 0],
    dt: [1e-30, 1, 20, 1e-3, 300],
  };
  const changed = Object.entries(ends)
    .filter(([name]) => Object.hasOwn(problem.inputs, name))
    .map(([name, values]) => {
      const tensor: unknown = Reflect.get(problem.inputs, name);
      if (!(tensor instanceof Float32Array)) throw new TypeError(`${name} must be an input`);
      return [name, tensor.map((_, at) => values[(at * 7 + Math.floor(at / 11)) % values.length])] as const;
    });
  return { ...problem, inputs: { ...problem.inputs, ...Object.fromEntries(changed) } };
}

describe("a recurrence token by token, in chunks and in parallel", () => {
  it.each(ids)("is one: %s", (_, variant) => {
    for (const length of [1, 2, 63, 64, 65, 300]) {
      expectAlike(asked(variant, shapeOf({ batch: 1, heads: 2, length, headDim: 5, valueDim: 3 })));
    }
  });

  it.each(ids)("is one where a head has one channel: %s", (_, variant) => {
    expectAlike(asked(variant, shapeOf({ batch: 1, heads: 1, length: 70, headDim: 1 })));
  });

  it.each(ids)("is one over 4096 tokens, in chunks: %s", (_, variant) => {
    expectAlike(asked(variant, shapeOf({ batch: 1, heads: 1, length: 4096, headDim: 3 })), [50]);
  });

  it.each(ids)(
    "is one with keys of zeros, one after the other the same, and at the end of a head: %s",
    (_, variant) => {
      const shape = shapeOf({ batch: 1, heads: 2, length: 130, headDim: 4 });
      const problem = asked(variant, shape);
      const { k } = problem.inputs;
      for (const token of [0, 3, 4, 64, 129]) k.fill(0, token * 4, (token + 1) * 4);
      for (let token = 70; token < 80; token++) k.copyWithin(token * 4, 280, 284);
      expectAlike(problem);
      expect(failureInAnyRow(problem, js)).toBeNull();
    },
  );

  it.each(ids)(
    "is one with gates at the ends of what they may be, and decays that underflow: %s",
    (_, variant) => {
      const shape = shapeOf({ batch: 1, heads: 2, length: 150, headDim: 4 });
      for (const g of ["token", "channel"] as const) {
        const problem = withEnds(asked(variant, shape, { g, beta: "token", dt: "token" }));
        expectAlike(problem);
        expect(failureInAnyRow(problem, js)).toBeNull();
      }
    },
  );

  it("differs where a decay is left out of the reference's twin", () => {
    const [, retention] = ids[0];
    const problem = asked(retention, shapeOf({ batch: 1, heads: 1, length: 40, headDim: 4 }));
    const wrong = { ...problem, mechanism: { ...problem.mechanism, decay: { form: "none" } } };
    const [right] = problem.kind.oracle(problem).rows(everyRow(problem.shape).slice(-1), float64);
    const got = chunked(wrong, 0, 8).rows[39];
    expect(Math.max(...got.map((x, j) => Math.abs(x - right.values[j])))).toBeGreaterThan(1e-3);
  });
});
