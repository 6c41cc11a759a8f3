import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { calibrateOptions, gateOptions } from "../src/commands/words/options.ts";
import { calibrationOf } from "../src/gate/judge/calibration.ts";
import { readBlocks } from "../src/record/read-blocks.ts";
import { blocksLine } from "../src/record/schema/block-lines.ts";
import { environment } from "../src/record/schema/result-lines.ts";
import { COMPARISON_FORMATS } from "../src/report/comparison/formats.ts";
import { blocksFor, detectableEffect } from "../src/stats/two-stage-power.ts";
import { GATE_RULE } from "../src/stats/two-stage-rule.ts";
import { formatPercent } from "../src/text/format.ts";
import { scratchFolder } from "./input/scratch-folder.ts";

const root = resolve(import.meta.dirname, "..");
const guide = readFileSync(join(root, "docs/gate.md"), "utf8");

/** What stands between two comments of the guide. */
function between(name: string): string {
  return guide.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0]?.trim() ?? "";
}

function code(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, body]) => body);
}

/** A cell that is slower is sent on by its median and by its mean. */
const HYPOTHESES = 2;

/** What noise of blocks leaves to be seen, by the project's own functions. */
function blocksTable(): string {
  const rule32 = { ...GATE_RULE, stage2Blocks: 32 };
  const rows = [0.003, 0.005, 0.01, 0.02, 0.03, 0.04].map((deviation) => [
    formatPercent(deviation),
    ...[
      detectableEffect(deviation, HYPOTHESES),
      detectableEffect(deviation, 10 * HYPOTHESES),
      detectableEffect(deviation, HYPOTHESES, rule32),
    ].map((effect) => formatPercent(effect)),
    ...[0.04, 0.05, 0.1].map((effect) => `${blocksFor(effect, deviation, HYPOTHESES) ?? "–"}`),
  ]);
  const heads = [
    "block deviation",
    "seen from, 16 blocks",
    "with 10 cells sent on",
    "with 32 blocks",
    "blocks for 4 %",
    "for 5 %",
    "for 10 %",
  ];
  return [heads, heads.map(() => "---:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

describe("docs/gate.md", () => {
  test("tells the blocks that the rule needs", () => {
    expect(between("blocks")).toBe(blocksTable());
  });

  test("tells the rule's own numbers", () => {
    const { stage1Blocks, stage2Blocks, routeAbove, floor, least, margin, ungatedAbove, alpha } = GATE_RULE;
    for (const words of [
      `Stage 1, ${stage1Blocks} blocks of all cells, only sends on those that are more than ${formatPercent(routeAbove)} off`,
      `Stage 2, ${stage2Blocks} fresh blocks`,
      `bound at ${alpha}/*k*, for *k* medians and means sent on, exceeds ${formatPercent(floor)}, the mean is at least ${formatPercent(least)}`,
      `median is at least ${formatPercent(least)} slower, surely more than ${formatPercent(floor)}`,
      `a change of ${formatPercent(margin)} either way is ruled out`,
      `a slow-down of ${formatPercent(ungatedAbove)} would not be seen`,
    ]) {
      expect(guide).toContain(words);
    }
  });

  const lines = code(guide, "sh").flatMap((block) => block.split("\n"));
  const commands = lines.flatMap((line) => /npx attnbench (gate|calibrate) .*/.exec(line)?.slice(0, 2) ?? []);

  test("gives its commands options that they have", () => {
    expect(commands.length).toBeGreaterThan(10);
    const known = { gate: gateOptions, calibrate: calibrateOptions } as const;
    for (const line of lines) {
      const [, command] = /npx attnbench (gate|calibrate)/.exec(line) ?? [];
      if (command !== "gate" && command !== "calibrate") continue;
      for (const [, option] of line.matchAll(/ --([a-z-]+)/g)) {
        expect(Object.keys(known[command]), line).toContain(option);
      }
    }
  });

  test("lists every format with its reader", () => {
    const [, table = ""] = guide.split("| format | file | read by |");
    for (const format of COMPARISON_FORMATS) expect(table).toContain(`\`${format}\``);
  });

  test("links only to what is there", () => {
    for (const [, target] of guide.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(root, "docs", target)), target).toBe(true);
    }
  });

  test("quotes the action's inputs, all of them", () => {
    const [, table = ""] = guide.split("| input | meaning |");
    const [inputs] = readFileSync(join(root, "action.yml"), "utf8").split("\noutputs:");
    const names = [...inputs.matchAll(/^ {2}([a-z-]+):$/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) expect(table).toContain(`\`${name}\``);
  });
});

describe("results/README.md", () => {
  const [, blocks = ""] = readFileSync(join(root, "results/README.md"), "utf8").split("\n## Blocks\n");

  /** The names of an object's fields, and of those within them. */
  function fieldsIn(schema: unknown): readonly string[] {
    if (typeof schema !== "object" || schema === null) return [];
    const { properties = {} } = schema as { properties?: Record<string, unknown> };
    return [...Object.keys(properties), ...Object.values(schema).flatMap(fieldsIn)];
  }

  // What a run's line holds as well is told there.
  const toldAbove = new Set(fieldsIn(z.toJSONSchema(environment)));
  const fields = [...new Set(fieldsIn(z.toJSONSchema(blocksLine)))].filter((name) => !toldAbove.has(name));

  test("names every field of a file of blocks", () => {
    expect(fields.length).toBeGreaterThan(50);
    for (const field of fields) {
      expect(blocks, field).toContain(`\`${field}\``);
    }
  });
});

describe("docs/library.md", () => {
  const page = readFileSync(join(root, "docs/library.md"), "utf8");
  const example = readFileSync(join(root, "test/library/example.ts"), "utf8");
  const folder = scratchFolder();

  test("quotes its example whole", () => {
    expect(/<!-- example -->\n+```ts\n(.*?)```\n+<!-- \/example -->/s.exec(page)?.[1]).toBe(example);
  });

  test("has an example that runs as it stands, and prints nothing of its own", () => {
    installSurface(folder.path);
    writeFileSync(join(folder.path, "example.ts"), example);
    const words = { cwd: folder.path, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["example.ts"], words);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(
      /^(\S+ measured \n){8}((local|full) at \d+: [\d.]+ µs\n){4}.* 256 \w+, 512 \w+\n$/,
    );
    expect(readFileSync(join(folder.path, "index.html"), "utf8")).toContain("<svg");
    expect(readdirSync(folder.path).sort()).toEqual([
      "example.ts",
      "index.html",
      "narrow.jsonl",
      "node_modules",
      "summary.md",
      "wide.jsonl",
    ]);
  });

  test("links only to what is there", () => {
    for (const [, target] of page.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(root, "docs", target)), target).toBe(true);
    }
  });
});

/** Makes this checkout's sources what `import … from "attnbench"` gives in a folder. */
function installSurface(folder: string): void {
  const own = join(folder, "node_modules/attnbench");
  mkdirSync(own, { recursive: true });
  const surface = JSON.stringify(pathToFileURL(join(root, "src/index.ts")).href);
  writeFileSync(join(own, "package.json"), '{"type":"module","exports":"./index.js"}');
  writeFileSync(join(own, "index.js"), `export * from ${surface};`);
}

test("the ten lines for any CI are ten", () => {
  expect(code(between("ten lines"), "bash")[0].trim().split("\n").length).toBe(10);
});

test.each([
  ["same", { runs: 198, alarms: 0, found: null }],
  ["slower-5", { runs: 30, alarms: 0, found: 30 }],
  ["slower-10", { runs: 29, alarms: 0, found: 29 }],
])("the raw blocks of %s say what the guide says of them", (name, { runs, alarms, found }) => {
  const { falseAlarms, detected, cells } = calibrationOf(readBlocks(`results/proof/${name}.jsonl.gz`));
  expect(falseAlarms).toMatchObject({ count: alarms, of: runs });
  expect(detected?.count ?? null).toBe(found);
  expect(detected?.of ?? null).toBe(found);
  expect(Math.max(...cells.map(({ detectable }) => detectable))).toBeLessThan(0.036);
});
