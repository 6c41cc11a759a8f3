import { describe, expect, test } from "vitest";
import { choice, flag, int } from "../../src/core/parameters.ts";
import type { Variant } from "../../src/core/variant.ts";
import { chooseVariants } from "../../src/library/settings.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { band } from "../../src/pattern/band.ts";
import { variants } from "../../variants/index.ts";

function variant(id: string, tags?: readonly string[]): Variant {
  return softmaxPattern({
    id,
    title: id,
    source: "here",
    ...(tags && { tags }),
    params: {
      mode: choice(["union", "heads"], { meaning: "how parts are joined" }),
      wide: flag(false, { meaning: "whether it is wide" }),
      window: int(3, { unit: "keys", meaning: "reach" }),
    },
    pattern: ({ mode, wide, window }) => band(wide ? 2 * window : window, mode === "heads" ? 0 : window),
    exponent: () => 1,
  });
}

const known = [...variants, variant("mine"), variant("odd", ["sparse", "odd"])];
const idsOf = (named: string | undefined) => chooseVariants(known, named, []).map((one) => one.variant.id);

describe("variants", () => {
  test("that nobody names are those of the core and those without a tag", () => {
    const core = variants.filter(({ tags }) => tags.includes("core")).map(({ id }) => id);
    expect(idsOf(undefined)).toEqual([...core, "mine"]);
  });

  test("are chosen by a tag, each once, beside names", () => {
    const tagged = variants.filter(({ tags }) => tags.includes("sparse")).map(({ id }) => id);
    expect(tagged).toContain("local");
    expect(idsOf("full, @sparse,local")).toEqual(["full", ...tagged, "odd"]);
    expect(idsOf("@lra")).toEqual(variants.filter(({ tags }) => tags.includes("lra")).map(({ id }) => id));
  });

  test("of a tag that nobody has are refused, and the tags that there are are listed", () => {
    expect(() => idsOf("@sprase")).toThrow(/unknown tag '@sprase'.*@sparse/);
    expect(() => idsOf("@")).toThrow(/unknown tag '@'/);
  });
});

describe("a setting", () => {
  const set = (...settings: string[]) => chooseVariants(known, "mine", settings)[0].overrides;

  test("is one of a few words, or true or false, or a number, as the parameter declares", () => {
    expect(set("mode=heads", "wide=true", "window=7")).toEqual({ mode: "heads", wide: true, window: 7 });
  });

  test("of a text goes by its form, commas and colons included", () => {
    const scales = (text: string) => chooseVariants(known, "longnet", [`scales=${text}`])[0].overrides;
    expect(scales("4:1,8:2")).toEqual({ scales: "4:1,8:2" });
    expect(() => scales("4-1")).toThrow(
      "--set scales=4-1: the value must be pairs of tokens and stride, such as 4:1,8:2, got '4-1'",
    );
  });

  test("that is no choice is refused, and the choices are listed", () => {
    expect(() => set("mode=head")).toThrow(/--set mode=head: the value must be union or heads, got 'head'/);
    expect(() => set("wide=2")).toThrow(/the value must be false or true, got '2'/);
    expect(() => set("wide=1")).not.toThrow();
    expect(() => set("window=heads")).toThrow(/the value must be a number or none, got 'heads'/);
    expect(() => set("mode=none")).toThrow(/must be union or heads, got 'none'/);
  });
});

test("choices are words that are safe wherever they are shown", () => {
  expect(() => choice(["<b>"], { meaning: "markup" })).toThrow(/choice: must be lower-case words/);
});
