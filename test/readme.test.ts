import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The lines of all blocks of a language. */
function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
    ([, body]) => body,
  );
}

function commandLines(markdown: string): string[] {
  return blocks(markdown, "sh").flatMap((block) => block.trim().split("\n"));
}

/** Runs `npx attnbench …` as typed, through the launcher of the given checkout. */
function runLine(line: string, folder: string, checkout: string) {
  const words = line.replace(/\s+#.*$/, "").split(/\s+/);
  expect(words.slice(0, 2)).toEqual(["npx", "attnbench"]);
  const launcher = join(checkout, "src/launch.js");
  return spawnSync(process.execPath, [launcher, ...words.slice(2)], { cwd: folder, encoding: "utf8" });
}

/** What runs of a checkout, with what is installed in this one. */
function copyCheckout(checkout: string): void {
  for (const name of ["src", "variants", "package.json"]) {
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
}

/** The same with few and small cells, where it would take minutes. */
function quick(line: string): string {
  if (!/ calibrate| gate --base /.test(line)) return line;
  const cells = line.includes("--variants") ? "" : " --variants linear --lengths 64";
  const runs = line.includes(" calibrate") ? " --runs 1" : "";
  return `${line}${cells}${runs} --cell-time 20ms --blocks 2`;
}

describe("the README", () => {
  let parent: string;
  let folder: string;
  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), "attnbench-readme-"));
    folder = join(parent, "head");
    mkdirSync(join(folder, "results"), { recursive: true });
    // Two checkouts, for the gate.
    for (const checkout of [folder, join(parent, "base")]) copyCheckout(checkout);
    copyFileSync(join(root, "test/golden/small.safetensors"), join(folder, "captured.safetensors"));
    mkdirSync(join(folder, "old"));
    for (const sink of ["sink.ts", "old/sink.ts"]) {
      copyFileSync(join(root, "test/plugin/sink.ts"), join(folder, sink));
    }
    copyFileSync(join(root, "README.md"), join(folder, "README.md"));
  });
  afterAll(() => rmSync(parent, { recursive: true }));

  const setUp = ["npm ci && npm start", "npm ci && npm test"];
  const commands = commandLines(readme).filter((line) => !setUp.includes(line));

  test("starts with the two lines that do all the set-up", () => {
    expect(commandLines(readme).slice(0, 2)).toEqual(setUp);
  });

  test.each(commands)("%s does what it says", { timeout: 180_000 }, (line) => {
    const { status, stdout, stderr } = runLine(quick(line), folder, root);
    expect(stderr).not.toMatch(/attnbench:|^\s+at /m);
    // What is measured in turn may be told that it could not be, on a busy machine.
    const inTurn = / (gate|calibrate) /.test(`${line} `);
    expect({ line, status }).toEqual({ line, status: inTurn && status === 3 ? 3 : 0 });
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

  test("links only to what is there", () => {
    for (const [, target] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
      expect(() => readFileSync(join(root, target)), target).not.toThrow();
    }
  });
});

describe("variants/README.md", () => {
  const guide = readFileSync(join(root, "variants/README.md"), "utf8");
  let checkout: string;
  beforeAll(() => {
    checkout = mkdtempSync(join(tmpdir(), "attnbench-checkout-"));
    copyCheckout(checkout);
    mkdirSync(join(checkout, "results"));
    const [declaration] = blocks(guide, "ts");
    writeFileSync(join(checkout, "variants/streaming.ts"), declaration);
    const index = readFileSync(join(checkout, "variants/index.ts"), "utf8")
      .replace("import { stride }", 'import { streaming } from "./streaming.ts";\nimport { stride }')
      .replace("bigbird, linear]", "bigbird, linear, streaming]");
    writeFileSync(join(checkout, "variants/index.ts"), index);
  });
  afterAll(() => rmSync(checkout, { recursive: true }));

  test.each(commandLines(guide))("adds a variant with one file and one line, so that %s works", (line) => {
    const quick = line.includes(" run ") ? `${line} --lengths 64 --rounds 1` : line;
    const { status, stdout } = runLine(quick, checkout, checkout);
    expect({ line, status }).toEqual({ line, status: 0 });
    expect(stdout).toContain("streaming");
  });
});
