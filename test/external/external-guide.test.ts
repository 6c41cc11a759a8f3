import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { Dialogue, PYTHON_FOLDER } from "./dialogue.ts";
import { attended, expectNear } from "./plain-attention.ts";
import { pythonWith } from "./pythons.ts";
import { caseOf, numbersOf, SharedCase, unwritten } from "./shared-case.ts";

const root = resolve(import.meta.dirname, "../..");
const guide = readFileSync(join(root, "docs/external-kernels.md"), "utf8");
const folder = scratchFolder();
const python = pythonWith();
const withAttention = pythonWith("torch.nn.attention");

function code(language: string): readonly string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, body]) => body);
}

/** Whether a program's only kernel computes softmax attention over a pattern. */
async function expectRight(words: readonly string[], id: string): Promise<void> {
  const dialogue = new Dialogue(words);
  const shared = new SharedCase(dialogue);
  try {
    const shape = [1, 2, 4, 2];
    const qkv = { q: numbersOf(shape, 1), k: numbersOf(shape, 2), v: numbersOf(shape, 3) };
    const pattern = [
      [
        [0, 2],
        [0, 1, 2, 3],
        [1, 4],
        [0, 4],
      ],
    ];
    const { call, answer } = await shared.prepare(id, caseOf({ heads: 2 }), qkv, unwritten(shape), pattern);
    expect(answer).toEqual({ ok: {} });
    const { answers, out } = await shared.output(call);
    expect(answers[1]).toEqual({ ok: { dtype: "float32", shape } });
    expectNear(out, attended(qkv, pattern));
  } finally {
    shared.remove();
    await dialogue.end();
  }
}

test("the guide's kernel in TypeScript computes what is right", async () => {
  const [example] = code("ts");
  const own = pathToFileURL(join(root, "src/kernels/external/child/serve-kernels.ts")).href;
  const program = folder.write("example.ts", example.replace('"attnbench"', JSON.stringify(own)));
  await expectRight([process.execPath, program], "plain-softmax");
});

test("the guide's kernel of PyTorch computes what is right", async (context) => {
  if (withAttention === null)
    context.skip("no python3 here has PyTorch 2: the guide's first kernel is not tried");
  await expectRight([withAttention ?? "", folder.write("sdpa.py", code("python")[0])], "torch-sdpa");
});

test("the guide's kernels in Python are Python", (context) => {
  if (python === null) context.skip("no python3 here: the guide's kernels are not read");
  expect(code("python").length).toBe(2);
  for (const [at, example] of code("python").entries()) {
    const file = folder.write(`example-${at}.py`, example);
    const parsed = spawnSync(
      python ?? "",
      ["-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", file],
      {
        encoding: "utf8",
      },
    );
    expect(parsed).toMatchObject({ status: 0, stderr: "" });
  }
});

test("the guide tells every option of @kernel and everything that a case gives", (context) => {
  if (python === null) context.skip("no python3 here: the guide is not compared with attnbench_kernel.py");
  const names = [
    "import inspect, attnbench_kernel as a",
    "print(*inspect.signature(a.kernel).parameters)",
    "print(*(name for name in vars(a.Case) if not name.startswith('_')))",
    "print(*a.Case.__annotations__)",
  ];
  const { stdout } = spawnSync(python ?? "", ["-c", names.join("\n")], {
    env: { ...process.env, PYTHONPATH: PYTHON_FOLDER },
    encoding: "utf8",
  });
  const [options, methods, data] = stdout.split("\n").map((line) => line.split(" "));
  expect([options.length, methods.length, data.length]).toEqual([13, 13, 20]);
  for (const option of options.slice(1)) expect(guide).toContain(`| \`${option}\` |`);
  for (const method of methods) expect(guide).toContain(`case.${method}`);
  for (const name of data) expect(guide).toContain(`"${name}": `);
});

test("the guide links only to what is there", () => {
  const prose = guide.replace(/^```.*?^```$/gms, "");
  for (const [, target] of prose.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
    expect(existsSync(join(root, "docs", target)), target).toBe(true);
  }
});
