import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratchFolder } from "./input/scratch-folder.ts";

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
const snippet = /```python\n(.*?)```/s.exec(readme)?.[1] ?? "";
const folder = scratchFolder();
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** Stands for PyTorch and safetensors as far as the snippet knows them: what it saves and what it passes on is printed. */
const STAND_IN = `
import json, sys, types
class Tensor:
    def __init__(self, name): self.name = name
    def detach(self): return self
    cpu = contiguous = detach
def named(value): return value.name if isinstance(value, Tensor) else value
calls = []
def attention(*args, **kwargs):
    calls.append({"args": [named(a) for a in args], "kwargs": {n: named(a) for n, a in kwargs.items()}})
    return "the output"
def save_file(tensors, path, metadata=None):
    assert all(isinstance(t, Tensor) for t in tensors.values())
    assert all(isinstance(m, str) for m in metadata.values())
    calls.append({"saved": {n: t.name for n, t in tensors.items()}, "path": path, "metadata": metadata})
functional = types.ModuleType("torch.nn.functional")
functional.scaled_dot_product_attention = attention
for name in ["torch", "torch.nn", "safetensors", "safetensors.torch"]: sys.modules[name] = types.ModuleType(name)
sys.modules["torch.nn"].functional = functional
sys.modules["torch.nn.functional"] = functional
sys.modules["safetensors.torch"].save_file = save_file
q, k, v, m = (Tensor(name) for name in "qkvm")
`;

/** What the snippet saves, and passes on, where a model calls it with these words of Python. */
function calledWith(words: string) {
  const path = join(folder.path, "called.py");
  const call = `returned = functional.scaled_dot_product_attention(${words})\nprint(json.dumps([returned, *calls]))\n`;
  writeFileSync(path, `${STAND_IN}${snippet}\n${call}`);
  const { stdout, stderr } = spawnSync("python3", [path], { encoding: "utf8" });
  expect(stderr).toBe("");
  const [returned, saved, passed] = JSON.parse(stdout);
  expect(returned).toBe("the output");
  return { saved, passed };
}

describe.skipIf(!hasPython)("the README's capture of a call", () => {
  const none = { scale: "None", is_causal: "None", dropout_p: "None" };
  it.each<[string, object, object, object]>([
    ["q, k, v", { q: "q", k: "k", v: "v" }, none, { args: ["q", "k", "v"], kwargs: {} }],
    [
      "q, k, v, m, 0.0, True",
      { q: "q", k: "k", v: "v", mask: "m" },
      { ...none, is_causal: "True", dropout_p: "0.0" },
      { args: ["q", "k", "v", "m", 0, true], kwargs: {} },
    ],
    [
      "query=q, key=k, value=v, attn_mask=m, dropout_p=0.0, is_causal=False, scale=0.125, enable_gqa=False",
      { q: "q", k: "k", v: "v", mask: "m" },
      { scale: "0.125", is_causal: "False", dropout_p: "0.0" },
      {
        args: [],
        kwargs: {
          query: "q",
          key: "k",
          value: "v",
          attn_mask: "m",
          dropout_p: 0,
          is_causal: false,
          scale: 0.125,
          enable_gqa: false,
        },
      },
    ],
    [
      "q, key=k, value=v, attn_mask=None, scale=None",
      { q: "q", k: "k", v: "v" },
      none,
      { args: ["q"], kwargs: { key: "k", value: "v", attn_mask: null, scale: null } },
    ],
  ])("saves all of (%s) and passes it on as it is", (words, tensors, metadata, passed) => {
    const call = calledWith(words);
    expect(call.saved).toEqual({ saved: tensors, path: "captured.safetensors", metadata });
    expect(call.passed).toEqual(passed);
  });
});
