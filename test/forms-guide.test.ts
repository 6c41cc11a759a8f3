import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Parameter } from "../src/core/parameters.ts";
import { parameterize } from "../src/core/variant.ts";
import { isSoftmaxPattern } from "../src/mechanisms/softmax-pattern/declare.ts";
import { FORM_PARAMETERS, whyNotForms } from "../src/pairwise/forms.ts";
import { full } from "../variants/dense/full.ts";
import { commandHost } from "./commands/hosted.ts";
import { commandLines, readersFolder, root, takesLong, wordsOf } from "./readme-commands.ts";

const guide = readFileSync(join(root, "docs/forms.md"), "utf8");

/** Rows of its table: the form, how it is written, and the rest. */
const rows = [...guide.matchAll(/^\| (?:`(\w+)`)? ?\| `([^`]+)` \|/gm)].map(([, form, written]) => ({
  form,
  written,
}));

describe("docs/forms.md", () => {
  const hosted = commandHost(readersFolder());

  test.each(commandLines(guide).filter((line) => !takesLong(line)))("%s does what it says", async (line) => {
    const { code, stderr } = await hosted(wordsOf(line.replace(/--lengths \S+/, "--lengths 32,64")));
    expect(stderr).not.toMatch(/attnbench:|^\s+at /m);
    expect({ line, code }).toEqual({ line, code: 0 });
  });

  test("has every form, written as the command line takes it", () => {
    const written: Record<string, string[]> = {};
    let current = "";
    for (const { form, written: text } of rows) {
      current = form ?? current;
      written[current] = [...(written[current] ?? []), text.split("[")[0].split(":")[0]];
    }
    const known = Object.entries(FORM_PARAMETERS).map(([name, form]) => [name, namesIn(form)]);
    expect(Object.fromEntries(known)).toEqual(
      Object.fromEntries(Object.entries(written).map(([name, texts]) => [name, new Set(["none", ...texts])])),
    );
  });
});

/** The names in a rule such as `none, alibi, t5[:buckets] or window:width`. */
function namesIn(form: Parameter): Set<string> {
  const rule = "rule" in form ? form.rule.replace(/:interleaved or half/, "") : "";
  return new Set(rule.split(/, | or /).map((text) => text.split(/[[:]/)[0]));
}

test("a form that is none is no part of a variant's parameters, and others are in the order of the forms", () => {
  expect(parameterize(full, { normaliser: "relu:0", bias: "none", score: "none" }).params).toEqual({
    normaliser: "relu:0",
  });
  const { params, mechanism } = parameterize(full, { turn: "rope:half", bias: "alibi", score: "gat:3:0.5" });
  expect(Object.keys(params)).toEqual(["score", "bias", "turn"]);
  expect(isSoftmaxPattern(mechanism) && mechanism.score).toEqual({ kind: "split", seed: 3, slope: 0.5 });
  expect(whyNotForms(mechanism, ["score", "turn"])).toBe("it computes no bias");
});
