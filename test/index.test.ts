import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as surface from "../src/index.ts";

test("the public surface gives these values, and no others", () => {
  expect(Object.keys(surface).sort()).toEqual([
    "GUARD",
    "band",
    "bindHeads",
    "blockBand",
    "causal",
    "comb",
    "compileDecode",
    "compileSchedule",
    "declareVariant",
    "elementCount",
    "everything",
    "featureMap",
    "globalBlocks",
    "globalTokens",
    "guardedOutput",
    "int",
    "isFeatureMap",
    "isSoftmaxPattern",
    "optionalInt",
    "randomBlocks",
    "real",
    "rowOffset",
    "scaleOf",
    "simpleKernel",
    "simpleKind",
    "softmaxPattern",
    "union",
  ]);
});

test("the public surface gives these types, and no others", () => {
  const source = readFileSync(new URL("../src/index.ts", import.meta.url), "utf8");
  const lists = [...source.matchAll(/^export (type )?\{([^}]*)\}/gm)];
  const types = lists.flatMap(([, all, names]) =>
    names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => all !== undefined || name.startsWith("type "))
      .map((name) => name.replace("type ", "")),
  );
  expect(types.sort()).toEqual([
    "AttentionInputs",
    "BoundPattern",
    "Declaration",
    "DecodeKernel",
    "DecodeSchedule",
    "FeatureMap",
    "HeadProblem",
    "Intervals",
    "Kernel",
    "Kind",
    "Mechanism",
    "Parameter",
    "Pattern",
    "PatternContext",
    "Problem",
    "Runnable",
    "Schedule",
    "Shape",
    "SimpleKind",
    "SoftmaxPattern",
    "Stepper",
    "Task",
    "TileSizes",
    "Token",
    "Variant",
  ]);
});
