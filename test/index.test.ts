import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as surface from "../src/index.ts";

test("the public surface gives these values, and no others", () => {
  expect(Object.keys(surface).sort()).toEqual([
    "FailureError",
    "GUARD",
    "UsageError",
    "axisCells",
    "axisWindow",
    "band",
    "bindHeads",
    "blockBand",
    "byHead",
    "causal",
    "check",
    "choice",
    "choiceSpecs",
    "columns",
    "comb",
    "compare",
    "compileDecode",
    "compileSchedule",
    "declareVariant",
    "drawnEdges",
    "edges",
    "elementCount",
    "everything",
    "externalKernel",
    "featureMap",
    "firstTokens",
    "flag",
    "gate",
    "globalBlocks",
    "globalTokens",
    "grid",
    "guardedOutput",
    "int",
    "isFeatureMap",
    "isSelection",
    "isSoftmaxPattern",
    "kvHeadOf",
    "layoutOf",
    "ofImage",
    "offsetIn",
    "optionalInt",
    "plan",
    "powersOfTwo",
    "randomBlocks",
    "readResults",
    "real",
    "report",
    "rowOffset",
    "run",
    "scaleOf",
    "segments",
    "selection",
    "serveKernels",
    "simpleKernel",
    "simpleKind",
    "softmaxPattern",
    "text",
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
      .filter((name) => name !== "")
      .filter((name) => all !== undefined || name.startsWith("type "))
      .map((name) => name.replace("type ", "")),
  );
  expect(types.sort()).toEqual([
    "AttentionInputs",
    "Axis",
    "BoundPattern",
    "CallParts",
    "CaseLine",
    "CaseRow",
    "CheckOptions",
    "CheckResult",
    "Choice",
    "ChoiceSpec",
    "ChoiceSpecs",
    "CompareOptions",
    "Comparison",
    "Declaration",
    "DecodeKernel",
    "DecodeSchedule",
    "Dtype",
    "ExternalKernel",
    "Feature",
    "FeatureMap",
    "GateOptions",
    "HeadProblem",
    "Intervals",
    "Kernel",
    "Kind",
    "Layout",
    "ListedPattern",
    "Mechanism",
    "NamedInputs",
    "OwnTime",
    "Parameter",
    "Pattern",
    "PatternContext",
    "Plan",
    "PlanChoices",
    "PlanOptions",
    "PluginExports",
    "Problem",
    "Quantity",
    "ReadRun",
    "ReportOptions",
    "ResultLine",
    "ResultsSource",
    "RoundLine",
    "Rule",
    "RunLine",
    "RunOptions",
    "Runnable",
    "Schedule",
    "Selection",
    "ServedCall",
    "ServedCase",
    "ServedKernel",
    "ServedParts",
    "ServedProgram",
    "ServedRun",
    "Shape",
    "ShapeFreedom",
    "SimpleKind",
    "SoftmaxPattern",
    "Stepper",
    "TableRow",
    "Task",
    "TensorSpec",
    "TensorSpecs",
    "TileSizes",
    "Token",
    "Variant",
  ]);
});

test("everything that the public surface gives says what it is", () => {
  const surface = new URL("../src/index.ts", import.meta.url);
  const lists = [...readFileSync(surface, "utf8").matchAll(/^export (?:type )?\{([^}]*)\} from "(.*)";$/gm)];
  expect(lists.length).toBeGreaterThan(20);
  for (const [, names, from] of lists) {
    const source = readFileSync(new URL(from, surface), "utf8");
    const given = names.split(",").map((one) => one.trim().replace("type ", ""));
    for (const name of given.filter(Boolean)) {
      const declared = `export (?:async )?(?:function\\*?|class|const|interface|type) ${name}\\b`;
      expect(source, `${name} in ${from}`).toMatch(new RegExp(`\\*/\n${declared}`));
    }
  }
});
