import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { findVariant, parameterize } from "../../../src/core/variant.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import type { Tensor } from "../../../src/training/arrays/tensor.ts";
import { twinOf } from "../../../src/training/twins/index.ts";
import { withinModel } from "../../../src/training/within-model.ts";
import { variants } from "../../../variants/index.ts";
import { fixtures } from "../fixtures.ts";
import { openArrays } from "../open-arrays.ts";
import { relativeDistance, SAME } from "../relative-distance.ts";

interface Case {
  readonly case: string;
  readonly variant: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly causal: boolean;
  /** Inputs besides q, k and v; what follows a dot says which of several an input is. */
  readonly named: readonly string[];
}

const arrays = await openArrays();
const known = fixtures("attention");
const [batch, heads, length, headDim] = known.tensor("q").shape;

/** As the mechanism calls an input: the fixtures hold gates of tokens and of channels. */
const nameOf = (stored: string): string => stored.replace(".channels", "");

describe("dense twins give what PyTorch's autograd gives in float64", () => {
  it.each(known.told<readonly Case[]>("cases"))("$case", ({ case: of, variant, params, causal, named }) => {
    const mechanism = withinModel(parameterize(findVariant(variants, variant), params), builtInKinds);
    const twin = twinOf(arrays, { mechanism, causal, shape: shapeOf({ batch, heads, length, headDim }) });
    const stored = ["q", "k", "v", ...named];
    const gradients = known.names.filter((name) => name.startsWith(`${of}/d`));
    const program = arrays.program(([dout, ...given]) => {
      const call = (some: readonly Tensor[]): Tensor => {
        const all = Object.fromEntries(stored.map((name, at) => [nameOf(name), some[at]]));
        return twin({ q: all.q, k: all.k, v: all.v, named: all });
      };
      const { gradients: found } = arrays.withGradients((at) => call(at).mul(dout).total(), given);
      return [call(given), ...gradients.map((name) => found[stored.indexOf(name.slice(of.length + 2))])];
    });
    const tensorOf = (name: string): Tensor => {
      const { shape, values } = known.tensor(name);
      return arrays.tensor(values, ...shape);
    };
    const [output, ...found] = program(["dout", ...stored].map(tensorOf)).map((made) => made.numbers());
    expect(gradients).toContain(`${of}/dv`);
    const distances = [`${of}/out`, ...gradients].map((name, at) => [
      name.slice(of.length + 1),
      relativeDistance([output, ...found][at], known.tensor(name).values),
    ]);
    for (const [name, distance] of distances) expect(distance, `${name}`).toBeLessThan(SAME);
  });
});
