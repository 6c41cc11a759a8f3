import { describe, expect, it } from "vitest";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { whyNotTrained } from "../../src/training/why-not.ts";
import { withinModel } from "../../src/training/within-model.ts";
import { variants } from "../../variants/index.ts";
import { copying, naming, sign } from "./tiny-tasks.ts";

function why(id: string, task = naming, params: Readonly<Record<string, unknown>> = {}): string | null {
  const mechanism = withinModel(parameterize(findVariant(variants, id), params), builtInKinds);
  return whyNotTrained(mechanism, task);
}

describe("a variant is trained on a task unless", () => {
  it("nothing is against it", () => {
    for (const id of ["full", "linear", "performer", "retention", "ssd", "kda", "top-k", "bigbird"]) {
      expect(why(id), id).toBeNull();
    }
    for (const id of ["full", "linear", "local"]) expect(why(id, copying), id).toBeNull();
  });

  it("it has no twin", () => {
    expect(why("lstm")).toBe("is of a kind of which no dense twin is written");
    expect(whyNotTrained({ kind: "mine" }, naming)).toBe("is of a kind of which no dense twin is written");
    expect(why("nsa")).toBe("chooses keys by the rule nsa, of which no twin is written");
  });

  it("it would learn more than every model has", () => {
    expect(why("additive")).toBe("makes its scores of vectors that it learns besides the model's");
    expect(why("t5-bias")).toBe("adds a table to its scores that it learns besides the model's");
    expect(why("taylor", naming, { project: 2 })).toBe(
      "would learn taylor.r besides what every model has, which makes them unlike",
    );
  });

  it("it is causal and the task is not, or the other way round", () => {
    expect(why("delta", sign)).toBe("is always causal, and tokens of this task see those after them");
    expect(why("neighbourhood")).toBe("has no causal form");
    expect(why("retention", copying)).toBe(
      "is always causal, and this task's answers attend all of its tokens",
    );
  });

  it("it attends no other sequence, and the answers must", () => {
    expect(why("top-k", copying)).toBe(
      "attends no tokens but its own, and this task's answers attend those of another sequence",
    );
  });

  it("it is not defined for its tokens", () => {
    expect(why("rope", { ...naming, usual: { ...naming.usual, width: 6 } })).toBe(
      "is not defined there: rope turns channels in pairs, and needs an even head dimension, got 3",
    );
  });
});

describe("a variant within a model", () => {
  it("is given the gates that it would make of its keys, a channel's where it has one a channel", () => {
    const called = (id: string) => withinModel(parameterize(findVariant(variants, id), {}), builtInKinds);
    expect(called("gated-delta")).toMatchObject({
      decay: { form: "given", per: "token" },
      write: { form: "given" },
    });
    expect(called("kda")).toMatchObject({
      decay: { form: "given", per: "channel" },
      write: { form: "given" },
    });
    expect(called("ssd")).toMatchObject({ decay: { form: "softplus" }, write: { form: "given-step" } });
    expect(called("retention")).toMatchObject({ decay: { form: "retention" }, write: { form: "one" } });
  });
});
