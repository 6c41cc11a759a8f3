import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { beforeAll, expect } from "vitest";
import { SAMPLES } from "../src/input/samples.ts";
import { writeSafetensors } from "../src/input/write-safetensors.ts";
import { rawGraph } from "./input/raw-graphs.ts";
import { scratchFolder } from "./input/scratch-folder.ts";

export const root = resolve(import.meta.dirname, "..");
export const readme = readFileSync(join(root, "README.md"), "utf8");
export const variantsGuide = readFileSync(join(root, "variants/README.md"), "utf8");

/** The lines of all blocks of a language. */
function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
    ([, body]) => body,
  );
}

export function commandLines(markdown: string): string[] {
  return blocks(markdown, "sh").flatMap((block) => block.trim().split("\n"));
}

/** What the README starts with. */
export const setUp: readonly string[] = ["npm ci && npm start", "npm ci && npm test"];

/** Whether a command is only tried in `npm run test:long`: it checks hundreds of shapes, or starts dozens of processes. */
export function takesLong(line: string): boolean {
  return / (gate|calibrate|check)( |$)/.test(line);
}

/** Whether a command takes a Python with PyTorch. */
export function takesTorch(line: string): boolean {
  return / --kernel \S*(mine\.py|torch-)/.test(line);
}

/** What was typed after `npx attnbench`. */
export function wordsOf(line: string): readonly string[] {
  const words = line.replace(/\s+#.*$/, "").split(/\s+/);
  expect(words.slice(0, 2)).toEqual(["npx", "attnbench"]);
  return words.slice(2);
}

/** Runs a line through the launcher of the given checkout. */
export function runLine(line: string, folder: string, checkout: string) {
  const launcher = join(checkout, "src/launch.js");
  return spawnSync(process.execPath, [launcher, ...wordsOf(line)], { cwd: folder, encoding: "utf8" });
}

/** A checkout in which `variants/README.md` was followed. */
export function guidedCheckout(): string {
  const checkout = scratchFolder().path;
  beforeAll(() => {
    copyCheckout(checkout);
    mkdirSync(join(checkout, "results"));
    const [declaration] = blocks(variantsGuide, "ts");
    writeFileSync(join(checkout, "variants/sparse/etc.ts"), declaration);
    const index = readFileSync(join(checkout, "variants/sparse/index.ts"), "utf8")
      .replace("import { stride }", 'import { etc } from "./etc.ts";\nimport { stride }')
      .replace("  bigbird,\n", "  bigbird,\n  etc,\n");
    writeFileSync(join(checkout, "variants/sparse/index.ts"), index);
  });
  return checkout;
}

/** What runs of a checkout, with what is installed in this one. */
export function copyCheckout(checkout: string): void {
  for (const name of ["src", "variants", "package.json"]) {
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
}

/** A folder with the files that the README's commands name, in one of its own. */
export function readersFolder(): string {
  const folder = join(scratchFolder().path, "head");
  beforeAll(() => {
    mkdirSync(join(folder, "results"), { recursive: true });
    mkdirSync(join(folder, "old"));
    copyFileSync(join(root, "test/golden/small.safetensors"), join(folder, "captured.safetensors"));
    const ring = {
      indptr: Array.from({ length: 49 }, (_, node) => node),
      next: (node: number) => (node + 1) % 48,
    };
    writeFileSync(
      join(folder, "graph.safetensors"),
      rawGraph(48, {
        "edges.indptr": { dtype: "I64", values: ring.indptr },
        "edges.indices": { dtype: "I64", values: ring.indptr.slice(0, 48).map(ring.next) },
      }),
    );
    const gate = (value: number) => ({
      dtype: "F32" as const,
      shape: [1, 1, 48, 1],
      values: Array<number>(48).fill(value),
    });
    writeFileSync(join(folder, "gates.safetensors"), rawGraph(48, { g: gate(-0.25), beta: gate(0.5) }));
    const wave = (...shape: readonly number[]) => ({
      shape,
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => Math.sin(1.7 * at)),
    });
    writeSafetensors(join(folder, "layer.safetensors"), {
      x: wave(1, 48, 32),
      in_proj_weight: wave(96, 32),
      in_proj_bias: wave(96),
      "out_proj.weight": wave(32, 32),
      "out_proj.bias": wave(32),
    });
    for (const sink of ["sink.ts", "old/sink.ts"]) {
      copyFileSync(join(root, "test/plugin/sink.ts"), join(folder, sink));
    }
    copyFileSync(join(root, "test/plugin/fading.ts"), join(folder, "fading.ts"));
    const sweep = blocks(readme, "yaml").find((block) => block.startsWith("name: zoo\n")) ?? "";
    writeFileSync(
      join(folder, "sweep.yaml"),
      sweep.replace("256..4k", "[32, 64]").replace(/rounds: \d+/, "rounds: 2"),
    );
    writeFileSync(join(folder, "mine.py"), blocks(readme, "python").join(""));
    copyFileSync(join(root, "README.md"), join(folder, "README.md"));
    copyFileSync(SAMPLES.image, join(folder, "photo.png"));
    copyFileSync(SAMPLES.graph, join(folder, "friends.txt"));
  });
  return folder;
}
