import { describe, expect, it } from "vitest";
import { everyRow } from "../../src/core/rows.ts";
import { offsetIn, shapeOf, type UsualShape } from "../../src/core/shape.ts";
import { type AttentionInputs, tensorNamed } from "../../src/core/tensors.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { fullOracle } from "../../src/mechanisms/full-oracle.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { float64, type Oracle } from "../../src/mechanisms/oracle.ts";
import { variants } from "../../variants/index.ts";

const LENGTH = 24;
const WIDTH = 6;

/** One head of normal numbers, some of which are changed. */
function problemOf(
  id: string,
  params: Record<string, unknown> = {},
  change: (inputs: AttentionInputs) => void = () => {},
  { causal = false, ...shape }: Partial<UsualShape> & { causal?: boolean } = {},
): JudgedProblem {
  const judged = builtInKinds.judged(parameterize(findVariant(variants, id), params));
  const whole = shapeOf({ batch: 1, heads: 1, length: LENGTH, headDim: WIDTH, ...shape });
  const inputs = withNamed(judged, syntheticSource("gaussian", 3).inputs(whole), 0);
  change(inputs);
  return { ...judged, shape: whole, causal, threads: 1, inputs };
}

function rowsIn(oracle: Oracle, { shape }: JudgedProblem): number[][] {
  return oracle.rows(everyRow(shape), float64).map(({ values }) => [...values]);
}

const outputOf = (problem: JudgedProblem) => rowsIn(problem.kind.oracle(problem), problem);
const fullOf = (problem: JudgedProblem) => rowsIn(fullOracle(problem), problem);

function expectClose(got: number[][], expected: number[][], within = 1e-12): void {
  const apart = got.flatMap((row, at) => row.map((x, i) => Math.abs(x - expected[at][i])));
  expect(got.length).toBe(expected.length);
  expect(Math.max(...apart)).toBeLessThan(within);
}

/** Relative Frobenius distance. */
function distance(got: number[][], expected: number[][]): number {
  const sum = (of: (x: number, y: number) => number) =>
    got.reduce((total, row, at) => row.reduce((so, x, i) => so + of(x, expected[at][i]), total), 0);
  return Math.sqrt(sum((x, y) => (x - y) ** 2) / sum((_, y) => y ** 2));
}

function row(values: Float32Array, at: number): number[] {
  return [...values.subarray(at * WIDTH, (at + 1) * WIDTH)];
}

/** The mean of rows `from … to - 1`. */
function meanOf(values: Float32Array, from: number, to: number): number[] {
  return Array.from({ length: WIDTH }, (_, i) => {
    let sum = 0;
    for (let at = from; at < to; at++) sum += values[at * WIDTH + i];
    return sum / (to - from);
  });
}

const identity = (inputs: AttentionInputs) => {
  for (const name of ["linformer.e", "linformer.f"]) {
    const table = tensorNamed(inputs, name).fill(0);
    for (let at = 0; at < LENGTH; at++) table[at * (LENGTH + 1)] = 1;
  }
};

describe("linformer", () => {
  it("is full attention if it projects to as many as there are tokens, each to itself", () => {
    const problem = problemOf("linformer", { features: LENGTH }, identity);
    expectClose(outputOf(problem), fullOf(problem));
  });

  it("is pooled attention if it projects to means of blocks", () => {
    const problem = problemOf("linformer", { features: 6 }, (inputs) => {
      for (const name of ["linformer.e", "linformer.f"]) {
        const table = tensorNamed(inputs, name).fill(0);
        for (let at = 0; at < LENGTH; at++) table[at * 6 + Math.floor(at / 4)] = 1 / 4;
      }
    });
    expectClose(outputOf(problem), outputOf(problemOf("pooled", { ratio: 4 })));
  });

  it("has E for keys and F for values, and one for both if it is told so", () => {
    const other = (name: string) => (inputs: AttentionInputs) => {
      tensorNamed(inputs, name).fill(0);
    };
    // Without values there is nothing; without keys every summary is as good.
    expectClose(
      outputOf(problemOf("linformer", { features: 5 }, other("linformer.f"))),
      outputOf(problemOf("linformer", { features: 5 })).map((one) => one.map(() => 0)),
    );
    const even = outputOf(problemOf("linformer", { features: 5 }, other("linformer.e")));
    expectClose(
      even,
      even.map(() => even[0]),
    );
    expect(
      distance(
        even,
        even.map((one) => one.map(() => 1)),
      ),
    ).toBeGreaterThan(0);
    const shared = problemOf("linformer", { features: 5, shared: true });
    const twice = problemOf("linformer", { features: 5 }, (inputs) => {
      tensorNamed(inputs, "linformer.f").set(tensorNamed(inputs, "linformer.e"));
    });
    expectClose(outputOf(shared), outputOf(twice));
  });

  it("draws E and F by position from N(0, 1/N), so that more tokens only append", () => {
    const [short, long] = [LENGTH, 2 * LENGTH].map((length) =>
      tensorNamed(problemOf("linformer", { features: 3 }, undefined, { length }).inputs, "linformer.e"),
    );
    expect(long.length).toBe(2 * short.length);
    for (const [at, x] of short.entries()) expect(long[at]).toBeCloseTo(x / Math.SQRT2, 6);
  });
});

describe("pooled", () => {
  it.each([false, true])("is full attention with blocks of one token, causal %s", (causal) => {
    const problem = problemOf("pooled", { ratio: 1 }, undefined, { causal });
    expectClose(outputOf(problem), fullOf(problem));
  });

  it("is the mean of the values with one block of all", () => {
    const problem = problemOf("pooled", { ratio: 100 });
    const mean = meanOf(problem.inputs.v, 0, LENGTH);
    expectClose(
      outputOf(problem),
      outputOf(problem).map(() => mean),
    );
  });

  it("is full attention if keys are equal within blocks, whose mass counts if the last is shorter", () => {
    const alike = ({ k }: AttentionInputs) => {
      for (let at = 0; at < LENGTH; at++)
        k.set(k.subarray((at - (at % 7)) * WIDTH, (at - (at % 7) + 1) * WIDTH), at * WIDTH);
    };
    const massive = problemOf("pooled", { ratio: 7, mass: true }, alike);
    expectClose(outputOf(massive), fullOf(massive));
    expect(distance(outputOf(problemOf("pooled", { ratio: 7 }, alike)), fullOf(massive))).toBeGreaterThan(
      0.01,
    );
  });

  it("sees blocks that are full and ended, if causal; before the first rows are zero", () => {
    const problem = problemOf("pooled", { ratio: 5 }, undefined, { causal: true });
    const output = outputOf(problem);
    const mean = meanOf(problem.inputs.v, 0, 5);
    const zero = mean.map(() => 0);
    expectClose(output.slice(0, 9), [
      ...Array.from({ length: 4 }, () => zero),
      ...Array.from({ length: 5 }, () => mean),
    ]);
    // The last four tokens are in no block that has ended.
    const other = problemOf("pooled", { ratio: 5 }, ({ v }) => v.fill(Number.NaN, 20 * WIDTH), {
      causal: true,
    });
    expect(outputOf(other)).toEqual(output);
  });
});

describe("nystrom", () => {
  it.each([LENGTH, LENGTH + 1, 1000])("is full attention with %i landmarks, by definition", (landmarks) => {
    const problem = problemOf("nystrom", { landmarks });
    expectClose(outputOf(problem), fullOf(problem));
  });

  it("reads all values by the mean query alone with one landmark", () => {
    const problem = problemOf("nystrom", { landmarks: 1 });
    const mean = problemOf("full", {}, ({ q }) => {
      const one = meanOf(q, 0, LENGTH);
      for (let at = 0; at < LENGTH; at++) q.set(one, at * WIDTH);
    });
    expectClose(outputOf(problem), outputOf(mean), 1e-6);
  });

  it("comes near full attention where neighbours are alike", () => {
    const smooth = ({ q, k }: AttentionInputs) => {
      for (const x of [q, k]) {
        for (let at = 0; at < LENGTH; at++) x.set(row(x, at - (at % 4)), at * WIDTH);
      }
    };
    const problem = problemOf("nystrom", { landmarks: 6 }, smooth);
    expect(distance(outputOf(problem), fullOf(problem))).toBeLessThan(0.05);
  });

  it("adds a convolution of the values, centred, also where it is full attention", () => {
    const tap = (at: number) => (inputs: AttentionInputs) => {
      tensorNamed(inputs, "nystrom.conv").fill(0)[at] = 2;
    };
    for (const landmarks of [5, 100]) {
      const plain = outputOf(problemOf("nystrom", { landmarks }));
      const problem = problemOf("nystrom", { landmarks, conv: 3 }, tap(0));
      const before = plain.map((one, at) =>
        one.map((x, i) => x + (at > 0 ? 2 * row(problem.inputs.v, at - 1)[i] : 0)),
      );
      expectClose(outputOf(problem), before);
      const own = plain.map((one, at) => one.map((x, i) => x + 2 * row(problem.inputs.v, at)[i]));
      expectClose(outputOf(problemOf("nystrom", { landmarks, conv: 3 }, tap(1))), own);
    }
  });
});

describe("induced", () => {
  it("is full attention if the points are large keys of one length", () => {
    const problem = problemOf("induced", { points: LENGTH }, (inputs) => {
      for (let at = 0; at < LENGTH; at++) {
        const key = row(inputs.k, at);
        const norm = Math.hypot(...key);
        inputs.k.set(
          key.map((x) => x / norm),
          at * WIDTH,
        );
      }
      tensorNamed(inputs, "induced.points").set(inputs.k.map((x) => 1e5 * x));
    });
    expectClose(outputOf(problem), fullOf(problem), 1e-6);
  });

  it.each([0, 2])("gives every query one row with one point, at depth %i", (depth) => {
    const output = outputOf(problemOf("induced", { points: 1, depth }));
    expectClose(
      output,
      output.map(() => output[0]),
    );
  });

  it("is another function at every depth", () => {
    const [none, one, two] = [0, 1, 2].map((depth) => outputOf(problemOf("induced", { points: 4, depth })));
    expect(distance(one, none)).toBeGreaterThan(1e-3);
    expect(distance(two, one)).toBeGreaterThan(1e-4);
  });
});

describe("efficient", () => {
  it("is the mean of the values if all keys are equal", () => {
    const problem = problemOf("efficient", {}, ({ k }) => k.fill(0.5));
    const mean = meanOf(problem.inputs.v, 0, LENGTH);
    expectClose(
      outputOf(problem),
      outputOf(problem).map(() => mean),
    );
  });

  it("reads by one channel of the keys for a query that has no other", () => {
    const problem = problemOf("efficient", {}, ({ q }) => {
      q.fill(-1000);
      for (let at = 0; at < LENGTH; at++) q[at * WIDTH + 2] = 1000;
    });
    const { k, v } = problem.inputs;
    const weights = Array.from({ length: LENGTH }, (_, at) => Math.exp(row(k, at)[2]));
    const total = weights.reduce((sum, one) => sum + one, 0);
    const read = row(v, 0).map((_, i) =>
      weights.reduce((sum, one, at) => sum + (one / total) * row(v, at)[i], 0),
    );
    expectClose(
      outputOf(problem),
      outputOf(problem).map(() => read),
    );
  });
});

describe("lara", () => {
  it("is its definition, by hand", () => {
    const problem = problemOf("lara", { landmarks: 3 });
    const { q, k, v } = problem.inputs;
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    const samples = [0, 1, 2].map((c) => {
      const keys = meanOf(k, 8 * c, 8 * c + 8);
      return meanOf(q, 8 * c, 8 * c + 8).map((x, i) => x + keys[i]);
    });
    const phi = (mu: number[], x: number[]) => Math.exp((dot(mu, x) - dot(x, x) / 2) / Math.sqrt(WIDTH));
    const tokens = Array.from({ length: LENGTH }, (_, at) => at);
    const expected = tokens.map((at) => {
      const weights = samples.map(
        (mu) => phi(mu, row(q, at)) / samples.reduce((sum, other) => sum + phi(mu, other), 0),
      );
      const own = samples.map((mu, c) => weights[c] * tokens.reduce((sum, j) => sum + phi(mu, row(k, j)), 0));
      const total = own.reduce((sum, one) => sum + one, 0);
      return row(v, 0).map((_, i) => {
        const read = samples.map(
          (mu, c) => weights[c] * tokens.reduce((sum, j) => sum + phi(mu, row(k, j)) * row(v, j)[i], 0),
        );
        return read.reduce((sum, one) => sum + one, 0) / total;
      });
    });
    expectClose(outputOf(problem), expected);
  });

  it("does not depend on the order of keys within a segment", () => {
    const turned = ({ k, v }: AttentionInputs) => {
      for (const x of [k, v]) {
        const [a, b] = [row(x, 1), row(x, 5)];
        x.set(b, WIDTH);
        x.set(a, 5 * WIDTH);
      }
    };
    expectClose(
      outputOf(problemOf("lara", { landmarks: 3 }, turned)),
      outputOf(problemOf("lara", { landmarks: 3 })),
    );
  });
});

describe("clustered", () => {
  it("is full attention if all queries are equal, or each is a cluster of its own", () => {
    const equal = problemOf("clustered", { clusters: 3 }, ({ q }) => {
      for (let at = 0; at < LENGTH; at++) q.set(row(q, 0), at * WIDTH);
    });
    expectClose(outputOf(equal), fullOf(equal));
    const own = problemOf("clustered", { clusters: LENGTH, bits: 200 });
    expectClose(outputOf(own), fullOf(own));
  });

  it.each([LENGTH, 100])("is full attention with %i best keys", (keys) => {
    const problem = problemOf("clustered", { clusters: 3, keys });
    expectClose(outputOf(problem), fullOf(problem));
  });

  it("comes nearer to full attention with best keys than without", () => {
    const [plain, improved] = [0, 6].map((keys) => {
      const problem = problemOf("clustered", { clusters: 4, keys });
      return distance(outputOf(problem), fullOf(problem));
    });
    expect(improved).toBeLessThan(plain);
  });
});

describe("fewer tokens than summaries", () => {
  const small = [
    ["linformer", { features: 7 }],
    ["pooled", { ratio: 7 }],
    ["nystrom", { landmarks: 7 }],
    ["induced", { points: 7, depth: 1 }],
    ["efficient", {}],
    ["lara", { landmarks: 7 }],
    ["clustered", { clusters: 7, keys: 7 }],
  ] as const;

  it.each(small)("%s is finite, and one token is its value but for projections", (id, params) => {
    for (const length of [1, 2, 3]) {
      const problem = problemOf(id, { ...params }, undefined, { length });
      const output = outputOf(problem);
      expect(output.flat().every(Number.isFinite)).toBe(true);
      if (length === 1 && id !== "linformer") expectClose(output, [row(problem.inputs.v, 0)]);
    }
  });

  it.each(small)("%s takes more and fewer queries than keys, where it is defined", (id, params) => {
    for (const queries of [1, 2, 40]) {
      const { depth, ...others } = { depth: 0, ...params };
      const problem = problemOf(id, depth > 0 ? others : { ...params }, undefined, { queries });
      expect(outputOf(problem).flat().every(Number.isFinite)).toBe(true);
      expect(outputOf(problem).length).toBe(queries);
    }
  });
});

it("heads have weights of their own", () => {
  const { inputs } = problemOf("induced", { points: 2 }, undefined, { heads: 2 });
  const points = tensorNamed(inputs, "induced.points");
  const at = offsetIn({ batch: 1, heads: 2, rows: 2, width: WIDTH }, 0, 1, 0);
  expect(points.slice(0, at)).not.toEqual(points.slice(at));
});
