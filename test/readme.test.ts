import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withVariants } from "../scripts/readme-variants.ts";
import { variants } from "../variants/index.ts";
import { commandHost } from "./commands/hosted.ts";
import { pythonWith } from "./external/pythons.ts";
import {
  commandLines,
  guidedCheckout,
  readersFolder,
  readme,
  root,
  runLine,
  setUp,
  takesLong,
  takesTorch,
  variantsGuide,
  wordsOf,
} from "./readme-commands.ts";

describe("the README", () => {
  const folder = readersFolder();
  const commands = commandLines(readme).filter((line) => !setUp.includes(line) && !takesLong(line));

  test("starts with the two lines that do all the set-up", () => {
    expect(commandLines(readme).slice(0, 2)).toEqual(setUp);
  });

  const hosted = commandHost(folder);

  // What takes long is tried by readme.long.test.ts.
  test.for(commands)("%s does what it says, at small lengths", async (line, { skip }) => {
    const python = takesTorch(line) ? pythonWith("torch.nn.attention") : "";
    if (python === null) skip("no python3 here has PyTorch 2: the kernel in Python is not tried");
    const small = line
      .replace(/--lengths \S+/, "--lengths 32,64")
      .replace(/--rounds \d+/, "--rounds 2")
      // What was measured here is of no commit, or of one that nobody has.
      .replace(/ history add \S+/, `$& --commit ${"c".repeat(40)} --committed 2026-01-01`)
      .replace(/ train --quick/, " train --quick --variants full,linear --steps 10");
    const { code, stdout, stderr } = await hosted(
      wordsOf(python === "" ? small : `${small} --python ${python}`),
    );
    expect(stderr).not.toMatch(/attnbench:|^\s+at /m);
    expect({ line, code }).toEqual({ line, code: 0 });
    expect(stdout).not.toBe("");
  });

  test("npm start runs the main job and makes the report", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const [program, launcher, ...words] = scripts.start.split(" ");
    expect([program, launcher]).toEqual(["node", "src/launch.js"]);
    const quick = [...words, "--lengths", "32,48", "--rounds", "1"];
    const stdout = execFileSync(process.execPath, [join(root, launcher), ...quick], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const page = /wrote (reports\/\S+\/index\.html)/.exec(stdout)?.[1] ?? "";
    expect(readFileSync(join(folder, page), "utf8")).toContain("<svg");
  });

  test("quotes the plug-in example whole", () => {
    const quoted = /<!-- plugin -->\n+```ts\n(.*?)```\n+<!-- \/plugin -->/s.exec(readme)?.[1];
    expect(quoted).toBe(readFileSync(join(root, "test/plugin/sink.ts"), "utf8"));
  });

  test("quotes the example of a kind whole", () => {
    const quoted = /<!-- kind -->\n+```ts\n(.*?)```\n+<!-- \/kind -->/s.exec(readme)?.[1];
    expect(quoted).toBe(readFileSync(join(root, "test/plugin/fading.ts"), "utf8"));
  });

  test("links only to what is there", () => {
    for (const [, target] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
      if (target.startsWith("https://arxiv.org/abs/")) continue;
      expect(() => readFileSync(join(root, target)), target).not.toThrow();
    }
  });

  test("lists the variants as they are declared", () => {
    expect(readme, "run npm run docs:variants").toBe(withVariants(readme));
    for (const { id } of variants) expect(readme).toContain(`| \`${id}\` | `);
  });
});

describe("variants/README.md", () => {
  const checkout = guidedCheckout();
  const lines = commandLines(variantsGuide).filter((line) => !takesLong(line));
  test.each(lines)("adds a variant with one file and one line, so that %s works", (line) => {
    const small = line.includes(" run ") ? `${line} --lengths 64 --rounds 1` : line;
    const { status, stdout } = runLine(small, checkout, checkout);
    expect({ line, status }).toEqual({ line, status: 0 });
    expect(stdout).toContain("etc");
  });
});
