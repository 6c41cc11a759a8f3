import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../src/core/mechanism.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { LEARNED } from "../../src/mechanisms/synthesizer/declare.ts";
import { allowsCausal } from "../../src/mechanisms/why-undefined.ts";
import { checkTwin } from "../../src/training/check-twin.ts";
import { twinOf, whyNoTwin } from "../../src/training/twins/index.ts";
import type { Twin, TwinTask } from "../../src/training/twins/twin.ts";
import { withinModel } from "../../src/training/within-model.ts";
import { variants } from "../../variants/index.ts";
import { openArrays } from "./open-arrays.ts";
import { naming, TINY } from "./tiny-tasks.ts";

const arrays = await openArrays();
/** More tokens than a block of the twins has, and no multiple of it. */
const LENGTH = 36;

/** Parameters of which the usual ones are more than there are tokens here. */
const FEW = ["features", "keys", "landmarks", "block", "page", "pages", "chosen", "window"];
/** Pixels in a row of an image of so many tokens. */
const WIDTH = 6;

/** As a model calls it, over so few keys that a choice of some is one. */
function called(id: string): Mechanism {
  const variant = findVariant(variants, id);
  const few = Object.entries(variant.params).filter(
    ([name, { probe }]) => FEW.includes(name) && probe !== undefined,
  );
  const params = {
    ...Object.fromEntries(few.map(([name, { probe }]) => [name, probe])),
    ...("width" in variant.params && { width: WIDTH }),
  };
  return withinModel(parameterize(variant, params), builtInKinds);
}

function checked(mechanism: Mechanism, causal: boolean, make?: (of: typeof arrays, task: TwinTask) => Twin) {
  return checkTwin(
    arrays,
    { mechanism, task: { ...naming, length: LENGTH, causal }, model: TINY },
    builtInKinds,
    7,
    make,
  );
}

/** Forms that a parameter alone brings about. */
const IMPROVED = [
  ["clustered", { clusters: 4, bits: 16 }],
  ["clustered", { clusters: 4, bits: 16, keys: 5 }],
  ["synthesizer-random", { rank: 3 }],
  ["taylor", { project: 2 }],
].map(([id, params]) => ({
  id: `${id} ${JSON.stringify(params)}`,
  mechanism: parameterize(findVariant(variants, `${id}`), Object(params)).mechanism,
}));

describe("a dense twin gives what the references of its kind give, and so do its gradients", () => {
  const cases = variants
    .map(({ id }) => ({ id, mechanism: called(id) }))
    .filter(({ mechanism }) => whyNoTwin(mechanism) === null)
    .concat(IMPROVED)
    .flatMap(({ id, mechanism }) =>
      [true, false]
        .filter((causal) => allowsCausal(builtInKinds.judged({ mechanism }), causal))
        .map((causal) => ({ id, causal, title: `${id}${causal ? "" : ", not causal"}`, mechanism })),
    );
  it.each(cases)("$title", ({ mechanism, causal }) => {
    const { failure, agreement } = checked(mechanism, causal);
    expect(failure).toBeNull();
    expect(agreement?.output.rows).toBe(2 * TINY.heads * LENGTH);
    expect(agreement?.gradients).not.toBeNull();
  });
});

/** A task of another mechanism than it says. */
function changed(task: TwinTask, fields: object): TwinTask {
  return { ...task, mechanism: { ...task.mechanism, ...fields } };
}

describe("a dense twin that is broken is red before anything is trained", () => {
  const broken: Record<
    string,
    { id: string; make: (of: typeof arrays, task: TwinTask) => Twin; tells: RegExp }
  > = {
    "attention without its causal mask": {
      id: "full",
      make: (of, task) => twinOf(of, { ...task, causal: false }),
      tells: /^row 0 of batch 0, head \d, column \d: got/,
    },
    "linear attention without its causal mask": {
      id: "linear",
      make: (of, task) => twinOf(of, { ...task, causal: false }),
      tells: /got .* over budget/,
    },
    "attention without its scale": {
      id: "full",
      make: (of, task) => twinOf(of, changed(task, { scale: 1 })),
      tells: /got .* over budget/,
    },
    "a recurrence whose decay is another": {
      id: "retention",
      make: (of, task) => twinOf(of, changed(task, { decay: { form: "lightning" } })),
      tells: /got .* over budget/,
    },
    "a recurrence whose decay is left out": {
      id: "gated-delta",
      make: (of, task) => twinOf(of, changed(task, { decay: { form: "none" } })),
      tells: /got .* over budget/,
    },
    "a delta rule that erases nothing": {
      id: "delta",
      make: (of, task) => twinOf(of, changed(task, { erase: null })),
      tells: /got .* over budget/,
    },
    "a window that is one key wider": {
      id: "local",
      make: (of, task) => {
        const wider = parameterize(findVariant(variants, "local"), { window: 6 }).mechanism;
        return twinOf(of, { ...task, mechanism: wider });
      },
      tells: /got .* over budget/,
    },
    "a choice of one key too few": {
      id: "top-k",
      make: (of, task) =>
        twinOf(of, {
          ...task,
          mechanism: parameterize(findVariant(variants, "top-k"), { keys: 4 }).mechanism,
        }),
      tells: /must choose 5 keys/,
    },
    "a delta rule of channels that erases after its decay": {
      id: "rwkv7",
      make: (of, task) => twinOf(of, changed(task, { erase: "after-decay" })),
      tells: /got .* over budget/,
    },
    "a Synthesizer without its causal mask": {
      id: "synthesizer-dense",
      make: (of, task) => twinOf(of, { ...task, causal: false }),
      tells: /got .* over budget/,
    },
    "a Synthesizer whose logits have no gradient": {
      id: "synthesizer-random",
      make: (of, task) => {
        const twin = twinOf(of, task);
        return ({ named, ...inputs }) =>
          twin({ ...inputs, named: { [LEARNED.table]: named[LEARNED.table].stopped() } });
      },
      tells: /^dsynthesizer\.r, row/,
    },
    "a choice of one page too few": {
      id: "quest",
      make: (of, task) =>
        twinOf(of, {
          ...task,
          mechanism: parameterize(findVariant(variants, "quest"), { page: 4, pages: 2 }).mechanism,
        }),
      tells: /must choose 3 pages/,
    },
    "three softmaxes whose window is one key wider": {
      id: "nsa",
      make: (of, task) =>
        twinOf(of, changed(task, { rule: { id: "nsa", block: 4, chosen: 4, window: 7, seed: 0 } })),
      tells: /got .* over budget/,
    },
    "a convolution that sees a token ahead": {
      id: "conv-full",
      make: (of, task) => twinOf(of, { ...task, causal: false }),
      tells: /got .* over budget/,
    },
    "a cell that forgets nothing": {
      id: "min-gru",
      make: (of, task) => {
        const twin = twinOf(of, task);
        return (inputs) => twin({ ...inputs, k: inputs.k.mul(0) });
      },
      tells: /got .* over budget/,
    },
    "attention whose keys have no gradient": {
      id: "full",
      make: (of, task) => {
        const twin = twinOf(of, task);
        return (inputs) => twin({ ...inputs, k: inputs.k.stopped() });
      },
      tells: /^dk, row/,
    },
    "a delta rule whose rates have no gradient": {
      id: "delta",
      make: (of, task) => {
        const twin = twinOf(of, task);
        return ({ named, ...inputs }) => twin({ ...inputs, named: { beta: named.beta.stopped() } });
      },
      tells: /^dbeta, row/,
    },
  };
  it.each(Object.entries(broken))("%s", (_, { id, make, tells }) => {
    const local = parameterize(findVariant(variants, "local"), { window: 5 }).mechanism;
    const { failure, agreement } = checked(id === "local" ? local : called(id), true, make);
    expect(failure).toMatch(tells);
    expect(agreement).toBeNull();
  });
});
