import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { WORKLOAD_FORMS } from "../src/input/workloads.ts";
import { commandHost } from "./commands/hosted.ts";
import { commandLines, readersFolder, root, wordsOf } from "./readme-commands.ts";

const guide = readFileSync(join(root, "docs/workloads.md"), "utf8");

describe("docs/workloads.md", () => {
  const hosted = commandHost(readersFolder());

  test.each(commandLines(guide))("%s does what it says", async (line) => {
    const { code, stdout, stderr } = await hosted(wordsOf(line.replace(/--lengths \S+/, "--lengths 64,128")));
    expect(stderr).not.toMatch(/attnbench:|^\s+at /m);
    expect({ line, code }).toEqual({ line, code: 0 });
    expect(stdout).not.toBe("");
    expect(stderr).toMatch(/^(text|speech|image|graph): .* → 1 × 1 heads of 64$/m);
  });

  test("tells every form", () => {
    const told = [...guide.matchAll(/^\| `([^`]+)` \|/gm)].map(([, form]) => form);
    const forms = WORKLOAD_FORMS.flatMap((form) =>
      form.includes("[") ? [form.replace(/\[.*\]/, ""), form.replace(/[[\]]/g, "")] : [form],
    );
    expect(told).toEqual(forms);
  });
});
