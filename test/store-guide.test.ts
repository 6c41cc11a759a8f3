import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { withTables } from "../scripts/store-tables.ts";
import { TABLE_NAMES, TABLES } from "../src/store/tables.ts";
import { commandHost } from "./commands/hosted.ts";
import { scratchFolder } from "./input/scratch-folder.ts";
import { commandLines, root, wordsOf } from "./readme-commands.ts";

const guide = readFileSync(join(root, "docs/store.md"), "utf8");

describe("docs/store.md", () => {
  const folder = scratchFolder().path;
  beforeAll(() => {
    mkdirSync(join(folder, "results"));
    for (const name of ["example.jsonl", "example-decode.jsonl"]) {
      copyFileSync(join(root, "results", name), join(folder, "results", name));
    }
  });
  const hosted = commandHost(folder);

  test.each(commandLines(guide))("%s does what it says", async (line) => {
    const { code, stdout, stderr } = await hosted(wordsOf(line));
    expect(stderr).not.toMatch(/attnbench:|^\s+at /m);
    expect({ line, code }).toEqual({ line, code: 0 });
    expect(stdout).not.toBe("");
  });

  test("has the tables as they are declared: npm run docs:store writes them", () => {
    expect(guide).toBe(withTables(guide));
  });

  test("has every column of every table, with its type", () => {
    for (const table of TABLE_NAMES) {
      const section = guide.split(`### \`${table}\``)[1]?.split("### ")[0] ?? "";
      for (const { name, path } of TABLES[table].columns) {
        if (table === "replaced" && path !== undefined) continue;
        expect(section).toMatch(
          new RegExp(`^\\| \`${name}\` \\| (text|JSON|integer|double|boolean|list)`, "m"),
        );
      }
    }
  });

  test("takes meanings from the comments of the schema", () => {
    expect(guide).toContain(
      "| `at_s` | double | s | Seconds from the start of the run to the start of the round's slot. |",
    );
    expect(guide).toContain("| `cpu_features` | JSON, NULL |  | Whether the processor has what kernels use");
    // Comments stand before fields, before fields of what they extend, and before the constants that fields are.
    expect(guide).toMatch(/\| `alignment` \| text, NULL \| {2}\| Where the queries of a causal call stand/);
    expect(guide).toMatch(
      /\| `mode` \| text \| {2}\| What one call is; .* The column then holds `forward`\. \|/,
    );
  });

  test("leads only to what is there", () => {
    for (const [, target] of guide.matchAll(/\]\((?!http)([^)#]+)/g)) {
      expect(existsSync(join(root, "docs", target)), target).toBe(true);
    }
  });
});
