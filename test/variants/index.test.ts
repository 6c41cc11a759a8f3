import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError, unknownName } from "../../src/core/errors.ts";
import { ANY_NUMBER, type Parameter, type ParameterValue } from "../../src/core/parameters.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { causal } from "../../src/pattern/causal.ts";
import { variants } from "../../variants/index.ts";
import { bindVariant, patternOf } from "./bound-variant.ts";

const softmax = variants.filter((variant) => isSoftmaxPattern(parameterize(variant, {}).mechanism));
const everyParameter = variants.flatMap((variant) =>
  Object.entries(variant.params).map(([name, parameter]) => ({ variant, name, parameter })),
);
const everyNumber = everyParameter.flatMap(({ parameter, ...one }) =>
  "least" in parameter ? [{ ...one, parameter }] : [],
);
const thrownBy = (run: () => unknown): Error => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof Error) return thrown;
  }
  throw new TypeError("nothing was thrown");
};

/** The rows of table 1 of Tay et al. 2020, arXiv 2011.04006. */
const ARENA = [
  "Transformer",
  "Local Attention",
  "Sparse Trans.",
  "Longformer",
  "Linformer",
  "Reformer",
  "Sinkhorn Trans.",
  "Synthesizer",
  "BigBird",
  "Linear Trans.",
  "Performer",
];

describe("the built-in variants", () => {
  it("have the seven that are usually compared as their core, in the order in which they are listed", () => {
    const core = variants.filter(({ tags }) => tags.includes("core"));
    expect(core.map((variant) => variant.id)).toEqual([
      "full",
      "local",
      "stride",
      "global",
      "longformer",
      "bigbird",
      "linear",
    ]);
  });

  it("have Long Range Arena's models under one tag, each once, by the names of that paper", () => {
    const models = variants.filter(({ tags }) => tags.includes("lra")).map(({ arena }) => arena);
    expect(models).toEqual(variants.flatMap(({ arena = [] }) => arena));
    expect(models).toContain("Transformer");
    expect(new Set(models).size).toBe(models.length);
    for (const model of models) expect(ARENA).toContain(model);
  });

  it("share no id and no alias", () => {
    const names = variants.flatMap((variant) => [variant.id, ...variant.aliases]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("each name a title, a paper, and a unit and meaning for every parameter", () => {
    for (const { title, source } of variants) {
      expect(title).not.toBe("");
      expect(source).toMatch(/arXiv \d{4}\.\d{4,5}/);
    }
    for (const { parameter } of everyParameter) {
      expect(parameter.unit).not.toBe("");
      expect(parameter.meaning).not.toBe("");
    }
  });

  it("each have a line of their own that says what they do, unlike that of any other", () => {
    const summaries = variants.map(({ summary }) => summary);
    for (const { id, title, summary } of variants) expect(summary, `summary of ${id}`).not.toBe(title);
    expect(new Set(summaries).size).toBe(summaries.length);
  });

  it("are of the family in whose folder they are declared, and families stay together", () => {
    for (const { id, family } of variants) {
      expect(existsSync(new URL(`../../variants/${family?.id}/${id}.ts`, import.meta.url)), id).toBe(true);
    }
    const families = variants.map(({ family }) => family);
    expect(families.filter((family, at) => family !== families[at - 1])).toEqual([...new Set(families)]);
  });

  it("are found by id and by every alias", () => {
    for (const variant of variants) {
      for (const name of [variant.id, ...variant.aliases]) expect(findVariant(variants, name)).toBe(variant);
    }
    expect(findVariant(variants, "truncated").id).toBe("local");
    expect(findVariant(variants, "strided").id).toBe("stride");
  });

  it("are not found by anything else: the error lists those most like it", () => {
    for (const name of ["lokal", "Local", "", "constructor", "__proto__", "local "]) {
      expect(() => findVariant(variants, name)).toThrow(
        unknownName(
          "variant",
          name,
          variants.map(({ id }) => id),
        ),
      );
    }
    expect(() => findVariant(variants, "lokal")).toThrow(/expected one of local, .* and \d+ more$/);
    expect(thrownBy(() => findVariant(variants, "a\nb\u202e")).message).toMatch(
      /^unknown variant 'a\\u\{a\}b\\u\{202e\}'/,
    );
  });
});

describe("the parameters of the built-in variants", () => {
  it("take their defaults, and probes among what they allow", () => {
    for (const variant of variants) {
      const probes = Object.entries(variant.params).map(([name, { probe }]) => [name, probe] as const);
      expect(parameterize(variant, {}).params).toEqual(
        Object.fromEntries(Object.entries(variant.params).map(([name, { default: value }]) => [name, value])),
      );
      expect(parameterize(variant, Object.fromEntries(probes)).params).toEqual(Object.fromEntries(probes));
    }
  });

  it("are refused under an unknown name, with the known ones", () => {
    for (const variant of variants) {
      for (const name of ["windwo", "constructor", "__proto__", "Window"]) {
        const known = [...Object.keys(variant.params), ...Object.keys(variant.forms ?? {})];
        const { message } = thrownBy(() => parameterize(variant, Object.fromEntries([[name, 3]])));
        expect(message).toBe(
          known.length > 0
            ? `unknown parameter of ${variant.id} '${name}'; expected one of ${known.join(", ")}`
            : `unknown parameter of ${variant.id} '${name}'; ${variant.id} has no parameters`,
        );
      }
    }
  });

  it("refuse every value that is no number in range, in one line that says the rule and the value", () => {
    const never = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -1,
      1e300,
      "3",
      "",
      true,
      undefined,
    ];
    const values: readonly unknown[] = [...never, [], [3], {}, 3n, Symbol("three"), "a\nb", () => 3];
    for (const { variant, name, parameter } of everyNumber) {
      const any = parameter.least === ANY_NUMBER;
      const bad = [...values.filter((value) => !(any && value === -1)), parameter.least - 1];
      if (parameter.most !== undefined) bad.push(parameter.most + 1);
      if (parameter.integer) bad.push(1.5, parameter.least + 2 ** -40);
      if (!parameter.optional) bad.push(null);
      for (const value of bad) {
        const error = thrownBy(() => parameterize(variant, { [name]: value }));
        expect(error).toBeInstanceOf(UsageError);
        const kind = parameter.integer ? "an integer" : "a number";
        const rule = `${variant.id}.${name} must be ${kind}${rangeOf(parameter, any)} (${parameter.unit})`;
        expect(error.message.startsWith(rule)).toBe(true);
        expect(error.message).toMatch(/, got /);
        expect(error.message).not.toMatch(/[\r\n]/);
      }
    }
  });

  it("accept the least value and none where they are optional", () => {
    for (const { variant, name, parameter } of everyNumber) {
      // Beside the probes of the others, which leave room for it.
      const probes = Object.entries(variant.params).map(([other, { probe }]) => [other, probe]);
      const overrides = { ...Object.fromEntries(probes), [name]: parameter.least };
      expect(parameterize(variant, overrides).params[name]).toBe(parameter.least);
      if (parameter.optional) expect(parameterize(variant, { [name]: null }).params[name]).toBeNull();
    }
  });

  it("make the pattern full at the value that says so, whatever the length and head", () => {
    const laws = everyParameter.flatMap(({ variant, name, parameter: { fullAt } }) =>
      fullAt === undefined || !softmax.includes(variant) ? [] : [{ variant, name, fullAt }],
    );
    const ids = new Set(laws.map(({ variant }) => variant.id));
    for (const id of ["local", "stride", "global", "longformer", "bigbird"]) expect(ids).toContain(id);
    /** The other parameters at their defaults, their probes, or the least size that they may have. */
    const others = fc.constantFrom<(parameter: Parameter) => ParameterValue>(
      (parameter) => parameter.default,
      (parameter) => parameter.probe,
      (parameter) => ("least" in parameter && parameter.least > 0 ? parameter.least : parameter.default),
    );
    const cases = fc.record({ law: fc.constantFrom(...laws), length: fc.integer({ min: 1, max: 200 }) });
    fc.assert(
      fc.property(cases, fc.nat(3), others, ({ law: { variant, name, fullAt }, length }, head, rest) => {
        const values = Object.entries(variant.params).map(
          ([key, parameter]) => [key, rest(parameter)] as const,
        );
        const set = Object.fromEntries(values);
        const widest = fullAt(length, set);
        fc.pre(widest !== undefined);
        const overrides = { ...set, [name]: widest };
        const bound = bindVariant(variant, overrides, length, head);
        expect(bound.pairs()).toBe(length * length);
        for (const query of [0, length >> 1, length - 1]) expect(bound.intervals(query)).toEqual([0, length]);
      }),
      { numRuns: 300 },
    );
  });

  it("leave every pattern but the full one sparse at the probes, at a few dozen tokens", () => {
    for (const variant of softmax.filter((one) => patternOf(one).role !== "full")) {
      const probes = Object.fromEntries(
        Object.entries(variant.params).map(([name, { probe }]) => [name, probe]),
      );
      expect(bindVariant(variant, probes, 64).pairs()).toBeLessThan(64 * 64);
    }
  });
});

describe("the declared exponent", () => {
  it.each(softmax)("of $id is the growth of its pair count from 2^19 to 2^20 tokens", (variant) => {
    const pattern = patternOf(variant);
    const pairs = (length: number): number => pattern.bind({ length, head: 0 }).pairs();
    const slope = Math.log2(pairs(2 ** 20) / pairs(2 ** 19));
    expect(slope).toBeCloseTo(parameterize(variant, {}).exponentAt(2 ** 19.5), 1);
  });

  it("holds without a stride, and under a causal cut, too", () => {
    for (const id of ["longformer", "bigbird"]) {
      const variant = findVariant(variants, id);
      const overrides = { stride: 0 };
      const pattern = causal(patternOf(variant, overrides));
      const pairs = (length: number): number => pattern.bind({ length, head: 0 }).pairs();
      expect(Math.round(Math.log2(pairs(2 ** 16) / pairs(2 ** 15)))).toBe(1);
      expect(parameterize(variant, overrides).exponent).toBe(1);
    }
    expect(parameterize(findVariant(variants, "bigbird"), { stride: 64 }).exponent).toBe(2);
    expect(parameterize(findVariant(variants, "stride"), { reach: 512 }).exponent).toBe(1);
  });
});

/** The range that a message names. */
function rangeOf({ least, most }: { readonly least: number; readonly most?: number }, any: boolean): string {
  if (most !== undefined) return ` from ${least} to ${most}`;
  if (any) return "";
  return least === Number.MIN_VALUE ? " above 0" : ` of at least ${least}`;
}
