import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { whyNoTwin } from "../../src/training/twins/index.ts";
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
    for (const id of [
      ...[
        "full",
        "linear",
        "performer",
        "retention",
        "ssd",
        "kda",
        "rwkv7",
        "top-k",
        "quest",
        "nsa",
        "bigbird",
      ],
      ...["synthesizer-random", "synthesizer-dense", "conv-full", "fc-window", "lstm", "min-gru"],
    ]) {
      expect(why(id), id).toBeNull();
    }
    for (const id of ["full", "linear", "local"]) expect(why(id, copying), id).toBeNull();
    for (const id of ["nystrom", "efficient", "fnet", "sinkhorn", "clustered", "linformer", "induced"])
      expect(why(id, sign), id).toBeNull();
  });

  it("it has no twin", () => {
    expect(why("detr-cross")).toBe("is of a kind of which no dense twin is written");
    expect(whyNotTrained({ kind: "mine" }, naming)).toBe("is of a kind of which no dense twin is written");
    expect(why("reformer")).toBe("chooses keys by the rule reformer, of which no twin is written");
    expect(why("routing", sign)).toBe("chooses keys by the rule routing, of which no twin is written");
    expect(why("additive")).toBe("makes its scores of learned vectors, of which no twin is written");
    expect(why("t5-bias")).toBe("adds a learned table to its scores, of which no twin is written");
    expect(why("aft-full")).toBe("adds learned biases to its keys, of which no twin is written");
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

test("the guide lists every variant without a twin, and no other", () => {
  const guide = readFileSync(`${import.meta.dirname}/../../docs/tasks.md`, "utf8");
  const [, table = ""] = /<!-- twins -->(.*)<!-- \/twins -->/s.exec(guide) ?? [];
  const listed = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, names]) => names.match(/[\w-]+/g) ?? []);
  const without = variants
    .filter((one) => whyNoTwin(withinModel(parameterize(one, {}), builtInKinds)) !== null)
    .map(({ id }) => id);
  expect(listed.sort()).toEqual(without.sort());
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
