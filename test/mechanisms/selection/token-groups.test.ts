import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Choice } from "../../../src/core/choice.ts";
import { everyRow } from "../../../src/core/rows.ts";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import {
  choiceSpecs,
  hashSizes,
  type Reformer,
  type Routing,
  routingSizes,
  type Selection,
} from "../../../src/mechanisms/selection/declare.ts";
import { examples } from "../../examples.ts";
import { problemOf } from "../../kernels/arbitrary-problems.ts";

const SHAPE = shapeOf({ batch: 2, heads: 2, length: 45, headDim: 8 });
const REFORMER: Reformer = {
  id: "reformer",
  chunk: 4,
  rounds: 3,
  buckets: null,
  sameBucket: false,
  factored: true,
  seed: 3,
};
const ROUTING: Routing = { id: "routing", clusters: 5, window: 7, seed: 3 };

describe("a choice of buckets", () => {
  const problem = problemBy(REFORMER);
  const right = chosen(problem);

  it("is accepted as two kernels make it", () => {
    expect(whyNot(problem, right)).toBeNull();
    expect(whyNot(problem, chosen(problem, createWasm("auto")))).toBeNull();
  });

  it("is refused where any token is in any other bucket", () => {
    const { buckets } = hashSizes(REFORMER, SHAPE.length);
    fc.assert(
      fc.property(fc.nat(right.buckets.length - 1), fc.integer({ min: 1, max: buckets - 1 }), (at, by) => {
        const told = changed(right.buckets, at, (right.buckets[at] + by) % buckets);
        expect(whyNot(problem, { buckets: told })).toMatch(
          /cannot be in bucket .* direction \d+ is nearer than \d+/,
        );
      }),
      examples(200),
    );
  });

  it.each([-1, 16, 2 ** 31 - 1])("is refused with the bucket %i, which there is not", (bucket) => {
    const told = changed(right.buckets, 17, bucket);
    expect(whyNot(problem, { buckets: told })).toMatch(/must be in one of \d+ buckets in round 0, got/);
  });

  it("is refused if it is that of another head, or of another round", () => {
    const { rows, perRow } = choiceSpecs(REFORMER, SHAPE).buckets;
    for (const by of [perRow, rows * perRow]) {
      const told = right.buckets.map((_, at) => right.buckets[(at + by) % right.buckets.length]);
      expect(whyNot(problem, { buckets: told })).toMatch(/cannot be in bucket/);
    }
  });
});

describe("a choice of routes", () => {
  const problem = problemBy(ROUTING);
  const right = chosen(problem);
  const { clusters, window } = routingSizes(ROUTING, SHAPE.length);

  it("is accepted as two kernels make it", () => {
    expect(whyNot(problem, right)).toBeNull();
    expect(whyNot(problem, chosen(problem, createWasm("auto")))).toBeNull();
  });

  it("is refused where any token goes to any other centre in any round", () => {
    fc.assert(
      fc.property(fc.nat(right.centres.length - 1), fc.integer({ min: 1, max: clusters - 1 }), (at, by) => {
        const told = changed(right.centres, at, (right.centres[at] + by) % clusters);
        expect(whyNot(problem, { ...right, centres: told })).toMatch(/round \d: row \d+ cannot be nearest/);
      }),
      examples(200),
    );
  });

  it.each(["queries", "keys"])("is refused where a centre takes any other of the %s", (name) => {
    fc.assert(
      fc.property(fc.nat(right[name].length - 1), fc.nat(SHAPE.length - 1), (at, token) => {
        const first = Math.floor(at / window) * window;
        const own = right[name].slice(first, first + window);
        fc.pre(!own.includes(token));
        own[at - first] = token;
        own.sort();
        const told = right[name].slice();
        told.set(own, first);
        expect(whyNot(problem, { ...right, [name]: told })).toMatch(/token \d+ is nearer than \d+, by/);
      }),
      examples(200),
    );
  });

  it.each([
    ["twice", (own: Int32Array) => own.set([own[0]], 1)],
    ["in falling order", (own: Int32Array) => own.reverse()],
    ["out of range", (own: Int32Array) => own.set([SHAPE.length], own.length - 1)],
    ["negative", (own: Int32Array) => own.set([-1])],
  ])("is refused where a centre takes tokens %s", (_, spoil) => {
    for (const name of ["queries", "keys"]) {
      const told = right[name].slice();
      spoil(told.subarray(window, 2 * window));
      expect(whyNot(problem, { ...right, [name]: told })).toMatch(
        /must be different tokens, rising, below 45/,
      );
    }
  });

  it.each([-1, clusters])("is refused with the centre %i, which there is not", (centre) => {
    const told = changed(right.centres, 0, centre);
    expect(whyNot(problem, { ...right, centres: told })).toMatch(/a centre must be one of 5, got/);
  });
});

it("a centre finds its nearest tokens among many, of which most are equal, or zeros", () => {
  const shape = shapeOf({ batch: 1, heads: 1, length: 1500, headDim: 8 });
  for (const copied of [0, 700, 1499]) {
    const mechanism: Selection = {
      kind: "selection",
      rule: { id: "routing", clusters: 9, window: 60, seed: 1 },
    };
    const problem = problemOf(mechanism, shape, false);
    const { k, q } = problem.inputs;
    for (let token = 0; token < copied; token++) k.copyWithin(token * 8, 1499 * 8);
    q.fill(0, 0, copied * 4);
    const oracle = problem.kind.oracle(problem).on?.(chosen(problem, createWasm("auto")));
    expect(oracle?.whyNotChoice([{ batch: 0, head: 0, row: 0 }])).toBeNull();
  }
});

it("queries of zeros may be in any bucket, and keys of length zero weigh as others do", () => {
  const problem = problemBy(REFORMER);
  problem.inputs.q.fill(0, 0, 5 * SHAPE.headDim);
  expect(whyNot(problem, chosen(problem))).toBeNull();
  expect([...chosen(problem).buckets.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
});

function problemBy(rule: Reformer | Routing): JudgedProblem {
  const mechanism: Selection = { kind: "selection", rule };
  return problemOf(mechanism, SHAPE, false);
}

function chosen(problem: JudgedProblem, kernel: Pick<typeof js, "prepare"> = js): Choice {
  const runnable = kernel.prepare(problem, new Float32Array(elementCount(problem.shape, "output")));
  runnable.run();
  const copies = Object.entries(runnable.choice?.() ?? {}).map(([name, array]) => [name, array.slice()]);
  runnable.dispose();
  return Object.fromEntries(copies);
}

function whyNot(problem: JudgedProblem, choice: Choice): string | null {
  const oracle = problem.kind.oracle(problem).on?.(choice);
  if (oracle === undefined) throw new TypeError("it must judge choices");
  return oracle.whyNotChoice(everyRow(SHAPE));
}

function changed(array: Int32Array, at: number, to: number): Int32Array {
  const copy = array.slice();
  copy[at] = to;
  return copy;
}
