import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { joinTensorWords } from "../../src/commands/words/tensor-words.ts";
import { capturedFile } from "../../src/input/captured.ts";
import { tensorNames } from "../../src/input/tensor-names.ts";
import { writeSafetensors } from "../../src/input/write-safetensors.ts";
import { rawSafetensors } from "./raw-files.ts";
import { refusal } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const one = { shape: [1, 1, 1, 1], data: Float32Array.of(7) };

describe("names of tensors", () => {
  it.each<[string, string]>([
    [
      "model.layers.{3}.self_attn.{q,k,v}",
      "model.layers.3.self_attn.q model.layers.3.self_attn.k model.layers.3.self_attn.v",
    ],
    ["a.q,a.k,a.v", "a.q a.k a.v"],
    [" a.{q, k, v} , a.mask ", "a.q a.k a.v a.mask"],
    ["{query,key,value}_states", "query_states key_states value_states"],
    ["{a,b,c}{}", "a b c"],
  ])("%s stand for %s", (typed, names) => {
    expect(
      Object.values(tensorNames(typed, []))
        .filter((name) => name !== null)
        .join(" "),
    ).toBe(names);
  });

  it.each([
    ["q,k", "got 2 names in 'q,k'"],
    ["layers.{1,2}.{q,k,v}", "got 6 names"],
    ["q", "got 1 name in 'q'"],
    ["q,,v", "got 3 names"],
    ["a.{q,{k,v}}", "braces must come in pairs"],
    ["a.{q,k,v", "braces must come in pairs"],
    [`${"{a,b}".repeat(9)}`, "more than 64 names"],
  ])("%s are refused", (typed, message) => {
    expect(refusal(() => tensorNames(typed, []))).toContain(message);
  });

  it("may be words of their own, as a shell writes them out, and leave others alone", () => {
    const layer = ["a.3.q", "a.3.k", "a.3.v"];
    expect(joinTensorWords(["apply", "--tensors", ...layer, "local"])).toEqual([
      "apply",
      "--tensors",
      layer.join(),
      "local",
    ]);
    expect(joinTensorWords(["run", "--tensors", ...layer, "a.3.mask", "--causal"])).toEqual([
      "run",
      "--tensors",
      `${layer.join()},a.3.mask`,
      "--causal",
    ]);
    expect(joinTensorWords([`--tensors=${layer[0]}`, ...layer.slice(1), "full"])).toEqual([
      `--tensors=${layer.join()}`,
      "full",
    ]);
    for (const words of [
      ["--tensors", "q,k,v", "full"],
      ["--tensors"],
      ["--tensors", "--json"],
      ["--tensors", "{q,k,v}", "full"],
      ["run", "--seed", "3"],
    ]) {
      expect(joinTensorWords(words)).toEqual(words);
    }
  });

  it("choose among the tensors of a file, and are told what comes near", () => {
    const path = join(folder.path, "layers.safetensors");
    const names = [0, 1].flatMap((layer) =>
      ["q", "k", "v"].map((name) => `layers.${layer}.self_attn.${name}`),
    );
    writeSafetensors(path, Object.fromEntries(names.map((name) => [name, one])));
    const source = capturedFile(path, "layers.{1}.self_attn.{q,k,v}");
    expect(source.name).toBe(
      `file:${path} (layers.1.self_attn.q, layers.1.self_attn.k, layers.1.self_attn.v)`,
    );
    expect(refusal(() => capturedFile(path))).toContain(
      "name them with --tensors 'layers.0.self_attn.{q,k,v}'",
    );
    expect(refusal(() => capturedFile(path, "layers.{1}.self_atn.{q,k,v}"))).toMatch(
      /must hold a tensor 'layers\.1\.self_atn\.q', got layers\.1\.self_attn\.q, layers\.0\.self_attn\.q, (?!.*--tensors)/,
    );
  });

  it("say that a checkpoint holds weights, and list no more than a few of its names", () => {
    const names = Array.from({ length: 300 }, (_, layer) => `model.layers.${layer}.q_proj.weight`);
    const empty = { dtype: "F32", shape: [0], data_offsets: [0, 0] };
    const header = Object.fromEntries(names.map((name) => [name, empty]));
    const path = folder.write("weights.safetensors", rawSafetensors(header));
    expect(refusal(() => capturedFile(path))).toMatch(
      /and 292 more; these are a model's weights: capture q, k and v/,
    );
  });
});
