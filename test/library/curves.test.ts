import { describe, expect, test } from "vitest";
import { plan } from "../../src/index.ts";
import { alongCurves, curveWords, namedWithCurves, parseCurves } from "../../src/library/curves.ts";
import { chooseVariants } from "../../src/library/settings.ts";
import { variants } from "../../variants/index.ts";

const valuesOf = (text: string) => parseCurves(variants, [text])[0].values;

describe("the values of a curve", () => {
  test.each([
    ["a range doubles as long as it does not pass its end", "local.window=16..100", [16, 32, 64]],
    ["with its end where doubling meets it", "local.window=16..1k", [16, 32, 64, 128, 256, 512, 1024]],
    [
      "a range of points is even in logarithms, rounded for integers",
      "local.window=16..1024:5",
      [16, 45, 128, 362, 1024],
    ],
    ["points that round to the same integer are one", "local.window=1..4:8", [1, 2, 3, 4]],
    ["a list is as it is, sorted, each value once", "local.window=256,16,64,16", [16, 64, 256]],
    ["a list may hold ranges, and zero", "bigbird.random=0,1..8,6", [0, 1, 2, 4, 6, 8]],
    [
      "numbers that are no integers keep three digits between the ends",
      "rope.base=0.125..8:4",
      [0.125, 0.5, 2, 8],
    ],
    ["and may be below zero", "sigmoid-attention.bias=-2,-0.5,1", [-2, -0.5, 1]],
    ["k is 1024, M its square", "local.window=1k,1M", [1024, 1048576]],
  ] as const)("%s", (_, text, values) => {
    expect(valuesOf(text)).toEqual(values);
  });

  test("go by the id of a variant that is named by an alias", () => {
    expect(parseCurves(variants, ["truncated.window=1..4"])[0].variant.id).toBe("local");
  });

  test("are the same as values of a program", () => {
    expect(curveWords({ bigbird: { random: [1, 4] }, local: { window: [2, 3] } })).toEqual([
      "bigbird.random=1,4",
      "local.window=2,3",
    ]);
    expect(curveWords("local.window=1..4")).toEqual(["local.window=1..4"]);
    expect(curveWords()).toEqual([]);
  });
});

describe("a curve in a plan", () => {
  const casesOf = (options: Parameters<typeof plan>[0]) =>
    plan({ lengths: [32], kernel: "wasm", ...options }).then(({ cases }) => cases.map((one) => one.case));

  test("is its variant once for each value, as --set would make it, beside full alone", async () => {
    const cases = await casesOf({ curve: ["local.window=2..8"] });
    expect(cases).toHaveLength(4);
    expect(cases[0]).toMatch(/^full\//);
    for (const [index, window] of [2, 4, 8].entries()) {
      const [set] = await casesOf({ variants: "local", set: { local: { window } } });
      expect(cases[index + 1]).toBe(set);
    }
  });

  test("is in the run whatever variants are named, once", async () => {
    const ids = async (named: string) =>
      (await casesOf({ variants: named, curve: { local: { window: [2, 4] } } })).map(
        (one) => one.split(/[(/]/)[0],
      );
    expect(await ids("linear")).toEqual(["linear", "local", "local"]);
    expect(await ids("local,linear")).toEqual(["local", "local", "linear"]);
    expect(namedWithCurves("linear", [])).toBe("linear");
    expect(namedWithCurves(undefined, [])).toBeUndefined();
  });

  test("keeps what else is set, and takes the values of other variants for their own curves", async () => {
    const cases = await casesOf({
      set: ["bigbird.block=4"],
      curve: ["bigbird.random=1..2", "local.window=2..4"],
    });
    expect(cases.filter((one) => one.startsWith("bigbird(block=4,"))).toHaveLength(2);
    expect(cases.filter((one) => one.startsWith("local("))).toHaveLength(2);
  });

  test("steps, where tokens are decoded", async () => {
    const cases = await casesOf({ mode: "decode", curve: ["local.window=2..4"] });
    expect(cases.filter((one) => one.startsWith("local(") && one.endsWith("/decode"))).toHaveLength(2);
  });
});

describe("a curve that makes no sense is refused in one line", () => {
  test.each([
    ["nope.window=1..4", /^unknown variant 'nope'; expected one of rope, /],
    ["local.windw=1..4", /^unknown parameter of local 'windw'; expected one of window/],
    ["local.window=4..1", /^--curve local.window=4..1: a range must not run backwards, got 4..1$/],
    [
      "local.window=0..4",
      /a range must begin above 0, since it multiplies, got 0..4; write a list such as 0,1,2,4$/,
    ],
    ["local.window=16..16", /must have two values or more, got 16; for one use --set$/],
    ["local.window=16", /must have two values or more, got 16; for one use --set$/],
    ["local.window=1..1024:1", /must have two points or more, got 1/],
    ["local.window=1..1024:99999", /must have at most 64 values/],
    ["rope.base=1..1e300", /must have at most 64 values/],
    [`local.window=${Array.from({ length: 65 }, (_, at) => at)}`, /must have at most 64 values/],
    ["local.window=16,,3", /values must be numbers or ranges, got ''; write a range such as/],
    ["local.window=8:3", /values must be numbers or ranges, got '8:3'/],
    ["local.window=1..2..3", /values must be numbers or ranges/],
    ["local.window=one..two", /values must be numbers or ranges/],
    ["local.window=none,4", /values must be numbers or ranges, got 'none'/],
    ["local.window=", /^--curve: must be variant.parameter=values such as local.window=16..1024, got/],
    ["local.window", /^--curve: must be variant.parameter=values/],
    ["window=1..4", /^--curve: must be variant.parameter=values/],
    ["longnet.scales=1..4", /longnet.scales is no number, and has no curve; set it with --set$/],
    ["local.bias=1..4", /local.bias is no number/],
  ])("%s", (text, says) => {
    expect(() => parseCurves(variants, [text])).toThrow(says);
  });

  const along = (text: string, settings: readonly string[] = []) =>
    alongCurves(chooseVariants(variants, "local", settings), parseCurves(variants, [text]));

  test("so is a value that its parameter does not take", () => {
    expect(() => along("local.window=-4,4")).toThrow(
      "--curve local.window=-4,4: local.window must be an integer of at least 0 (keys on each side), got -4",
    );
    expect(() => along("local.window=1.5..6")).toThrow(/must be an integer .*, got 1.5$/);
  });

  test("so is a parameter that is also set, and a second curve of one variant", () => {
    expect(() => along("local.window=1..4", ["local.window=8"])).toThrow(
      "--curve local.window=1..4: local.window is also set by --set; omit one of them",
    );
    for (const other of ["local.window=1..4", "truncated.left=1..8"]) {
      expect(() => parseCurves(variants, ["local.window=1..4", other])).toThrow(
        /a variant has one curve in a run, got local.window before; run the other by itself$/,
      );
    }
  });
});
